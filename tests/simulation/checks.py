"""Syncs a case into a fresh ledger and compares everything with the broker's own books."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Self

from broker_sync.accounting import cash_effect, position_effect
from broker_sync.dedup import SyncRecordStore
from broker_sync.models import OPENING_BALANCE, Activity
from broker_sync.pipeline import SyncResult, sync_provider_to_wealthfolio
from broker_sync.providers.ibkr import IBKRProvider
from broker_sync.sinks.ledger import LedgerSink
from tests.providers.ibkr.builders import Text
from tests.simulation.books import Books, Row
from tests.simulation.broker import ACCOUNT, after
from tests.simulation.details import Known, detail_problems, known_of
from tests.simulation.life import Life
from tests.simulation.statement import Statement, made, write
from tests.simulation.strategies import Case, Step

Effect = tuple[dt.date, frozenset[tuple[str, Decimal]], frozenset[tuple[str, Decimal]]]

Records = dict[str, list[Activity]]

_DAY = dt.timedelta(days=1)
_TOGETHER = 100
_BALANCES = {"OpenPositions", "CashReport"}
_LONG_AGO = dt.datetime(1, 1, 2, tzinfo=dt.UTC)
_NOW = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)


@dataclass(slots=True)
class Tracker:
    """An account in a ledger and what is known of it, the days that were synced, the sections they had.

    `made` is when the latest statement was made of those before the one at hand.
    """

    directory: Path
    store: SyncRecordStore
    sink: LedgerSink
    account: str = "tracker-1"
    days: set[dt.date] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    made: dt.datetime = _LONG_AGO

    @classmethod
    def at(cls, directory: Path) -> Self:
        """The ledger in `directory`."""
        store = SyncRecordStore(directory, now=lambda: _NOW)
        return cls(directory=directory, store=store, sink=LedgerSink(directory))

    def sync(self, text: str, step: Step, *, account: str = ACCOUNT) -> SyncResult:
        """Sync one document, or the days of it that the step asks for."""
        provider = IBKRProvider(
            wf_account_id=self.account, upstream_account_id=account, documents=[Text(text)]
        )
        return asyncio.run(
            sync_provider_to_wealthfolio(
                provider=provider, sink=self.sink, dedup=self.store, since=step.since, before=step.before
            )
        )

    def has_gap(self, *, until: dt.date = dt.date.max) -> bool:
        """Whether a business day before `until` lies between days that were synced, and was not."""
        day, last = min(self.days), min(max(self.days), until)
        while day < last and day in self.days:
            day = after(day, 1)
        return day < last

    def activities(self) -> list[Activity]:
        """All that the ledger has of the account."""
        return [activity for _, activity in self.sink.activities(self.account)]

    def close(self) -> None:
        """Let go of the files."""
        self.store.close()
        asyncio.run(self.sink.close())


class Empty:
    """Makes trackers with nothing in them, by copying the files of one."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._made = 0
        template = self._tracker("template")
        template.store.windows("ledger", "tracker-1")
        template.activities()
        template.close()

    def tracker(self) -> Tracker:
        """A new one."""
        self._made += 1
        name = str(self._made)
        shutil.copytree(self._directory / "template", self._directory / name)
        return self._tracker(name)

    def _tracker(self, name: str) -> Tracker:
        return Tracker.at(_folder(self._directory / name))

    def remove(self, tracker: Tracker) -> None:
        """Throw one away."""
        tracker.close()
        shutil.rmtree(tracker.directory)


