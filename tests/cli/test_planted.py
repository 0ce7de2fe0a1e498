"""Causes of drift that were planted, and what ``reconcile --explain`` makes of each: the page's table."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from broker_sync.cli.boundary import status_of
from broker_sync.cli.reconcile import run_reconcile
from broker_sync.contracts import Stored
from broker_sync.dedup import SyncRecordStore, ToDelete
from broker_sync.explain import Kind, Limit, explain_nav
from broker_sync.models import Activity, ActivityType
from broker_sync.report.explain_json import explanation_object
from broker_sync.sinks.ledger import LedgerSink
from tests import pages
from tests.explain.world import WIDGET, World
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
from tests.providers.ibkr.corporate_rows import action, actions
from tests.report_samples import worth

from .conftest import Cli, Ran
from .statements import ACCOUNT, OTHER, good, two_accounts

pytestmark = pytest.mark.slow

PAGE: Final = "docs/reconciliation.md"
if not (pages.ROOT / PAGE).is_file():
    pytest.skip("the pages are in a checkout and the source distribution", allow_module_level=True)

D = Decimal
DIVIDEND = cash()
SPLIT = action(quantity="18", dateTime="20260526;202500", reportDate="20260527")


def statement(*rows: str, held: str = "6", ending: str = "1450.5", **days: str) -> str:
    """What is in `good`, but for the `rows` that are given."""
    return one_statement(
        *(rows or (trades(trade(), sale()), cash_rows(DIVIDEND))),
        positions(position(position=held)),
        balances(balance(startingCash="2000", endingCash=ending, **_window(days))),
        **days,
    )


def _window(days: dict[str, str]) -> dict[str, str]:
    return {name: day for name, day in days.items() if name in {"fromDate", "toDate"}}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A ledger that is in agreement with the broker, until something is planted."""

    cli: Cli
    write: Callable[..., Path]
    data_dir: Path

    def sync(self, text: str, *options: str, name: str = "statement.xml") -> None:
        ran = self.cli("ibkr", "--file", self.write(text, name), *options)
        assert ran.status == 0, ran.err

    def rows(self, account: str = ACCOUNT) -> dict[str, Activity]:
        with LedgerSink(self.data_dir / "portfolio.db") as ledger:
            return {each.external_id: each for _, each in ledger.activities(account)}

    def remove(self, *names: str) -> None:
        with LedgerSink(self.data_dir / "portfolio.db") as ledger:
            for account, each in list(ledger.activities()):
                if each.external_id in names:
                    asyncio.run(ledger.delete(account, [each.external_id]))

    def forget(self, *names: str) -> None:
        """Take rows out of the ledger, and out of what is known of it."""
        self.remove(*names)
        with SyncRecordStore(self.data_dir) as store:
            run = store.begin_run(provider="ibkr", version="1")
            store.intend("ledger", ACCOUNT, [ToDelete(external_id=name) for name in names], run_id=run)
            gone = [Stored(external_id=name, tracker_id="1", created=False) for name in names]
            store.settle("ledger", ACCOUNT, gone)

    def enter(self, like: str, account: str = ACCOUNT, **changes: Any) -> None:  # noqa: ANN401
        """What a person enters who copies the row `like`, but for the `changes`."""
        copied = next(
            row for whose in (ACCOUNT, OTHER) for name, row in self.rows(whose).items() if name == like
        )
        with LedgerSink(self.data_dir / "portfolio.db") as ledger:
            whose = next(each for each, _ in ledger.activities(account))
            asyncio.run(ledger.create(whose, [replace(copied, account_id=whose.id, **changes)]))

    def alter(self, name: str, **changes: Any) -> None:  # noqa: ANN401
        row = self.rows()[name]
        with LedgerSink(self.data_dir / "portfolio.db") as ledger:
            (account, *_) = (each for each, _ in ledger.activities(ACCOUNT))
            asyncio.run(ledger.update(account, [replace(row, **changes)]))


# --- what is planted, by the words of the page ---

Json = Mapping[str, Any]
Planted = Callable[[Scene], list[Json] | None]
"""Does it; gives back why both sides differ where the command cannot be asked for that."""


def never_imported(scene: Scene) -> None:
    scene.sync(good())
    scene.forget("ibkr:trade:9002")


def removed(scene: Scene) -> None:
    scene.sync(good())
    scene.remove("ibkr:cash:7001")


def removed_and_met(scene: Scene) -> None:
    removed(scene)
    scene.sync(good())


def changed(scene: Scene) -> None:
    scene.sync(good())
    scene.alter("ibkr:trade:9001", quantity=D(11), amount=D(1101))


def twice(scene: Scene) -> None:
    scene.sync(good())
    scene.enter("ibkr:trade:9002", external_id="typed-in-1", record_id="")


def entered(scene: Scene) -> None:
    scene.sync(good())
    changes: dict[str, Any] = {"activity_type": ActivityType.FEE, "amount": D("77.77"), "record_id": ""}
    scene.enter("ibkr:cash:7001", external_id="typed-in-2", **changes)


def rejected(scene: Scene) -> None:
    voucher = cash(transactionID="8000", type="Gift Voucher", amount="30")
    scene.sync(statement(trades(trade(), sale()), cash_rows(DIVIDEND, voucher), ending="1480.5"))


