"""One account, its broker, its tracker and a person, and nights of every kind."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random

from broker_sync import recovery
from broker_sync.apply import Writer
from broker_sync.changes import Keep
from broker_sync.contracts import Sink
from broker_sync.dedup import SavedConflict, SyncRecordStore
from broker_sync.errors import BrokerSyncError
from broker_sync.models import OPENING_BALANCE, Account, AccountType
from broker_sync.pipeline import SyncResult, sync_provider_to_wealthfolio
from broker_sync.providers.ibkr import IBKRProvider
from broker_sync.providers.ibkr.admission import Admitted, admit
from broker_sync.windows import gaps
from tests.exactly_once.mind import Mind, number_of
from tests.exactly_once.moods import DiedError, Mood, Moods
from tests.exactly_once.person import Person, Said, number
from tests.exactly_once.trackers import OfLedger, OfWealthfolio, Tracker
from tests.providers.ibkr.builders import Text
from tests.simulation.broker import ACCOUNT
from tests.simulation.kinds import BOOKED_KINDS, KINDS
from tests.simulation.life import live
from tests.simulation.query import Query
from tests.simulation.statement import write

TRACKED = ACCOUNT
_FIRST_DAY = dt.date(2026, 9, 1)
_NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
_DAY = dt.timedelta(days=1)
_MAIN = 2
_DEALT = frozenset({"BUY", "SELL"})
_SECOND = dt.timedelta(seconds=1)
_HELD_LONG = (
    "buy", "sell", "cancel", "deposit", "withdraw", "interest", "charge", "pay-dividend", "rebook-dividend",
    "correct-tax", "buy-fraction",
)  # fmt: skip
"""What happens to an account that Wealthfolio can hold: nothing in it is ever short."""


@dataclass(slots=True)
class Walk:
    """One account, from a seed.

    `log` is what happened, for whoever reads a failure; `wrong` is what must not be, and was seen in a night.
    `outside` are the records in the tracker that were not of the days of the last night, before it.
    """

    folder: Path
    seed: int
    sink_name: str = "ledger"
    days: int = 25
    events: int = 30
    log: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    broker: Mind = field(init=False)
    outside: set[str] = field(default_factory=set)
    moods: Moods = field(default_factory=Moods)
    store: SyncRecordStore = field(init=False)
    sink: Sink = field(init=False)
    tracker: Tracker = field(init=False)
    person: Person = field(default_factory=Person)
    _archive: dict[str, Admitted] = field(default_factory=dict)
    _certain: set[str] = field(default_factory=set)
    _known: dict[str, dt.date] = field(default_factory=dict)
    _nights: int = 0
    _last: dt.date = _FIRST_DAY
    _is_forgetful: bool = False
    _is_new: bool = False
    _is_older: bool = False
    _kept: tuple[set[str], Person] | None = None

    def __post_init__(self) -> None:
        """Let the whole life happen; it is told day after day."""
        names = BOOKED_KINDS if self.sink_name == "ledger" else _HELD_LONG
        kinds = [KINDS[name] for name in names]
        life = live(
            Random(self.seed),  # noqa: S311  # repeatable
            kinds,
            KINDS,
            first_day=_FIRST_DAY,
            days=self.days,
            events=self.events,
        )
        self.broker = Mind(life, self.log, lambda: self.person.numbers)
        if self.sink_name == "ledger":
            self.tracker = OfLedger(self.folder, self.moods)
        else:
            self.tracker = OfWealthfolio(self.folder, self.moods)
        self.open()

    # --- the program ---

    def open(self) -> None:
        """As a new process would."""
        self.store = SyncRecordStore(self.folder / "sync.db", now=lambda: _NOW)
        self.sink = self.tracker.open()

    def close(self) -> None:
        """As the end of a process does."""
        self.store.close()
        asyncio.run(self.sink.close())

    def restart(self) -> None:
        """The next run is another process."""
        self.close()
        self.open()

    def lose_memory(self) -> None:
        """sync.db is gone; not at the same time as what is in the tracker, which is another story."""
        if self._is_new:
            return
        self.log.append("sync.db is lost")
        booked = self.booked()
        self.close()
        (self.folder / "sync.db").unlink(missing_ok=True)
        self.open()
        self._is_forgetful = True
        self.person.look_again(self.tracker.content())
        # What a night that died has removed, since the broker lists it no more, looks removed by a person.
        missing = (booked | self._certain) - set(self.tracker.names()) - self.person.removed
        self.person.removed |= missing
        self.person.unsure |= missing
        # Of a corporate action that is not there nobody can say whether it ever was.
        self.person.unsure |= {name for name in self.person.removed if ":corporate-action:" in name}

    def keep_copy(self) -> None:
        """Copy sync.db, as a backup does."""
        self.log.append("sync.db is copied")
        if (self.folder / "sync.db").exists():
            shutil.copyfile(self.folder / "sync.db", self.folder / "sync.db.copy")

    def put_copy_back(self) -> None:
        """Put an older sync.db back."""
        if (self.folder / "sync.db.copy").exists() and not self._is_new:
            self.log.append("an older sync.db is put back")
            self.close()
            shutil.copyfile(self.folder / "sync.db.copy", self.folder / "sync.db")
            self.open()
            self._is_forgetful = True
            self.person.look_again(self.tracker.content())
            # If nothing else shows that it is an older one, it looks like an older tracker as well; and what
            # the broker had taken back since then looks as if a person had removed it.
            missing = self.booked() - set(self.tracker.names())
            self.person.unsure |= (self.person.removed - self.booked()) | (missing - self.person.removed)
            self.person.removed |= missing
            # What was decided when the copy was made is carried out, now that it is remembered.
            self.person.given_in |= self._left_to_the_broker()

    # --- the tracker ---

    def tracker_restarts(self) -> None:
        """Nobody is logged in there any more."""
        self.log.append("the tracker restarts")
        self.tracker.restart()

    def tracker_forgets(self) -> None:
        """It is a new one, in which nothing is.

        Not while something is removed: then a person seems to have removed the others as well.
        """
        if not (self.person.removed or self._is_forgetful):
            self._is_new = True
            # What is removed before a night has come to its end may be taken for what never arrived.
            self._certain = set()
            self.log.append("the tracker has forgotten everything")
            self.close()
            self.tracker.forget()
            self.open()
            self.person = Person()

    def keep_tracker(self) -> None:
        """Copy the tracker, as a backup of its own does."""
        self.log.append("the tracker is copied")
        self.close()
        self.tracker.keep_copy()
        self.open()
        self._kept = (set(self.tracker.names()), deepcopy(self.person))

    @property
    def is_tracker_copied(self) -> bool:
        """Whether there is something to be put back."""
        return self._kept is not None

    def put_tracker_back(self) -> None:
        """Put that copy back; what it lacks seems to have been removed, as long as it has something."""
        if self._kept is None or self._is_forgetful:
            return
        had, person = self._kept
        lacks = self.booked() - had
        is_lost = not any(_is_trade(name) for name in had)
        # Which row of the broker's it is that one without a number stands for, nobody can say.
        # And an action that is not booked may be the reason why another one does not verify.
        apart = (":h:", ":corporate-action:")
        if is_lost or not lacks <= self._certain or any(part in name for name in lacks for part in apart):
            return
        if self.store.pending(self.sink.name, TRACKED):
            return
        self.log.append(f"the tracker as it was is put back, without {sorted(lacks)}")
        self.close()
        self.tracker.put_copy_back()
        self.open()
        now, self.person = self.person, deepcopy(person)
        self.person.removed |= lacks
        self.person.look_again(self.tracker.content())
        # Until a night has put it right, an edit of what is older there looks like one of the latest.
        self._is_older = True
        # What was decided is remembered by sync.db, which is not an older one.
        self.person.settled |= now.settled
        self.person.was |= self._said(self.person.was)
        self.person.given_in = {
            name
            for name in self._left_to_the_broker()
            if self.person.theirs.get(name) == now.theirs.get(name)
            and (name in self.person.removed) == (name in now.removed)
        }

    # --- a person ---

    def person_changes(self, pick: int, more: Decimal) -> None:
        """Somebody writes another amount to a row, or only a note."""
        names = self._editable()
        if names:
            name = self._chosen(names, pick)
            self.restart()
            self.person.change(self._wealthfolio, name, more)
            self.log.append(f"a person adds {more} to {name}")

    def person_removes(self, pick: int) -> None:
        """Somebody removes a row, though never all of them, which would be another tracker."""
        names = self._editable()
        kept = next((name for name in names if _is_trade(name)), None)
        names = [name for name in names if name != kept and name in self._certain]
        if kept is not None and names:
            name = self._chosen(names, pick)
            self.restart()
            self.person.remove(self._wealthfolio, name)
            self.log.append(f"a person removes {name}")

    def person_decides(self, pick: int, keep: Keep, mood: Mood, calls: int) -> None:
        """Somebody says whose content stands; the next night may have to carry it out."""
        open_ = [each for each in self._conflicts() if each.decision is None]
        if open_:
            saved = open_[pick % len(open_)]
            self.log.append(f"a person decides: {saved.conflict.external_id} as the {keep.value} has it")
            self._decide([saved], keep, mood, calls)

    def person_gives_in(self) -> None:
        """Whatever somebody did, the broker's word stands; where the broker said nothing, it is undone."""
        self.log.append("a person gives in")
        self.restart()
        conflicts = self._conflicts()
        in_conflict = {each.conflict.external_id for each in conflicts}
        for name in self.person.theirs.keys() - in_conflict:
            self.person.agree(self._wealthfolio, name, self.broker.listed(dt.date.min, dt.date.max))
        self._decide(conflicts, Keep.BROKER)

    def _decide(
        self, chosen: Sequence[SavedConflict], keep: Keep, mood: Mood = Mood.WELL, calls: int = 0
    ) -> None:
        for each in chosen:
            self.person.decide(each, keep)
        self.store.decide(self.sink.name, TRACKED, [each.conflict.external_id for each in chosen], keep)
        if keep is Keep.BROKER and chosen:
            self.moods.mood, self.moods.calls = mood, calls
            try:
                asyncio.run(self._carry_out())
            except (BrokerSyncError, DiedError) as error:
                self.log.append(f"  it ended with {type(error).__name__}: {error}")
                self.restart()
            finally:
                self.moods.mood = Mood.WELL

    async def _carry_out(self) -> None:
        account = Account(
            id=TRACKED,
            provider="ibkr",
            provider_account_id=ACCOUNT,
            account_type=AccountType.GIA,
            currency=None,
        )
        run_id = self.store.begin_run(provider="conflicts", version="")
        writer = Writer(account=account, sink=self.sink, store=self.store, run_id=run_id)
        try:
            await self.sink.login()
            await recovery.settle(writer)
            await recovery.carry_out_decisions(writer)
        finally:
            await self.sink.close()

    def _conflicts(self) -> list[SavedConflict]:
        return self.store.conflicts(self.sink.name, TRACKED)

    def _said(self, names: Collection[str]) -> dict[str, Said]:
        """What the broker has said of `names`, as far as sync.db knows."""
        booked = self.store.booked_activities(self.sink.name, TRACKED)
        return {
            each.external_id: (each.amount or Decimal(0), each.booked_on)
            for each in booked
            if each.external_id in names
        }

    def _left_to_the_broker(self) -> set[str]:
        """What a person has touched, and sync.db remembers to have been decided for the broker."""
        decided = {each.conflict.external_id for each in self._conflicts() if each.decision is Keep.BROKER}
        return decided & self.person.touched

    def _editable(self) -> list[str]:
        """The rows in Wealthfolio that are known to be booked, opening balances apart.

        In how many rows a trade stands there, and which, follows from what is held by then. If a person has
        changed it, it stays as it is, and shows as drift: so trades only while no day before is left to tell.
        """
        if self._is_older or not isinstance(self.tracker, OfWealthfolio):
            return []
        booked = self.booked()
        windows = self.store.windows(self.sink.name, TRACKED)
        begun = min((each.first_day for each in windows), default=dt.date.max)
        is_told = begun <= self.broker.life.first_day and not gaps(windows)
        return [
            name
            for name, row in self.tracker.rows().items()
            if name in booked
            and ":opening:" not in name
            and (not _is_trade(name) or (is_told and (row.type in _DEALT or name.count(":") > _MAIN)))
        ]

    def _chosen(self, names: Sequence[str], pick: int) -> str:
        """One of `names`, mostly one that the broker may change its mind of."""
        numbers = {number_of(row) for row in self.broker.told_rows()}
        open_ = [name for name in names if number(name) in numbers]
        among = open_ if open_ and pick % 3 else names
        return among[pick // 3 % len(among)]

    @property
    def _wealthfolio(self) -> OfWealthfolio:
        assert isinstance(self.tracker, OfWealthfolio)
        return self.tracker

    def booked(self) -> set[str]:
        """The ids of what is known to be booked, opening balances included."""
        return {each.external_id for each in self.store.booked_activities(self.sink.name, TRACKED)}

    # --- nights ---

    def night(
        self, first: dt.date, last: dt.date, mood: Mood = Mood.WELL, calls: int = 0
    ) -> SyncResult | None:
        """Sync the statement of these days; None if the night fails or dies on the way."""
        self.moods.mood, self.moods.calls = mood, calls
        self.log.append(f"night: {first} to {last}, {mood.name} after {calls}")
        text = self._text(first, last)
        before = self._days()
        if not self._is_forgetful:
            self._known = before
        there = set(self.tracker.names())
        self.outside = {name for name, day in before.items() if name in there and not first <= day <= last}
        result = None
        try:
            result = asyncio.run(self._sync(text))
        except (BrokerSyncError, DiedError) as error:
            self.log.append(f"  it ended with {type(error).__name__}: {error}")
            self.restart()
        self.moods.mood = Mood.WELL
        days = self._days()
        if result is not None:
            self._learn(result, days, first, last, went_well=mood is Mood.WELL)
        if not self._is_forgetful:
            self.wrong += self._forgotten_wrongly(days, first, last)
        self.wrong += self.person.overwritten(self.tracker.content())
        if result is not None and last >= self._last:
            # The word of an older statement does not count.
            self._last = last
            self.wrong += self.person.untold(self.broker.listed(first, last), result.conflicts)
        return result

    def _learn(
        self,
        result: SyncResult,
        days: Mapping[str, dt.date],
        first: dt.date,
        last: dt.date,
        *,
        went_well: bool,
    ) -> None:
        """What is certain now that a night has come to its end, after which these `days` are booked."""
        self._is_forgetful = self._is_older = False
        self._is_new = self._is_new and bool(result.failures)
        self.person.see(self.tracker.content(), days)
        if not result.failures:
            # Otherwise the archive does not say that they are booked, nor, without sync.db, that one is gone.
            self._certain |= {name for name, day in days.items() if first <= day <= last}
        if went_well:
            self.person.forget(self.person.given_in)

    def _days(self) -> dict[str, dt.date]:
        """On which day each record is booked that is known to be."""
        return {
            each.external_id: each.booked_on
            for each in self.store.booked_activities(self.sink.name, TRACKED)
            if each.subtype != OPENING_BALANCE
        }

    def _forgotten_wrongly(self, days: Mapping[str, dt.date], first: dt.date, last: dt.date) -> list[str]:
        """What a person removed, and is known no more though the broker has not taken it back.

        What it has taken back comes again, if it lists it again.
        """
        forgotten = self.person.removed - days.keys() - self.person.unsure
        self.person.forget(forgotten)
        listed = {number_of(row) for row in self.broker.listed(first, last)}
        ever = {number_of(row) for row in self.broker.listed(dt.date.min, dt.date.max)}
        return [
            f"{name} was removed by a person, and is forgotten"
            for name in sorted(forgotten)
            if number(name) in listed
            or (number(name) in ever and not first <= self._known.get(name, first) <= last)
        ]

    def _text(self, first: dt.date, last: dt.date) -> str:
        """What is downloaded the next night."""
        self.tracker.pass_a_day()
        # The funds are asked for only where something happens that no other section tells.
        query = Query(absent=frozenset({"StmtFunds"}) - self.broker.life.needs)
        self._nights += 1
        # Asked for today, with what the broker says today.
        later = self.broker.today - last + self._nights * _SECOND
        return write(self.broker.life, query, first, last, later=later).text

    async def book_elsewhere(self, account: str) -> None:
        """Sync all days as another account of the broker, into an account of the same name."""
        text = self._text(self.broker.life.first_day, self.broker.life.last_day)
        await self._sync(text.replace(ACCOUNT, account), account)

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
        if not result.failures:
            # Of the others the archive does not say that they are booked.
            self._archive |= {each.digest: each for each in admitted}
        return result

    def _forgotten(self) -> Callable[[], IBKRProvider] | None:
        """What opens the statements that were booked and are not known any more, as the archive would."""
        known = {window.document for window in self.store.windows(self.sink.name, TRACKED)}
        unknown = [each for digest, each in self._archive.items() if digest not in known]
        return (lambda: _provider(unknown)) if unknown else None


def _provider(admitted: Sequence[Admitted], account: str = ACCOUNT) -> IBKRProvider:
    return IBKRProvider(wf_account_id=account, upstream_account_id=account, admitted=list(admitted))


def _is_trade(name: str) -> bool:
    return ":trade:" in name
