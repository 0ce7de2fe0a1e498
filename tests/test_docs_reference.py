"""The reference is what the code says, and a page that is not is noticed."""

import re
from collections.abc import Iterator

import pytest

from broker_sync import errors

from . import pages

if not (pages.ROOT / "scripts" / "reference_doc.py").is_file():
    pytest.skip("the pages are checked by a script that only a checkout has", allow_module_level=True)

from scripts import reference_cli, reference_doc, reference_errors  # are of a checkout

NAMES = list(reference_doc.MADE)
AGAIN = "run: python -m scripts.reference_doc --write"


def text_of(name: str) -> str:
    return (reference_doc.FOLDER / name).read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_the_reference_is_what_the_code_says(name: str) -> None:
    assert list(reference_doc.problems(name, text_of(name))) == [], AGAIN


def test_the_schema_is_what_the_code_says() -> None:
    assert reference_doc.SCHEMA.read_text("utf-8") == reference_doc.schema_text(), AGAIN


def test_an_option_that_is_gone_is_noticed_and_comes_back() -> None:
    page = text_of("cli.md")
    wrong = page.replace("`--dry-run`", "`--wet-run`")
    assert list(reference_doc.problems("cli.md", wrong)) == ["cli.md: it is not what the code says"]
    assert reference_doc.rendered("cli.md", wrong) == page


def test_advice_stays_with_its_error_and_its_absence_is_noticed() -> None:
    page = text_of("errors.md")
    advice = reference_errors.advice_in(page)["TokenExpiredError"]
    assert "new token" in advice
    silent = page.replace(f"{advice} |", " |")
    assert reference_doc.rendered("errors.md", page) == page
    assert "errors.md: nothing is said of what to do about TokenExpiredError" in list(
        reference_doc.problems("errors.md", silent)
    )


def test_a_part_that_is_gone_is_noticed() -> None:
    (problem,) = reference_doc.problems("json.md", "nothing")
    assert problem == "json.md: made in it are none; they should be commands, shapes"


def test_the_reference_has_every_command_and_every_error() -> None:
    commands = text_of("cli.md")
    assert "broker-sync ibkr backfill" in reference_cli.options()
    assert [name for name in reference_cli.options() if f"## `{name}`\n" not in commands] == []
    listed = set(reference_errors.advice_in(text_of("errors.md")))
    assert {kind.__name__ for kind in below(errors.BrokerSyncError)} <= listed


NOT_OURS = {"--help", "-h"}
OF_OTHERS = re.compile(r"\b(?:kubectl|helm|docker|git)\b")
"""Programs that have something else called broker-sync among their arguments."""
A_CALL = re.compile(r"(?:^|[\s/`$(])broker-sync((?: +[\w.:=/*~$…\"'{}<>|-]+)*)", re.MULTILINE)


def calls(text: str) -> Iterator[list[str]]:
    """The words behind ``broker-sync`` in each piece of code of a page, up to what another program gets."""
    shown = [*re.findall(r"^```(?:sh|text|console)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)]
    for piece in [*shown, *pages.code_words(text)]:
        lines = re.sub(r"\\\n\s*", "", piece).splitlines()
        ours = "\n".join(line for line in lines if not OF_OTHERS.search(line))
        for found in A_CALL.findall(ours):
            words = found.split()
            ends = [place for place, word in enumerate(words) if word[0] in "|<>"]
            yield words[: min(ends, default=len(words))]


@pytest.mark.parametrize("page", pages.pages())
def test_every_command_that_a_page_names_is_there_with_its_options(page: str) -> None:
    known = reference_cli.options()
    wrong = []
    for words in calls(pages.text_of(page)):
        name = "broker-sync"
        while words and f"{name} {words[0]}" in known:
            name = f"{name} {words.pop(0)}"
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        if options - {*known[name], *NOT_OURS}:
            wrong.append(f"{name} {' '.join(words)}")
    assert wrong == []


def test_a_command_with_an_option_that_is_not_there_would_be_noticed() -> None:
    shown = "0 4 * * * /opt/bin/broker-sync backup \\\n  --too DIR > x --y\nhelm install broker-sync --wait\n"
    text = f"`broker-sync ibkr --wet-run`\n```sh\n{shown}```\n"
    assert list(calls(text)) == [["backup", "--too", "DIR"], ["ibkr", "--wet-run"]]


def below(kind: type[errors.BrokerSyncError]) -> Iterator[type[errors.BrokerSyncError]]:
    if kind.__module__.startswith("broker_sync."):
        yield kind
    for each in kind.__subclasses__():
        yield from below(each)