def _folder(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    return path


class Shared:
    """Makes trackers with nothing in them that share a ledger: far quicker than one each.

    A new ledger is begun now and then: some of what a run asks takes longer the more there is in it.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._ledger = Tracker.at(_folder(directory / "0"))
        self._made = 0

    def tracker(self) -> Tracker:
        """A new one."""
        self._made += 1
        if self._made % _TOGETHER == 0:
            self._ledger.close()
            self._ledger = Tracker.at(_folder(self._directory / str(self._made)))
        return replace(self._ledger, account=f"tracker-{self._made}", days=set(), told=set(), made=_LONG_AGO)

    def close(self) -> None:
        """Let go of the files."""
        self._ledger.close()


def problems(case: Case, shared: Shared) -> list[str]:
    """Everything that is wrong after some step of `case`; empty when the books tie throughout."""
    known = known_of(case.life, (step.query for step in case.steps))
    tracker = shared.tracker()
    for step in case.steps:
        found = _step_problems(case.life, step, tracker, known)
        tracker.made = max(tracker.made, made(step.query, step.last))
        if found:
            place = f"seed {case.seed}, {step.start} to {step.end}"
            return [f"{place}: {problem}" for problem in found]
    return []


def _step_problems(life: Life, step: Step, tracker: Tracker, known: Known) -> list[str]:
    statement = write(life, step.query, step.first, step.last)
    result = tracker.sync(statement.text, step)
    tracker.days |= {step.start + _DAY * number for number in range((step.end - step.start).days + 1)}
    tracker.told |= _BALANCES - step.query.absent
    found = [
        *_refusals(result),
        *(f"gone, says the sync: {each.record_id}" for each in result.vanished),
        *_counts(result, statement),
        *(f"note: {note}" for note in result.notes if not _is_expected(note, life, step, tracker)),
    ]
    if not tracker.has_gap(until=step.end):
        found += _drifts(result, life, step)
    if not step.is_checked:
        return found
    ledger = tracker.activities()
    if not tracker.has_gap():
        found += _openings(ledger, life.books(min(tracker.days) - _DAY), tracker.told)
    records = _records(ledger)
    rows = [row for row in life.rows if row.booked_on in tracker.days and not row.is_label]
    found += _effects(records, rows)
    found += detail_problems(records, rows, known)
    again = tracker.sync(statement.text, step)
    wrote = (again.new_after_dedup, again.updated, again.deleted, again.imported, again.opening_changes)
    if any(wrote) or tracker.activities() != ledger:
        found.append(f"the second sync wrote {wrote}")
    return found


def _is_expected(note: str, life: Life, step: Step, tracker: Tracker) -> bool:
    """Whether a note says rightly that days are missing, or that there is nothing to compare."""
    if note.startswith("No statement covers"):
        return tracker.has_gap()
    if "that the broker made later" in note or note.startswith("The broker has made a later statement"):
        # Without a zone in the statement, that of another query may put it hours away.
        return made(step.query, step.last) - _DAY < tracker.made
    if "no Open Positions" in note:
        return "OpenPositions" in step.query.absent
    books = life.books(step.first - _DAY).money() or life.books(step.last).money()
    moved = any(row.money for row in life.within(step.first, step.last))
    is_absent = "CashReport" in step.query.absent or (not books and not moved)
    return "no Cash Report by currency" in note and is_absent


def _refusals(result: SyncResult) -> Iterable[str]:
    yield from (f"rejected {each.external_id}: {each.reason} {dict(each.raw)}" for each in result.rejected)
    yield from (f"failed {each.external_id}: {each.reason}" for each in result.failures)


def _counts(result: SyncResult, statement: Statement) -> Iterable[str]:
    told = result.new_after_dedup + result.known + result.updated + len(result.rejected)
    if result.fetched != told or result.new_after_dedup != result.imported + result.failed:
        yield f"counts do not add up: {result}"
    rows = {count.section: count.rows for count in result.sections}
    if rows != {name: number for name, number in statement.rows.items() if number}:
        yield f"the statement has {dict(statement.rows)}, counted were {rows}"
    for count in result.sections:
        if count.rows != count.booked + count.informational + count.rejected:
            yield f"rows do not add up: {count}"


def _drifts(result: SyncResult, life: Life, step: Step) -> Iterable[str]:
    books = life.books(step.end)
    if "OpenPositions" not in step.query.absent:
        yield from _compare(
            "position",
            {each.instrument.conid or "": (each.broker, each.tracker) for each in result.positions or ()},
            books.held(),
        )
    if "CashReport" not in step.query.absent:
        yield from _compare(
            "cash", {each.currency: (each.broker, each.tracker) for each in result.cash or ()}, books.money()
        )


def _compare(what: str, told: dict[str, tuple[Decimal, Decimal]], books: dict[str, Decimal]) -> Iterable[str]:
    for name in sorted({*told, *books}):
        broker, tracker = told.get(name, (Decimal(0), Decimal(0)))
        held = books.get(name, Decimal(0))
        if not broker == tracker == held:
            yield f"{what} {name}: books {held}, read as {broker}, tracker {tracker}"


def _openings(ledger: Iterable[Activity], books: Books, told: set[str]) -> Iterable[str]:
    """Compare the opening balances with what was held then, of which only `told` sections speak."""
    opened = [activity for activity in ledger if activity.subtype == OPENING_BALANCE]
    units = {
        each.instrument.conid or "": position_effect(each) for each in opened if each.instrument is not None
    }
    cash = {currency: amount for each in opened for currency, amount in cash_effect(each).items()}
    held = books.held() if "OpenPositions" in told else {}
    money = books.money() if "CashReport" in told else {}
    if units != held:
        yield f"opened with {units}, held was {held}"
    if cash != money:
        yield f"opened with {cash}, there was {money}"


def _records(ledger: Iterable[Activity]) -> Records:
    records: Records = {}
    for activity in ledger:
        if activity.subtype != OPENING_BALANCE:
            records.setdefault(activity.record_id, []).append(activity)
    return records


def _effects(records: Records, rows: Iterable[Row]) -> Iterable[str]:
    """Compare each record with what its row did: on its day, to cash and to units.

    A row that did nothing (a fraction too small to be split) need not be a record.
    """
    done = Counter(effect for row in rows if any((effect := _effect_of_row(row))[1:]))
    by_legs = (effect for legs in records.values() for effect in _effects_of(legs))
    booked = Counter(effect for effect in by_legs if any(effect[1:]))
    for what, effects in (("not booked", done - booked), ("booked, but no row", booked - done)):
        yield from (f"{what}: {effect}" for effect in effects.elements())


def _effect_of_row(row: Row) -> Effect:
    units = {conid: units for conid, units in row.units.items() if units}
    return row.booked_on, frozenset(row.cash.items()), frozenset(units.items())


def _effects_of(legs: Iterable[Activity]) -> Iterable[Effect]:
    cash: dict[tuple[dt.date, str], Decimal] = {}
    units: dict[tuple[dt.date, str], Decimal] = {}
    days = {leg.booked_on for leg in legs}
    for leg in legs:
        for currency, amount in cash_effect(leg).items():
            key = (leg.booked_on, currency)
            cash[key] = cash.get(key, Decimal(0)) + amount
        effect = position_effect(leg)
        if effect and leg.instrument is not None:
            key = (leg.booked_on, leg.instrument.conid or "")
            units[key] = units.get(key, Decimal(0)) + effect
    for day in sorted(days):
        yield (
            day,
            frozenset((name, total) for (on, name), total in cash.items() if on == day and total),
            frozenset((name, total) for (on, name), total in units.items() if on == day and total),
        )
