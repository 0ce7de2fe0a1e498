"""The schema says of a file what the program says, and the pages say what the code does."""

import datetime as dt
import json
import tomllib
from typing import Any

import jsonschema
import pytest

from broker_sync.settings import load_settings
from broker_sync.settings.schema import schema
from broker_sync.settings.template import template
from broker_sync.settings.toml_text import quoted
from tests import pages
from tests.settings.helpers import Place
from tests.settings.test_accounts import TWO
from tests.settings.test_toml import ALL, WRONG

EXAMPLE = pages.ROOT / "examples" / "broker-sync.toml"
VALID: jsonschema.Draft7Validator = jsonschema.Draft7Validator(schema())


def as_json(toml: str) -> Any:  # noqa: ANN401  # whatever the text says
    return json.loads(json.dumps(tomllib.loads(toml), default=dt.date.isoformat))


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(schema())


def test_what_the_program_reads_is_valid() -> None:
    for toml in (ALL.replace('"isa"', '"ISA"'), TWO, "", "[ibkr]\nquery_ids = 1\n"):
        VALID.validate(as_json(toml))


def test_what_the_program_refuses_for_its_form_is_not_valid() -> None:
    # A key out of its table, a text of two lines, and a table in place of a list are the same to a reader.
    unseen = {"made-up\\nof two", "nan", "2027-03-31T10:00:00"}
    refused = [toml for toml in WRONG if not any(text in toml for text in unseen)]
    assert len(refused) >= 14
    assert [toml for toml in refused if VALID.is_valid(as_json(toml))] == []


def test_a_token_from_two_places_is_not_valid() -> None:
    one = '[[ibkr.accounts]]\nid = "A"\ntoken = "x"\n'
    assert VALID.is_valid(as_json(one))
    assert not VALID.is_valid(as_json(f'{one}token_env = "T"\n'))
    assert not VALID.is_valid(as_json('[[ibkr.accounts]]\ntracker_id = "A"\n')), "an id must be there"


def test_cash_types_are_of_known_types() -> None:
    head = "[ibkr.cash_types]\nX = "
    for value, valid in (
        ('"FEE"', True),
        ('{ type = "TAX", subtype = "S" }', True),
        ('"BUY"', False),
        ("1", False),
    ):
        assert VALID.is_valid(as_json(head + value)) is valid, value


# --- a new file ---


def uncommented(text: str) -> str:
    """The lines of settings alone, comment signs taken away."""
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    return "\n".join(line for line in lines if line.startswith("[") or " = " in line)


def test_every_setting_of_a_new_file_is_right_once_its_comment_sign_is_gone(place: Place) -> None:
    text = uncommented(template({}))
    for name in ("secrets/token", "secrets/password"):
        place.write(name, "made-up")
    place.write("secrets/urls", "json://h/made-up")
    place.write("secrets/ping_url", "https://h.example/made-up")
    settings = place.load(text.replace("keyring = true", ""))
    VALID.validate(as_json(text))
    assert settings.ibkr_accounts[0].upstream_account_id == "text"
    assert {each for each in settings.secrets() if "://" not in each} == {"made-up"}


def test_a_new_file_as_it_is_changes_nothing(place: Place) -> None:
    empty = place.load("")
    assert place.load(template({})) == empty
    VALID.validate(as_json(template({})))


def test_values_and_accounts_that_were_chosen_are_in_a_new_file(place: Place) -> None:
    odd = 'a "b" \\ \u00e9 \U0001f600 \x7f\t'
    values = {("wealthfolio", "username"): quoted("me"), ("ibkr", "query_ids"): "[1]"}
    text = template(values, [{"id": quoted("A"), "account_type": quoted("ISA")}])
    settings = place.load(text)
    (account,) = settings.ibkr_accounts
    assert (settings.wealthfolio.username, account.upstream_account_id) == ("me", "A")
    assert (account.account_type, account.flex_query_ids) == ("ISA", ("1",))
    assert tomllib.loads(f"x = {quoted(odd)}") == {"x": odd}


# --- the example and the pages ---


@pytest.mark.skipif(not EXAMPLE.is_file(), reason="the example is only in a checkout")
def test_the_example_is_right(place: Place) -> None:
    text = EXAMPLE.read_text("utf-8")
    VALID.validate(as_json(text))
    for name in ("secrets/ibkr_flex_token", "secrets/wf_password"):
        place.write(name, "made-up")
    settings = load_settings(place.environment(text, {}))
    assert [each.upstream_account_id for each in settings.ibkr_accounts] == ["U1234567", "U7654321"]
    assert settings.warnings == ()


@pytest.mark.skipif(
    not (pages.ROOT / "docs" / "settings.md").is_file(), reason="pages are only in a checkout"
)
def test_the_page_and_the_schema_beside_it_are_up_to_date() -> None:
    from scripts import settings_doc  # noqa: PLC0415  # is only in a checkout

    page, beside = settings_doc.PAGE.read_text("utf-8"), settings_doc.SCHEMA.read_text("utf-8")
    assert list(settings_doc.problems(page, beside)) == [], "run: python -m scripts.settings_doc --write"
    assert len(list(settings_doc.problems(page.replace("IBKR_TIME_ZONE", "X"), "{}"))) == 2
    assert len(list(settings_doc.problems("", beside))) == 1


@pytest.mark.skipif(
    not (pages.ROOT / "docs" / "settings.md").is_file(), reason="pages are only in a checkout"
)
def test_the_toml_that_the_page_shows_is_valid() -> None:
    shown = [text.split("```")[0] for text in pages.text_of("docs/settings.md").split("```toml\n")[1:]]
    assert len(shown) == 2
    for text in shown:
        VALID.validate(as_json(text))
