"""``[ibkr.cash_types]`` from the file to the books."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.cli.statements import with_rejections
from tests.providers.ibkr.builders import ACCOUNT

Write = Callable[..., Path]


@pytest.mark.parametrize("accounts", ["", f'[[ibkr.accounts]]\nid = "{ACCOUNT}"\n'])
def test_a_type_that_is_set_is_booked_from_then_on(
    cli: Cli, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accounts: str
) -> None:
    file = write(with_rejections())
    before = cli("ibkr", "--file", file, "--json").result["accounts"][0]
    assert [each["reason"] for each in before["rejected"]] == [
        "cash transactions of type 'Gift Voucher' are not known"
    ]
    config = tmp_path / "broker-sync.toml"
    config.write_text(
        f'{accounts}[ibkr.cash_types]\n"Gift Voucher" = {{ type = "CREDIT", subtype = "GIFT" }}\n', "utf-8"
    )
    monkeypatch.setenv("BROKER_SYNC_CONFIG", str(config))
    after = cli("ibkr", "--file", file, "--json").result["accounts"][0]
    assert (after["rejected"], after["new"], after["known"]) == ([], 1, before["new"])
    gifts = [each for each in cli("activities", "--json").objects if each["subtype"] == "GIFT"]
    assert [each["activity_type"] for each in gifts] == ["CREDIT"]


def test_a_type_that_is_booked_otherwise_is_changed_and_changed_back(
    cli: Cli, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(with_rejections())
    config = tmp_path / "broker-sync.toml"
    config.write_text("", "utf-8")
    monkeypatch.setenv("BROKER_SYNC_CONFIG", str(config))
    cli("ibkr", "--file", file)
    for text, kind in (('[ibkr.cash_types]\nDividends = "INTEREST"\n', "INTEREST"), ("", "DIVIDEND")):
        config.write_text(text, "utf-8")
        assert cli("ibkr", "--file", file, "--json").result["accounts"][0]["updated"] == 1
        (booked,) = [
            each for each in cli("activities", "--json").objects if each["cash_effect"] == {"USD": "12.5"}
        ]
        assert booked["activity_type"] == kind


def test_a_query_that_is_no_number_is_told_before_anything_is_asked(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IBKR_FLEX_QUERY_ID", "My query")
    for arguments in (["config", "check"], ["ibkr"]):
        ran = cli(*arguments)
        assert ran.status == 2
        assert (
            "IBKR_FLEX_QUERY_ID is 'My query', but it must be the number of a Flex query" in ran.out + ran.err
        )
