"""``broker-sync anonymise``: what is written where, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Cli
from tests.cli.statements import good

Write = Callable[..., Path]
DEMO = Path(__file__).parents[2] / "examples" / "ibkr-demo.xml"


def test_an_anonymised_statement_is_synced_as_the_original_is(
    cli: Cli, tmp_path: Path, data_dir: Path
) -> None:
    done = tmp_path / "done.xml"
    assert cli("anonymise", DEMO, "--output", done, "--instruments", "--shift-years", "-4").status == 0
    original = cli("ibkr", "--file", DEMO, "--json").result
    data_dir.rename(tmp_path / "other")
    anonymous = cli("ibkr", "--file", done, "--json").result
    assert anonymous["outcome"] == original["outcome"] == "ok"
    (told,), (retold,) = original["accounts"], anonymous["accounts"]
    for count in ("fetched", "new", "imported", "opening", "sections", "compared"):
        assert retold[count] == told[count], count
    assert told["account"] not in done.read_text("utf-8")
    assert {side["drift"] for side in (*retold["positions"], *retold["cash"])} == {"0"}


def test_without_a_file_to_write_it_is_printed_and_advice_goes_apart(cli: Cli, write: Write) -> None:
    ran = cli("anonymise", write(good()))
    assert ran.status == 0
    assert ran.out.startswith("<FlexQueryResponse ")
    assert ran.err.startswith("broker-sync: Look through it before you show it to anybody")


def test_two_calls_agree_under_one_key_only(cli: Cli, write: Write) -> None:
    file = write(good())
    first, second = (cli("anonymise", file, "--key", "a secret").out for _ in range(2))
    assert first == second != cli("anonymise", file).out


def test_several_go_into_a_folder_under_names_that_say_nothing(
    cli: Cli, write: Write, tmp_path: Path
) -> None:
    files = [write(good(), name) for name in ("U1234567_a.xml", "U1234567_b.xml")]
    folder = tmp_path / "done"
    folder.mkdir()
    assert cli("anonymise", *files, "-o", folder).status == 0
    one, other = (folder / name for name in ("statement-1.xml", "statement-2.xml"))
    assert one.read_text("utf-8") == other.read_text("utf-8")
    assert sorted(folder.iterdir()) == [one, other]


def test_what_cannot_be_done_is_said(cli: Cli, write: Write, tmp_path: Path) -> None:
    file, done = write(good()), tmp_path / "done.xml"
    for arguments, status, text in (
        ([file, file], 2, "Several statements are written into a folder"),
        ([file, "-o", file], 2, "--output is the statement itself"),
        ([file, "--key", ""], 2, "--key is empty"),
        ([file, "--shift-years", "3"], 2, "a multiple of 4"),
        ([file, "--shift-years", "-400", "-o", done], 2, "cannot be moved so far"),
        ([file, "-o", tmp_path / "nowhere" / "done.xml"], 1, "cannot be written"),
        ([write("a,b,c", "x.csv"), "-o", done], 3, "it is not XML"),
        ([write(good()[:-20], "cut.xml"), "-o", done], 3, "it is cut off"),
        ([write(good()[:-20], "cut.xml")], 3, "it is cut off"),
        ([write("<other/>", "other.xml"), "-o", done], 3, "not a Flex statement"),
    ):
        ran = cli("anonymise", *arguments)
        assert (ran.status, ran.out) == (status, ""), text
        assert text in ran.err
    assert not done.exists()
    assert not list(tmp_path.glob(".done*"))


def test_nobody_else_may_read_what_is_written(cli: Cli, write: Write, tmp_path: Path) -> None:
    done = tmp_path / "done.xml"
    cli("anonymise", write(good()), "-o", done)
    assert done.stat().st_mode & 0o077 == 0
