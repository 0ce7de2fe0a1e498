"""``broker-sync reconcile``: compares by what is in the archive, explains, and leaves everything as it is."""

import asyncio
import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from broker_sync.cli.boundary import status_of
from broker_sync.cli.reconcile import run_reconcile
from broker_sync.dedup import SyncRecordStore
from broker_sync.models import Account, Activity
from broker_sync.sinks.ledger import LedgerSink
from tests.cli.conftest import Cli, Ran
from tests.cli.statements import ACCOUNT, OTHER, drifting, good, two_accounts
from tests.providers.ibkr.builders import (
    balance,
    balances,
    cash,
    cash_rows,
    one_statement,
    position,
    positions,
    sale,
    trade,
    trades,
)

Reconcile = Callable[..., Ran]
Write = Callable[..., Path]


@pytest.fixture
def reconcile(capsys: pytest.CaptureFixture[str]) -> Reconcile:
    """Runs the command."""

    def run(**options: Any) -> Ran:  # noqa: ANN401
        capsys.readouterr()
        status = status_of(lambda: run_reconcile(**options))
        out, err = capsys.readouterr()
        return Ran(status=status, out=out, err=err)

    return run


@pytest.fixture
def synced(cli: Cli, write: Write) -> Callable[[str], None]:
    """Syncs a statement."""

    def sync(text: str, name: str = "statement.xml") -> None:
        assert cli("ibkr", "--file", write(text, name)).status == 0

    return sync


Synced = Callable[..., None]


@pytest.fixture
def ledger(data_dir: Path) -> Iterator[LedgerSink]:
    with LedgerSink(data_dir / "portfolio.db") as found:
        yield found


def booked(ledger: LedgerSink, ending: str) -> tuple[Account, Activity]:
    return next(each for each in ledger.activities() if each[1].external_id.endswith(ending))


def remove(ledger: LedgerSink, ending: str) -> None:
    account, activity = booked(ledger, ending)
    asyncio.run(ledger.delete(account, [activity.external_id]))


def causes(ran: Ran, account: int = 0) -> list[tuple[str, str, list[str]]]:
    return [
        (each.get("symbol") or each["currency"], each["cause"], each["records"])
        for each in ran.result["accounts"][account]["explanations"]
    ]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_what_agrees_is_told_and_nothing_is_changed(
    reconcile: Reconcile, synced: Synced, data_dir: Path
) -> None:
    synced(good())
    before = files(data_dir)
    ran = reconcile(explain=True, strict=True)
    assert ran.status == 0
    assert "Account U1234567 and ledger, at the end of 2026-05-31" in ran.out
    assert "Broker and tracker agree" in ran.out
    assert "Why" not in ran.out
    assert files(data_dir) == before


def test_what_differs_is_explained_to_people(
    reconcile: Reconcile, synced: Synced, ledger: LedgerSink
) -> None:
    synced(good())
    remove(ledger, "trade:9002")
    ran = reconcile(explain=True)
    assert ran.status == 0
    assert "WDGT -4, USD +439: removed by hand" in ran.out
    assert "ibkr:trade:9002 (SELL, 2026-05-21, -4 WDGT, 439 USD) was booked, and is no longer" in ran.out
    assert "To do: broker-sync explain ibkr:trade:9002" in ran.out
    assert reconcile(strict=True).status == 4
    assert "Why" not in reconcile().out


def test_scripts_are_told_the_same(reconcile: Reconcile, synced: Synced, ledger: LedgerSink) -> None:
    synced(good())
    remove(ledger, "trade:9002")
    (account,) = reconcile(as_json=True).result["accounts"]
    assert "explanations" not in account
    ran = reconcile(as_json=True, explain=True)
    assert ran.result["outcome"] == "drift"
    assert causes(ran) == [
        ("WDGT", "removed", ["ibkr:trade:9002"]),
        ("USD", "removed", ["ibkr:trade:9002"]),
    ]
    (told, _) = ran.result["accounts"][0]["explanations"]
    assert {name: told[name] for name in ("of", "drift", "command", "is_proven", "parting", "confirmed")} == {
        "of": "position",
        "drift": "-4",
        "command": "broker-sync explain ibkr:trade:9002",
        "is_proven": True,
        "parting": None,
        "confirmed": None,
    }
    assert (ran.result["accounts"][0]["window"]["to"], account["positions"][0]["drift"]) == (
        "2026-05-31",
        "-4",
    )


def test_a_rejected_record_is_named_with_its_money(reconcile: Reconcile, synced: Synced) -> None:
    synced(
        one_statement(
            cash_rows(cash(), cash(transactionID="8000", type="Gift Voucher", amount="30")),
            balances(balance(startingCash="0", endingCash="42.5")),
        )
    )
    assert causes(reconcile(as_json=True, explain=True)) == [("USD", "rejected", ["ibkr:cash:8000"])]


