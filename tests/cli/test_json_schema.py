"""What ``--json`` prints is what the reference says, to the last name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests import pages
from tests.standins.wealthfolio import PASSWORD, Service, WealthfolioServer

from .conftest import Cli

if not (pages.ROOT / "scripts" / "reference_json.py").is_file():
    pytest.skip("the reference is made by a script that only a checkout has", allow_module_level=True)

from scripts import reference_cli, reference_json  # are of a checkout
from scripts.output_shapes import COMMANDS

DEMO = pages.ROOT / "examples" / "ibkr-demo.xml"
SCHEMA = reference_json.schema(is_closed=True)


def wrong(command: str, told: object) -> list[str]:
    shape = COMMANDS[command].partition(",")[0]
    schema = {"$defs": SCHEMA["$defs"], "$ref": f"#/$defs/{shape.replace(' ', '%20')}"}
    found = Draft202012Validator(schema).iter_errors(told)
    return [f"{command}: {'/'.join(map(str, each.absolute_path))}: {each.message}" for each in found]


def drifted() -> str:
    """The demo's statement with a position that nothing explains, and a type that nobody knows."""
    text = DEMO.read_text("utf-8")
    changed = text.replace('position="50"', 'position="51"').replace(
        'type="Broker Interest Paid"', 'type="A New Kind"'
    )
    assert text.count('position="50"') == 1
    assert changed.count('type="A New Kind"') > 0
    return changed


def test_every_command_that_prints_json_is_in_the_reference() -> None:
    named = {command for command, options in reference_cli.options().items() if "--json" in options}
    assert named == set(COMMANDS)


def test_every_shape_is_one_that_is_printed() -> None:
    used = json.dumps(SCHEMA)
    assert [name for name in SCHEMA["$defs"] if f'#/$defs/{name.replace(" ", "%20")}"' not in used] == []


@pytest.mark.slow
def test_what_is_printed_is_what_the_reference_says(cli: Cli, tmp_path: Path) -> None:
    other = tmp_path / "other.xml"
    other.write_text(drifted(), "utf-8")
    problems = wrong("broker-sync ibkr", cli("ibkr", "--file", DEMO, "--dry-run", "--json").result)
    assert not cli("ibkr", "--file", DEMO).err
    again = cli("ibkr", "--file", other, "--explain", "--json").result
    assert again["accounts"][0]["explanations"]
    assert again["accounts"][0]["standings"]
    problems += wrong("broker-sync ibkr", again)
    for command, *arguments in (
        ["broker-sync reconcile", "--explain"],
        ["broker-sync activities"],
        ["broker-sync ibkr status"],
        ["broker-sync ibkr doctor"],
        ["broker-sync archive list"],
        ["broker-sync archive verify"],
        ["broker-sync verify"],
        ["broker-sync explain", "ibkr:cash:38571327707"],
        ["broker-sync conflicts"],
        ["broker-sync config check"],
        ["broker-sync soak-check"],
    ):
        told = cli(*command.split()[1:], *arguments, "--json").objects
        assert told, command
        problems += [each for one in told for each in wrong(command, one)]
    assert problems == []


def test_what_a_refusal_prints_is_what_the_reference_says(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "cut.xml").write_text(DEMO.read_text("utf-8")[:-500], "utf-8")
    ran = cli("ibkr", "--file", tmp_path / "cut.xml", "--json")
    assert (ran.status, ran.result["outcome"]) == (3, "refused")
    assert wrong("broker-sync ibkr", ran.result) == []


def test_what_is_said_of_a_server_is_what_the_reference_says(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WealthfolioServer(Service(settle_after=0)) as server:
        monkeypatch.setenv("WF_BASE_URL", server.address)
        monkeypatch.setenv("WF_PASSWORD", PASSWORD)
        (told,) = cli("wealthfolio", "check", "--json").objects
    assert wrong("broker-sync wealthfolio check", told) == []
