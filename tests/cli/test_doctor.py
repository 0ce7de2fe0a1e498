"""``broker-sync ibkr doctor`` examines files, or what was kept last, and changes nothing."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from broker_sync.cli.doctor import run_doctor
from broker_sync.errors import SettingsError
from broker_sync.providers.ibkr import Document

from .statements import ACCOUNT, good

Write = Callable[..., Path]
Out = pytest.CaptureFixture[str]


def test_a_statement_that_would_be_booked_ends_with_0(write: Write, capsys: Out, data_dir: Path) -> None:
    assert run_doctor(files=[write(good())], as_json=False) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == f"statement.xml: account {ACCOUNT}, 2026-05-01 to 2026-05-31"
    assert out.splitlines()[-1].startswith("statement.xml: would be booked; to be mended: 1, missing: ")
    assert (err, data_dir.exists()) == ("", False)


def test_a_statement_that_would_be_refused_ends_with_3_and_is_explained(write: Write, capsys: Out) -> None:
    assert run_doctor(files=[write("BOF,U1234567,Test", "report.csv")], as_json=False) == 3
    out = capsys.readouterr().out
    assert "it is a CSV statement. Set the format of the Flex query to XML." in out
    assert "  Delivery Configuration > Format > XML\n" in out
    assert out.endswith("report.csv: would be refused\n")


def test_another_accounts_statement_is_one_that_would_be_refused(
    write: Write, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IBKR_ACCOUNT_ID_UPSTREAM", "U7654321")
    assert run_doctor(files=[write(good())], as_json=False) == 3
    assert "the configured account is U7654321" in capsys.readouterr().out


def test_several_files_are_examined_each_once(write: Write, capsys: Out) -> None:
    one, other = write(good(), "one.xml"), write("", "other.xml")
    assert run_doctor(files=[one, other, one], as_json=True) == 3
    told = json.loads(capsys.readouterr().out)
    assert (told["provider"], told["outcome"]) == ("ibkr", "refused")
    assert [each["document"] for each in told["documents"]] == ["one.xml", "other.xml"]


def test_the_verdicts_of_several_files_stand_together_at_the_end(write: Write, capsys: Out) -> None:
    run_doctor(files=[write(good(), "one.xml"), write("", "other.xml")], as_json=False)
    first, last = capsys.readouterr().out.splitlines()[-2:]
    assert (first.startswith("one.xml: would be booked"), last) == (True, "other.xml: would be refused")


def test_without_a_file_the_latest_statement_is_examined(write: Write, capsys: Out) -> None:
    def latest() -> Sequence[Document]:
        return [Document(write(good(), "latest.xml"))]

    assert run_doctor(files=[], as_json=False, latest=latest) == 0
    assert capsys.readouterr().out.startswith("latest.xml: account ")


def test_with_a_file_nothing_else_is_looked_for(write: Write, capsys: Out) -> None:
    def latest() -> Sequence[Document]:
        raise AssertionError("the archive was opened")

    assert run_doctor(files=[write(good())], as_json=False, latest=latest) == 0
    assert capsys.readouterr().out


def test_with_nothing_to_examine_the_user_learns_where_to_get_a_statement() -> None:
    with pytest.raises(SettingsError, match="Run the query in Client Portal") as caught:
        run_doctor(files=[], as_json=False)
    assert caught.value.exit_code == 2
