"""A broker that changes its mind, nights of every kind, and what must be true after each of them."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from random import Random

from broker_sync.abilities import Keeps
from broker_sync.contracts import Sink
from broker_sync.dedup import SyncRecordStore
from broker_sync.errors import BrokerSyncError
from broker_sync.models import OPENING_BALANCE, Activity
from broker_sync.pipeline import SyncResult, sync_provider_to_wealthfolio
from broker_sync.providers.ibkr import IBKRProvider
from broker_sync.providers.ibkr.admission import Admitted, admit
from broker_sync.reconcile import CashDrift, PositionDrift
from tests.exactly_once.moods import DiedError, InProcess, Mood, Moods, MoodyLedger, wealthfolio
from tests.providers.ibkr.builders import Text
from tests.simulation.books import Row
from tests.simulation.broker import ACCOUNT, after
from tests.simulation.checks import _effect_of_row, _effects_of
from tests.simulation.kinds import BOOKED_KINDS, KINDS
from tests.simulation.life import Life, live
from tests.simulation.query import Query
from tests.simulation.statement import write
from tests.standins.wealthfolio import ManualClock, Service

TRACKED = ACCOUNT
_OTHER = "U1234567"
_FIRST_DAY = dt.date(2026, 9, 1)
_NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
_DAY = dt.timedelta(days=1)
_MONEY = ("deposit", "withdraw", "interest", "charge")
_HELD_LONG = (
    "buy", "sell", "cancel", "deposit", "withdraw", "interest", "charge", "pay-dividend", "rebook-dividend",
    "correct-tax", "buy-fraction",
)  # fmt: skip
"""What happens to an account that Wealthfolio can hold: nothing in it is ever short."""


@dataclass(slots=True)
class Walk:
    """One account, from a seed; `log` is what happened, for whoever reads a failure."""

    folder: Path
    seed: int
    sink_name: str = "ledger"
    days: int = 25
    events: int = 30
    today: dt.date = _FIRST_DAY
    log: list[str] = field(default_factory=list)
    life: Life = field(init=False)
    moods: Moods = field(default_factory=Moods)
    store: SyncRecordStore = field(init=False)
    sink: Sink = field(init=False)
    _rng: Random = field(init=False)
    _clock: ManualClock = field(default_factory=ManualClock)
    _service: Service = field(init=False)
    _gone: list[tuple[Row, int]] = field(default_factory=list)
    _archive: dict[str, Admitted] = field(default_factory=dict)
    _number: int = 0
    _outside: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Let the whole life happen; it is told day after day."""
        self._rng = Random(self.seed)  # noqa: S311  # repeatable
        names = BOOKED_KINDS if self.sink_name == "ledger" else _HELD_LONG
        kinds = [KINDS[name] for name in names]
        self.life = live(
            Random(self.seed),  # noqa: S311  # as above
            kinds,
            KINDS,
            first_day=_FIRST_DAY,
            days=self.days,
            events=self.events,
        )
        self._service = Service(clock=self._clock, settle_after=0)
        self.open()

    # --- the program ---

    def open(self) -> None:
        """As a new process would."""
        self.store = SyncRecordStore(self.folder / "sync.db", now=lambda: _NOW)
        self.sink = (
            MoodyLedger(self.folder / "portfolio.db", self.moods)
            if self.sink_name == "ledger"
            else wealthfolio(self.folder, InProcess(self._service, self.moods), self._clock)
        )

    def close(self) -> None:
        """As the end of a process does."""
        self.store.close()
        asyncio.run(self.sink.close())

    def restart(self) -> None:
        """The next run is another process."""
        self.close()
        self.open()

    def lose_memory(self) -> None:
        """sync.db is gone."""
        self.log.append("sync.db is lost")
        self.close()
        (self.folder / "sync.db").unlink(missing_ok=True)
        self.open()

    def keep_copy(self) -> None:
        """Copy sync.db, as a backup does."""
        self.log.append("sync.db is copied")
        if (self.folder / "sync.db").exists():
            shutil.copyfile(self.folder / "sync.db", self.folder / "sync.db.copy")

    def put_copy_back(self) -> None:
        """Put an older sync.db back."""
        if (self.folder / "sync.db.copy").exists():
            self.log.append("an older sync.db is put back")
            self.close()
            shutil.copyfile(self.folder / "sync.db.copy", self.folder / "sync.db")
            self.open()

    # --- the broker ---

    def pass_days(self, count: int) -> None:
        """Business days go by."""
        self.today = min(after(self.today, count), self.life.last_day)
        self.log.append(f"it is {self.today}")

    def told_rows(self) -> list[Row]:
        """Rows of today and before that the broker may change its mind of."""
        return [
            row
            for row in self.life.within(self.life.first_day, self.today)
            if row.section == "CashTransactions" and row.kind in _MONEY and row.money
        ]

    def restate(self, pick: int, more: Decimal) -> None:
        """The same row, another amount."""
        row = self._picked(pick)
        if row is not None:
            (money,) = row.money
            amount = money.amount + more.copy_sign(money.amount)
            values = {**row.values, "amount": amount}
            self._rewrite(row, [replace(row, values=values, money=(replace(money, amount=amount),))])
            self.log.append(f"{_named(row)} is restated to {amount}")

    def move(self, pick: int, days: int) -> None:
        """The same row, another day of booking."""
        row = self._picked(pick)
        if row is not None:
            day = min(after(row.booked_on, days), self.today)
            values = {**row.values, "reportDate": day}
            self._rewrite(row, [replace(row, values=values, booked_on=day)])
            self.log.append(f"{_named(row)} is booked on {day} instead of {row.booked_on}")

    def take_back(self, pick: int) -> None:
        """The row is not there any more."""
        row = self._picked(pick)
        if row is not None:
            self._gone.append((row, self._place(row)))
            self._rewrite(row, [])
            self.log.append(f"{_named(row)} is not listed any more")

    def tell_again(self) -> None:
        """What was taken back last is listed after all."""
        if self._gone:
            row, place = self._gone.pop()
            rows = list(self.life.rows)
            rows.insert(min(place, len(rows)), row)
            self.life = replace(self.life, rows=rows)
            self.log.append(f"{_named(row)} is listed again")

    def rebook(self, pick: int) -> None:
        """The row goes, and another one comes for the same thing under another number."""
        row = self._picked(pick)
        if row is not None:
            self._number += 1
            values = {**row.values, "transactionID": f"99{self._number:08}"}
            self._rewrite(row, [replace(row, values=values)])
            self.log.append(f"{_named(row)} is booked again as {values['transactionID']}")

    def _picked(self, pick: int) -> Row | None:
        rows = self.told_rows()
        return rows[pick % len(rows)] if rows else None

    def _place(self, row: Row) -> int:
        return next(place for place, each in enumerate(self.life.rows) if each is row)

    def _rewrite(self, row: Row, by: Sequence[Row]) -> None:
        place = self._place(row)
        rows = list(self.life.rows)
        rows[place : place + 1] = by
        self.life = replace(self.life, rows=rows)

    # --- nights ---

    def night(
        self, first: dt.date, last: dt.date, mood: Mood = Mood.WELL, calls: int = 0
    ) -> SyncResult | None:
        """Sync the statement of these days; None if the night fails or dies on the way."""
        self.moods.mood, self.moods.calls = mood, calls
        self.log.append(f"night: {first} to {last}, {mood.name} after {calls}")
        text = self._text(first, last)
        self._outside = {
            each.external_id
            for each in self.store.booked_activities(self.sink.name, TRACKED)
            if each.subtype != OPENING_BALANCE and not first <= each.booked_on <= last
        }
        try:
            return asyncio.run(self._sync(text))
        except (BrokerSyncError, DiedError) as error:
            self.log.append(f"  it ended with {type(error).__name__}: {error}")
            self.restart()
            return None
        finally:
            self.moods.mood = Mood.WELL

    def _text(self, first: dt.date, last: dt.date) -> str:
        # The funds are asked for only where something happens that no other section tells.
        query = Query(absent=frozenset({"StmtFunds"}) - self.life.needs)
        return write(self.life, query, first, last).text

    async def _sync(self, text: str, account: str = ACCOUNT) -> SyncResult:
        admitted = admit([Text(text)], configured=account)
        provider = _provider(admitted, account)
        try:
            result = await sync_provider_to_wealthfolio(
                provider=provider,
                sink=self.sink,
                dedup=self.store,
                delete_vanished=True,
                forgotten=self._forgotten() if account == ACCOUNT else None,
            )
        finally:
            await provider.close()
            # A client belongs to the loop that it was made in.
            await self.sink.close()
        self._archive |= {each.digest: each for each in admitted}
        return result

    def _forgotten(self) -> Callable[[], IBKRProvider] | None:
        """What opens the statements that were booked and are not known any more, as the archive would."""
        known = {window.document for window in self.store.windows(self.sink.name, TRACKED)}
        unknown = [each for digest, each in self._archive.items() if digest not in known]
        return (lambda: _provider(unknown)) if unknown else None

    # --- what must be true ---

    def problems(self, first: dt.date, last: dt.date) -> list[str]:
        """What is wrong after a night over these days that went well; it is repeated for that."""
        there = set(self.in_tracker())
        found = [f"removed, and not of these days: {each}" for each in sorted(self._outside - there)]
        found += [*self._records(first, last), *self._doubles()]
        before = self.moods.writes
        again = self.night(first, last)
        if again is None:
            return [*found, "the same night once more failed"]
        counts = (again.new_after_dedup, again.updated, again.deleted, again.opening_changes)
        if any(counts) or self.moods.writes != before:
            found.append(f"the same night once more wrote {counts} in {self.moods.writes - before} calls")
        pending = self.store.pending(self.sink.name, TRACKED)
        return found + [f"{each.external_id} is left as {each.operation}" for each in pending]

    def unknown(self) -> list[str]:
        """What is in the tracker and was never written down as asked for; there is none at any moment."""
        there = self.in_tracker()
        known = self.store.lookup(self.sink.name, TRACKED, there)
        return [f"booked without having been asked for: {each}" for each in there if each not in known]

    def problems_at_the_end(self) -> list[str]:
        """What is wrong once every day was told anew."""
        self.restart()
        first, last = self.life.first_day, self.life.last_day
        self.today = last
        result = self.night(first, last)
        if result is None:
            return ["the last night failed"]
        sides: list[PositionDrift | CashDrift] = [*(result.positions or ()), *(result.cash or ())]
        found = [f"drift: {each}" for each in sides if each.exceeds()]
        found += [f"failed: {each}" for each in result.failures]
        found += [f"rejected: {each.external_id} {each.reason}" for each in result.rejected]
        found += [
            f"still rejected: {each.rejection.external_id}"
            for each in self.store.rejections(self.sink.name, TRACKED)
        ]
        return found + self.problems(first, last)

    def problems_in_another_account(self) -> list[str]:
        """What is wrong after the same statement was booked for another account of the tracker."""
        before = self.in_tracker()
        text = self._text(self.life.first_day, self.life.last_day)
        asyncio.run(self._sync(text.replace(ACCOUNT, _OTHER), _OTHER))
        known = {each.external_id for each in self.store.booked_activities(self.sink.name, _OTHER)}
        there = Counter(self.in_tracker())
        there.subtract(before)
        found = [f"not booked in another account: {each}" for each in sorted(known) if there[each] != 1]
        # Of what has no number the broker's account is part of the id.
        if len(known) != len(before):
            found.append(f"another account has {len(known)} records of {len(before)}")
        return found

    def _records(self, first: dt.date, last: dt.date) -> Iterable[str]:
        """Compare each record of these days with what its row did, and see to it that there are no others."""
        rows = [row for row in self.life.within(first, last) if not row.is_label]
        done = Counter(effect for row in rows if any((effect := _effect_of_row(row))[1:]))
        legs: dict[str, list[Activity]] = {}
        for each in asyncio.run(self._booked()):
            if each.subtype != OPENING_BALANCE and first <= each.booked_on <= last:
                legs.setdefault(each.record_id, []).append(each)
        booked = Counter(effect for its in legs.values() for effect in _effects_of(its) if any(effect[1:]))
        yield from (f"not booked: {each}" for each in (done - booked).elements())
        yield from (f"booked, but no row: {each}" for each in (booked - done).elements())

    async def _booked(self) -> list[Activity]:
        """What the tracker itself says that it has of ours."""
        assert isinstance(self.sink, Keeps)
        try:
            return [each.activity async for each in self.sink.held(TRACKED) if each.activity is not None]
        finally:
            await self.sink.close()

    def _doubles(self) -> Iterable[str]:
        """Compare what is known to be booked with what is in the tracker."""
        known = Counter(each.external_id for each in self.store.booked_activities(self.sink.name, TRACKED))
        there = Counter(self.in_tracker())
        yield from (f"known, and not there: {each}" for each in (known - there).elements())
        yield from (f"there, and not known: {each}" for each in (there - known).elements())

    def in_tracker(self) -> list[str]:
        """The external id of everything that the tracker has; of two rows for one, the main one."""
        if isinstance(self.sink, MoodyLedger):
            return [activity.external_id for _, activity in self.sink.activities()]
        keys = [each.key or "" for each in self._service.store.rows.values()]
        return [key.split(":", 2)[-1] for key in keys if "#" not in key]


def _provider(admitted: Sequence[Admitted], account: str = ACCOUNT) -> IBKRProvider:
    return IBKRProvider(wf_account_id=account, upstream_account_id=account, admitted=list(admitted))


def _named(row: Row) -> str:
    return f"{row.kind} {row.values['transactionID']} of {row.booked_on}"
