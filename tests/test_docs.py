"""What the pages say is true: links lead somewhere, commands run and print what is shown, figures agree."""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import pytest

from broker_sync import demo, errors
from broker_sync.cli import main
from broker_sync.providers.ibkr.mapping import RECORDS
from broker_sync.providers.ibkr.sections import BOOKED
from broker_sync.reconcile import CASH_TOLERANCE, SHARE_TOLERANCE
from broker_sync.settings import load_settings, wants_tracebacks

from . import pages

if not (pages.ROOT / "Makefile").is_file():
    pytest.skip("the pages speak of files that only a checkout has", allow_module_level=True)

from scripts import records_doc  # is one of them

PAGES = pages.pages()
NOT_OURS = {"CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"}
"""Pages that also name files which are still to be written."""

OF_OURS = re.compile(r"\b(?:(?:IBKR|WF|BROKER_SYNC|PUSHGATEWAY)_[A-Z_]+|NO_COLOR)\b")
A_FILE = re.compile(r"(?:[\w.-]+/)*[\w.-]+\.(?:py|md|xml|toml|yml|sh)|(?:[\w.-]+/)+")
A_MEASURE = re.compile(r"\d[\d,.]*\s(?:s|MiB|MB)\b")

README = pages.text_of("README.md")
SETTINGS = pages.text_of("docs/settings.md")


# --- links and names ---


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    lost = []
    for link in pages.links(pages.text_of(page)):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (pages.ROOT / page).parent / name if name else pages.ROOT / page
        if not target.exists() or (anchor and anchor not in pages.anchors(target.read_text("utf-8"))):
            lost.append(link)
    assert lost == []


def is_there(name: str, page: str) -> bool:
    """Whether there is such a file, from the root, the package or the page; a bare name may be anywhere."""
    places = (pages.ROOT, pages.ROOT / "broker_sync", (pages.ROOT / page).parent)
    if any((place / name).exists() for place in places):
        return True
    folders = [pages.ROOT / folder for folder in ("broker_sync", "tests", "docs", "scripts", "examples")]
    return "/" not in name and any(True for folder in folders for _ in folder.rglob(name))


@pytest.mark.parametrize("page", sorted(set(PAGES) - NOT_OURS))
def test_every_file_that_is_named_is_there(page: str) -> None:
    named = [word for word in pages.code_words(pages.text_of(page)) if A_FILE.fullmatch(word)]
    made_by_users = {"statement.xml"}
    assert [name for name in named if name not in made_by_users and not is_there(name, page)] == []


def test_every_room_of_the_house_is_in_the_design() -> None:
    text = pages.section(pages.text_of("docs/design.md"), "## Rooms")
    rooms = {
        path.stem
        for path in (pages.ROOT / "broker_sync").iterdir()
        if not path.name.startswith("_") and (path.suffix == ".py" or (path / "__init__.py").is_file())
    }
    assert rooms <= set(pages.code_words(text))


# --- settings, options, statuses ---


