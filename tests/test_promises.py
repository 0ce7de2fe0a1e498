"""What `contract.md` promises of names and commands is there, under these names."""

import importlib
import inspect

import pytest
import typer

from broker_sync import __version__
from broker_sync.cli.app import app, main
from broker_sync.contracts import Provider
from broker_sync.models import Account, Activity
from broker_sync.pipeline import sync_provider_to_wealthfolio
from broker_sync.providers.ibkr import IBKRAccountMismatchError, IBKRError, IBKRProvider, canonical_symbol
from broker_sync.results import SyncResult

PATHS = {
    "broker_sync.models": ["Account", "AccountType", "Activity", "ActivityType"],
    "broker_sync.providers.ibkr": [
        "IBKRProvider",
        "IBKRError",
        "IBKRAccountMismatchError",
        "canonical_symbol",
    ],
    "broker_sync.dedup": ["SyncRecordStore"],
    "broker_sync.pipeline": ["sync_provider_to_wealthfolio"],
}
"""Module -> the names that others import from it."""


@pytest.mark.parametrize("module", PATHS)
def test_promised_names_can_be_imported_and_are_public(module: str) -> None:
    found = importlib.import_module(module)
    assert [name for name in PATHS[module] if not hasattr(found, name)] == []
    assert set(PATHS[module]) <= set(found.__all__)


def parameters(thing: object) -> dict[str, inspect.Parameter]:
    assert callable(thing)
    return dict(inspect.signature(thing).parameters)


def test_an_account_is_made_of_the_promised_parts() -> None:
    assert list(parameters(Account)) == ["id", "provider", "provider_account_id", "account_type", "currency"]


def test_an_activity_has_the_promised_parts() -> None:
    promised = {
        "external_id", "account_id", "account_type", "date", "activity_type", "currency", "symbol",
        "quantity", "unit_price", "fee", "amount",
    }  # fmt: skip
    assert promised <= set(parameters(Activity))


def test_a_provider_is_made_of_the_promised_parts_and_can_do_what_is_promised() -> None:
    taken = parameters(IBKRProvider)
    assert {"token", "query_id", "wf_account_id", "upstream_account_id"} <= set(taken)
    assert {part.kind for part in taken.values()} == {inspect.Parameter.KEYWORD_ONLY}
    provider = IBKRProvider(token="t", query_id="1", wf_account_id="w", upstream_account_id="U1")
    assert isinstance(provider, Provider)
    assert provider.open_positions() == []
    assert {"since", "before"} == set(parameters(provider.fetch))
    assert inspect.isasyncgenfunction(provider.fetch)
    assert inspect.iscoroutinefunction(provider.close)


def test_a_mismatch_names_both_accounts_and_that_nothing_was_ingested() -> None:
    error = IBKRAccountMismatchError(document="x.xml", found="U1111111", configured="U2222222")
    assert isinstance(error, IBKRError)
    for part in ("U1111111", "U2222222", "nothing was ingested"):
        assert part in str(error)


def test_the_pipeline_takes_and_gives_what_is_promised() -> None:
    assert {"provider", "sink", "dedup"} <= set(parameters(sync_provider_to_wealthfolio))
    assert {"fetched", "new_after_dedup", "imported", "failed"} <= set(parameters(SyncResult))


def test_symbols_are_canonical() -> None:
    assert canonical_symbol("VUAG", exchange="LSE", currency="GBP") == "VUAG.L"
    assert canonical_symbol("VUAG", exchange=None, currency="GBP") == "VUAG.L"
    assert canonical_symbol("AAPL", exchange="NASDAQ", currency="USD") == "AAPL"


def commands() -> list[str]:
    group = typer.main.get_command(app)
    return sorted(getattr(group, "commands", {}))


def test_the_commands_are_these() -> None:
    names = (
        "activities anonymise archive backup completion config conflicts explain "
        "ibkr notify reconcile replay report restore soak-check verify version wealthfolio"
    )
    assert commands() == names.split()


@pytest.mark.parametrize("arguments", [[], *([name] for name in commands())])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_help_can_be_read(
    arguments: list[str], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, option])
    assert ended.value.code == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"Usage: {' '.join(['broker-sync', *arguments])} ")
    assert err == ""


def test_every_promised_option_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["ibkr", "--help"])
    out = capsys.readouterr().out
    for option in ("--file", "--since", "--until", "--account", "--sink", "--dry-run", "--strict", "--json"):
        assert f"\n  {option} " in out


@pytest.mark.parametrize("arguments", [["version"], ["--version"]])
def test_the_version_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"broker-sync {__version__}\n"