def cancelled(scene: Scene) -> None:
    scene.sync(good())
    scene.sync(statement(trades(trade(), sale()), cash_rows(), ending="1438"), name="later.xml")


def restated(scene: Scene) -> None:
    scene.sync(good())
    dearer = statement(trades(trade(), sale()), cash_rows(cash(amount="15")), ending="1453")
    scene.sync(dearer, "--since", "2026-05-25", name="later.xml")


def split(scene: Scene) -> None:
    rows = (trades(trade(), sale()), cash_rows(DIVIDEND), actions(SPLIT))
    scene.sync(statement(*rows, held="24"))
    scene.forget(*(name for name in scene.rows() if ":corporate-action:" in name))


def opening(scene: Scene) -> None:
    scene.sync(good())
    scene.remove("ibkr:opening:cash:USD")


def outside(scene: Scene) -> None:
    scene.sync(good())
    later = {"fromDate": "20260615", "toDate": "20260630"}
    scene.sync(
        one_statement(
            trades(),
            cash_rows(),
            positions(position(position="9", reportDate="20260630")),
            balances(balance(startingCash="1100", endingCash="1100", **later)),
            **later,
        ),
        name="later.xml",
    )


def elsewhere(scene: Scene) -> None:
    scene.sync(two_accounts())
    scene.remove("ibkr:trade:9901")
    with SyncRecordStore(scene.data_dir) as store:
        (row,) = (
            each for each in store.booked_activities("ledger", OTHER) if each.external_id == "ibkr:trade:9901"
        )
    with LedgerSink(scene.data_dir / "portfolio.db") as ledger:
        account = next(each for each, _ in ledger.activities(ACCOUNT))
        asyncio.run(ledger.create(account, [replace(row, account_id=account.id)]))


def unknown(scene: Scene) -> None:
    scene.sync(
        one_statement(
            balances(balance(startingCash="0", endingCash="0", toDate="20260529")), toDate="20260529"
        )
    )
    scene.sync(one_statement(balances(balance(startingCash="0", endingCash="12.34"))), name="later.xml")


def of_world(world: World) -> Planted:
    """What the real trackers do not do to anybody, on an account that is made up altogether."""
    return lambda _: [explanation_object(each) for each in world.explained()]


def priced(_: Scene) -> list[Json]:
    value = explain_nav(worth("1000", "900"), positions=[], cash=[])
    return [] if value is None else [explanation_object(value)]


FUTURE = Limit(instrument=WIDGET, quantity=D(6), reason="it is a future")

PLANTED: Final[dict[str, Planted]] = {
    "a trade was never imported": never_imported,
    "a dividend was booked, and is gone": removed,
    "the same, and a sync has been there since": removed_and_met,
    "a trade was given another quantity": changed,
    "somebody entered a trade once more": twice,
    "somebody entered a fee that is not the broker's": entered,
    "a row is of a type that nobody knows": rejected,
    "the broker takes back a dividend": cancelled,
    "the broker says another amount than it did": restated,
    "a split was never imported": split,
    "an opening balance is gone": opening,
    "something happened on days without a statement": outside,
    "a trade is in the account of another": elsewhere,
    "money came that no record tells of": unknown,
    "the tracker has no such thing as a position": of_world(
        World(shown={"WDGT": D(0)}, other={"limits": [FUTURE]})
    ),
    "the tracker shows other cash than its rows add up to": of_world(World(shown={"USD": D(1000)})),
    "the tracker has other prices": priced,
}


def table() -> list[tuple[str, str, str, str]]:
    """The rows of the page: what was planted, the cause, its records and the command, without back ticks."""
    lines = re.findall(
        r"^\| (.+) \|$", pages.section(pages.text_of(PAGE), "## What was planted"), re.MULTILINE
    )
    cells = [[cell.replace("`", "").strip() for cell in line.split(" | ")] for line in lines[2:]]
    return [(planted, cause, records, command) for planted, cause, records, command in cells]


@pytest.fixture
def scene(cli: Cli, write: Callable[..., Path], data_dir: Path) -> Scene:
    return Scene(cli=cli, write=write, data_dir=data_dir)


def asked(capsys: pytest.CaptureFixture[str]) -> Ran:
    capsys.readouterr()
    status = status_of(lambda: run_reconcile(explain=True, as_json=True))
    out, err = capsys.readouterr()
    return Ran(status=status, out=out, err=err)


def listed(texts: Iterable[str | None]) -> str:
    return ", ".join(dict.fromkeys(text or "none" for text in texts))


@pytest.mark.parametrize("planted", PLANTED)
def test_what_was_planted_is_found(planted: str, scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    expected = {row[0]: row for row in table()}[planted]
    told = PLANTED[planted](scene)
    found = told or [why for each in asked(capsys).result["accounts"] for why in each["explanations"]]
    causes = listed(Kind[why["cause"].upper()].value for why in found)
    records = listed(name for why in found for name in why["records"] or ["none"])
    assert (planted, causes, records, listed(why["command"] for why in found)) == expected


def test_the_page_has_a_row_for_everything_that_is_planted() -> None:
    assert [row[0] for row in table()] == list(PLANTED)
    assert {row[1] for row in table()} == {kind.value for kind in Kind} - {Kind.FOLLOWS.value}


def test_the_page_says_what_each_cause_means() -> None:
    section = pages.section(pages.text_of(PAGE), "## Why they differ")
    assert re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE)[2:] == [kind.value for kind in Kind]