class Watched(Mapping[str, str]):
    """An environment in which nothing is set, and which knows what it was asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_the_settings_on_their_page_are_those_that_are_read() -> None:
    watched = Watched()
    load_settings(watched)
    wants_tracebacks(watched)
    read = {name for name in watched.asked if not name.endswith("_FILE")}
    assert read <= set(OF_OURS.findall(SETTINGS))


@pytest.mark.parametrize("page", PAGES)
def test_no_page_names_a_setting_that_is_not_read(page: str) -> None:
    assert set(OF_OURS.findall(pages.text_of(page))) <= set(OF_OURS.findall(SETTINGS))


def test_every_option_in_the_readme_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("ibkr", "ibkr backfill", "activities", "replay", "config check", "archive show"):
        with pytest.raises(SystemExit):
            main([*command.split(), "--help"])
    printed = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    named = {option for word in pages.code_words(README) for option in re.findall(r"--[a-z-]+", word)}
    assert named - printed == set()


def all_kinds(kind: type[errors.BrokerSyncError]) -> Iterator[type[errors.BrokerSyncError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from all_kinds(each)


def test_the_readme_lists_every_exit_status() -> None:
    listed = {int(number) for number in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert listed == {0, 4} | {kind.exit_code for kind in all_kinds(errors.BrokerSyncError)}


def test_the_tolerances_in_the_readme_are_those_that_count() -> None:
    assert f"by more than {CASH_TOLERANCE} in cash or {SHARE_TOLERANCE} in units" in README


# --- commands ---

FOLLOWED = "docs/tutorial.md"
"""Its commands are followed, from the first to the last, by test_tutorial.py."""

BLOCKS = [block for page in PAGES if page != FOLLOWED for block in pages.blocks(pages.text_of(page))]
OF_MAKE = [block for block in BLOCKS if block[0].words[0] == "make"]
OF_THE_PROGRAM = [block for block in BLOCKS if block not in OF_MAKE]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, untouched_logging: None) -> Path:  # noqa: ARG001
    """A directory to run in, with the examples, a statement of one's own, and none of the user's settings."""
    for name in [name for name in os.environ if OF_OURS.fullmatch(name)]:  # noqa: TID251  # the tests' own
        monkeypatch.delenv(name)
    monkeypatch.setenv("BROKER_SYNC_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "examples").symlink_to(pages.ROOT / "examples")
    shutil.copy(pages.ROOT / "examples" / "ibkr-demo.xml", tmp_path / "statement.xml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_command_shown_is_one_that_is_checked_here() -> None:
    assert {each.words[0] for each in chain(*OF_MAKE)} <= {"broker-sync", "make"}
    assert {each.words[0] for each in chain(*OF_THE_PROGRAM)} == {"broker-sync"}


def test_every_make_target_that_a_page_names_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (pages.ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {each.words[1] for each in chain(*OF_MAKE) if each.words[0] == "make"}
    for page in PAGES:
        words = pages.code_words(pages.text_of(page))
        named |= {target for word in words for target in re.findall(r"^make ([a-z]+)", word)}
    assert {"demo", "test", "bench"} <= named <= targets


def expanded(word: str) -> list[str]:
    """What a shell makes of a word with a star in it."""
    return sorted(map(str, Path().glob(word))) if "*" in word else [word]


@pytest.mark.parametrize("number", range(len(OF_THE_PROGRAM)))
def test_the_commands_shown_print_what_is_shown(
    number: int, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert (elsewhere / "statement.xml").is_file()
    for each in OF_THE_PROGRAM[number]:
        with monkeypatch.context() as patched:
            for name, value in each.settings.items():
                patched.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main(list(chain.from_iterable(map(expanded, each.words[1:]))))
        printed = capfd.readouterr()
        assert ended.value.code == each.status, printed.err
        assert pages.missing(each.output, printed.out + printed.err) == []


@pytest.mark.slow
def test_the_demo_prints_what_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    (block,) = [block for block in OF_MAKE if any(each.output for each in block)]
    lines = [line for each in block for line in (f"$ {' '.join(each.words)}", *each.output)]
    assert lines[0] == "$ make demo"
    assert demo.main() == 0
    assert pages.missing(lines[1:], capfd.readouterr().out) == []


# --- figures ---


def test_the_figures_in_the_deviations_are_those_of_the_benchmarks() -> None:
    known = set(A_MEASURE.findall(pages.text_of("benchmarks/README.md")))
    entries = re.split(r"^### ", pages.text_of("docs/deviations.md"), flags=re.MULTILINE)
    citing = [entry for entry in entries if "benchmarks/README.md" in entry]
    named = [figure for entry in citing for figure in A_MEASURE.findall(entry)]
    assert len(named) >= 4
    assert set(named) <= known


def test_every_deviation_says_all_four_things() -> None:
    entries = re.split(r"^### ", pages.text_of("docs/deviations.md"), flags=re.MULTILINE)[1:]
    parts = ["Written", "True", "We do", "Evidence"]
    said = {
        entry.splitlines()[0]: re.findall(r"^- \*\*([^*]+):\*\*", entry, re.MULTILINE) for entry in entries
    }
    assert [head for head in said if said[head] != parts] == []
    assert len(entries) > 20


# --- records ---


def test_the_page_of_records_is_what_the_code_does() -> None:
    page = records_doc.PAGE.read_text("utf-8")
    assert list(records_doc.problems(page)) == [], "run: python -m scripts.records_doc --write"


def test_what_the_page_calls_booked_is_what_the_mapping_takes() -> None:
    assert set(RECORDS) == set(BOOKED.items())


def test_a_table_that_is_not_what_the_code_does_is_noticed_and_mended() -> None:
    page = records_doc.PAGE.read_text("utf-8")
    wrong = page.replace("| `Dividends` | `DIVIDEND` |", "| `Dividends` | `FEE` |")
    assert list(records_doc.problems(wrong)) == ["the table cash is not what the code says"]
    assert records_doc.rendered(wrong) == page


def test_a_section_without_a_word_on_it_is_noticed() -> None:
    page = records_doc.PAGE.read_text("utf-8")
    (line,) = [line for line in page.splitlines() if line.startswith("| `FxLots` |")]
    assert list(records_doc.problems(page.replace(line, "| `FxLots` |  |"))) == [
        "the table sections-informational has no notes on `FxLots`"
    ]


def test_a_note_moves_with_its_section() -> None:
    page = records_doc.PAGE.read_text("utf-8")
    (line,) = [line for line in page.splitlines() if line.startswith("| `FxLots` |")]
    end = "<!-- end of table -->"
    moved = page.replace(f"{line}\n", "").replace(end, f"{line}\n{end}", 1)
    assert records_doc.rendered(moved) == page


def test_a_missing_table_is_noticed() -> None:
    (problem,) = records_doc.problems("nothing")
    assert problem.startswith("its tables are none; they should be sections-booked, ")