def test_of_several_accounts_one_can_be_asked_for(reconcile: Reconcile, synced: Synced) -> None:
    synced(two_accounts())
    told = [each["account"] for each in reconcile(as_json=True).result["accounts"]]
    assert told == [ACCOUNT, OTHER]
    for explain in (True, False):
        (account,) = reconcile(as_json=True, account=OTHER, explain=explain).result["accounts"]
        assert account["account"] == OTHER


def test_a_record_in_the_account_of_another_is_found_there(
    reconcile: Reconcile, synced: Synced, ledger: LedgerSink
) -> None:
    synced(two_accounts())
    owner, activity = booked(ledger, "trade:9901")
    stranger, _ = booked(ledger, "trade:9001")
    asyncio.run(ledger.delete(owner, [activity.external_id]))
    asyncio.run(ledger.create(stranger, [replace(activity, account_id=stranger.id)]))
    ran = reconcile(as_json=True, explain=True)
    assert {cause for _, cause, _ in (*causes(ran, 0), *causes(ran, 1))} == {"wrong_account"}


def test_without_a_statement_there_is_nothing_to_compare_with(
    reconcile: Reconcile, synced: Synced, data_dir: Path
) -> None:
    ran = reconcile()
    assert (ran.status, ran.out) == (3, "")
    assert "The archive has no booked statement, so there is nothing to compare with" in ran.err
    assert not data_dir.exists()
    synced(good())
    assert "no booked statement of account U9" in reconcile(account="U9").err
    ran = reconcile(as_of=dt.date(2025, 1, 1), as_json=True)
    assert (ran.status, ran.result["outcome"]) == (3, "refused")
    assert "no booked statement that has 2025-01-01" in ran.err


def test_a_day_that_is_past_is_compared_as_it_was(
    reconcile: Reconcile, synced: Synced, ledger: LedgerSink
) -> None:
    synced(good())
    (account,) = reconcile(as_json=True, as_of=dt.date(2026, 5, 20)).result["accounts"]
    assert [(each["broker"], each["drift"]) for each in account["positions"]] == [("10", "0")]
    assert account["window"]["to"] == "2026-05-20"
    remove(ledger, "trade:9002")
    assert reconcile(strict=True, as_of=dt.date(2026, 5, 20)).status == 0
    assert reconcile(strict=True, as_of=dt.date(2026, 5, 21)).status == 4


def test_tolerances_are_those_of_the_settings(
    reconcile: Reconcile, synced: Synced, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced(drifting())
    assert reconcile(strict=True).status == 4
    monkeypatch.setenv("BROKER_SYNC_CASH_TOLERANCE", "5000")
    assert reconcile(strict=True).status == 0


def nightly(last: int, ending: str) -> str:
    """A statement of May up to a day, with so much money at its end that no record tells of."""
    day = f"202605{last:02d}"
    rows = [trade()] if last < 21 else [trade(), sale()]
    held = "10" if last < 21 else "6"
    return one_statement(
        trades(*rows),
        positions(position(position=held, reportDate=day)),
        balances(balance(startingCash="2000", endingCash=ending, toDate=day)),
        toDate=day,
    )


def test_what_nothing_accounts_for_is_told_with_the_day_since_which_it_is_there(
    reconcile: Reconcile, synced: Synced
) -> None:
    for last in range(20, 30):
        cents = 999 + (439 if last >= 21 else 0) + (77 if last >= 26 else 0)
        synced(nightly(last, str(cents)), f"{last}.xml")
    ran = reconcile(explain=True, as_json=True)
    assert causes(ran) == [("USD", "unknown", [])]
    (told,) = ran.result["accounts"][0]["explanations"]
    assert told["parting"] == {"agreed": "2026-05-25", "differs": "2026-05-26"}
    assert told["command"] == "broker-sync ibkr --since 2026-05-26"
    assert "Both sides agreed on 2026-05-25, and differ since 2026-05-26." in told["text"]


def test_whether_it_was_there_in_the_last_runs_is_told(
    reconcile: Reconcile, synced: Synced, data_dir: Path
) -> None:
    from broker_sync.confirm import Standing  # noqa: PLC0415
    from tests.test_confirm import CASH, MONDAY, NIGHT  # noqa: PLC0415

    synced(drifting())
    standing = Standing(
        side=CASH, label="USD", first_seen=MONDAY, last_seen=MONDAY + NIGHT, runs=2, amount=Decimal(1)
    )
    with SyncRecordStore(data_dir) as store:
        store.save_drifts("ledger", ACCOUNT, [standing])
    assert "Found in 2 runs in a row since 2026-06-01: confirmed." in reconcile(explain=True).out
    (told,) = reconcile(explain=True, as_json=True).result["accounts"][0]["explanations"]
    assert (told["confirmed"], told["first_seen"]) == (True, "2026-06-01T02:00:00+00:00")
    assert json.dumps(told)
