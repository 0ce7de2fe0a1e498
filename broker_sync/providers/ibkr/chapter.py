"""One account in one document while it is read: what its records did, and what the broker says of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from broker_sync.contracts import Rejection, Truth
from broker_sync.errors import ValueFormatError
from broker_sync.models import Account, CashBalance, Position
from broker_sync.providers.ibkr.admission import Admitted
from broker_sync.providers.ibkr.bookings import Tally, bookings
from broker_sync.providers.ibkr.cash_kind import CashKind
from broker_sync.providers.ibkr.context import Context
from broker_sync.providers.ibkr.editions import Edition, Outcome, Watched, overlap, record_of
from broker_sync.providers.ibkr.facts import listed_kinds
from broker_sync.providers.ibkr.formats import NEW_YORK, read_stamp
from broker_sync.providers.ibkr.ledger_check import LedgerCheck
from broker_sync.providers.ibkr.moments import Clock
from broker_sync.providers.ibkr.movements import Movements
from broker_sync.providers.ibkr.statement import groups
from broker_sync.providers.ibkr.survey import AccountSurvey
from broker_sync.providers.ibkr.truth import (
    cash_truth,
    nav_truth,
    opening_positions,
    position_truth,
    window,
)
from broker_sync.providers.ibkr.zones import zone_of_dividends
from broker_sync.received import Days

__all__ = ["Chapter"]

_ZERO: Final = Decimal(0)
_NEVER: Final = dt.datetime.min.replace(tzinfo=dt.UTC)
_DAY: Final = dt.timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class Chapter:
    """Reads one account out of one admitted document, between `since` and the day before `before`."""

    admitted: Admitted
    account: Account
    zone: dt.tzinfo | None = None
    since: dt.date | None = None
    before: dt.date | None = None
    cash_kinds: Mapping[str, CashKind] = field(default_factory=dict)
    tally: Tally = field(init=False)
    _earlier: Movements = field(default_factory=Movements)
    _within: Movements = field(default_factory=Movements)
    _later: Movements = field(default_factory=Movements)
    _days: set[dt.date] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Check against the broker's ledger of cash where the statement has it."""
        self.tally = Tally(LedgerCheck() if self._survey.has_cash_ledger else None)

    @property
    def _survey(self) -> AccountSurvey:
        return self.admitted.survey.accounts[self.account.provider_account_id]

    @property
    def context(self) -> Context:
        """What the mapping needs."""
        survey = self.admitted.survey
        clock = Clock(zone=self._zone(), order=survey.order)
        return Context(
            account=self.account,
            directory=survey.directory,
            clock=clock,
            owners=frozenset(self._survey.segments),
            has_cash_ledger=self._survey.has_cash_ledger,
            cash_kinds=self.cash_kinds,
        )

    def _zone(self) -> dt.tzinfo:
        """The zone that is set, else the one that the dividends tell, else New York."""
        if self.zone is not None:
            return self.zone
        stamps = []
        for text in self._survey.dividend_stamps:
            try:
                stamps.append(read_stamp(text, order=self.admitted.survey.order))
            except ValueFormatError:
                continue
        return zone_of_dividends(stamps) or NEW_YORK

    @property
    def made(self) -> dt.datetime | None:
        """When the latest of its statements was made; None where none of them says."""
        editions = self._editions(self.context.clock)
        return max((each.made for each in editions.values() if each.made is not None), default=None)

    @property
    def sort_key(self) -> tuple[dt.date, dt.datetime, str]:
        """Orders chapters in time: by last day, then by when they were made."""
        return (self._last_day, self.made or _NEVER, self.admitted.document.name)

    @property
    def _last_day(self) -> dt.date:
        days = window(self._survey, order=self.admitted.survey.order)
        return dt.date.min if days is None else days[1]

    def _editions(self, clock: Clock) -> dict[int, Edition]:
        """The FlexStatements that are of the account, by their numbers."""
        # Below zero is what one says of the account's futures segment on top.
        parts = self._survey.parts.items()
        return {number: Edition.of(part.head, clock) for number, part in parts if number >= 0}

    def read(self) -> Iterator[tuple[Edition, Outcome]]:
        """The records of the days that were asked for, each once, with the statement that has the last word.

        In the order of the file. What the records did is counted once for each of them as well, so the
        chapter can say what is :meth:`truth` when all is read.
        """
        context = self.context
        editions = self._editions(context.clock)
        last_words = self._last_words(context, editions)
        nameless = Edition.of({}, context.clock)
        watched = self._groups()
        said: set[str] = set()
        for booked in bookings(watched, context, self.tally):
            outcome = booked[0]
            # The ledger of cash repeats what is said twice, too.
            if self.tally.check is not None and not isinstance(outcome, Rejection):
                self.tally.check.booked(outcome)
            name, part = record_of(outcome), watched.part
            is_again = name in said
            # A row that cannot be booked is told all the same, also where its record is booked by another.
            if last_words.get(name, part) != part or (is_again and not isinstance(outcome, Rejection)):
                continue
            moved = self._moved(outcome)
            if not is_again:
                said.add(name)
                moved.add(outcome, cost=booked[1])
            if moved is self._within:
                yield editions.get(part, nameless), outcome

    def _groups(self) -> Watched:
        return Watched(groups(self.admitted.document.chunks()))

    def _last_words(self, context: Context, editions: Mapping[int, Edition]) -> dict[str, int]:
        """Record -> the number of the FlexStatement that has the last word; empty where none can differ."""
        if not any(overlap(found) for found in self._by_segment(editions)):
            return {}
        found: dict[str, int] = {}
        ranks = {number: (edition.rank, number) for number, edition in editions.items()}
        watched = self._groups()
        for outcome, _ in bookings(watched, context, Tally()):
            name, part = record_of(outcome), watched.part
            known = found.get(name)
            if known is None or ranks.get(known, ()) < ranks.get(part, ()):
                found[name] = part
        return found

    def _by_segment(self, editions: Mapping[int, Edition]) -> list[list[Edition]]:
        # A futures segment has a FlexStatement of its own for the same days, with other records.
        segments: dict[str, list[Edition]] = {}
        for number, edition in editions.items():
            name = self._survey.parts[number].head.get("accountId", "")
            segments.setdefault(name, []).append(edition)
        return list(segments.values())

    def _moved(self, outcome: Outcome) -> Movements:
        """Where a record counts, by its day."""
        day = outcome.booked_on if isinstance(outcome, Rejection) else outcome[0].booked_on
        if day is None:
            return self._within
        self._days.add(day)
        if self.since is not None and day < self.since:
            return self._earlier
        return self._later if self.before is not None and day >= self.before else self._within

    def truth(self) -> Truth | None:
        """What the broker says, cut to the days that were asked for; None where no day is known at all."""
        days = self._window()
        if days is None:
            return None
        positions = self._positions_at_end()
        return Truth(
            account=self.account,
            first_day=days[0],
            last_day=days[1],
            document=self.admitted.digest,
            positions=positions,
            opening_positions=()
            if positions is None
            else opening_positions(positions, self._within.positions),
            cash=self._cash(),
            nav=None if self._is_cut_short() else nav_truth(self._survey, order=self.admitted.survey.order),
            sections=self.tally.sections(self._survey.counts),
            lists=listed_kinds(
                self.admitted.survey,
                self.account.provider_account_id,
                Days(first=days[0], last=days[1]),
            ),
            made=self.made,
            notes=() if self.tally.check is None else tuple(self.tally.check.unmatched()),
        )

    def _window(self) -> tuple[dt.date, dt.date] | None:
        days = window(self._survey, order=self.admitted.survey.order)
        if days is None and self._days:
            days = (min(self._days), max(self._days))
        if days is None:
            return None
        first = days[0] if self.since is None else max(days[0], self.since)
        last = days[1] if self.before is None else min(days[1], self.before - _DAY)
        return (first, last) if first <= last else None

    def _is_cut_short(self) -> bool:
        days = window(self._survey, order=self.admitted.survey.order)
        return self.before is not None and days is not None and self.before <= days[1]

    def _positions_at_end(self) -> list[Position] | None:
        survey = self.admitted.survey
        positions = position_truth(self._survey, survey.directory, order=survey.order)
        if positions is None or not self._later.positions:
            return positions
        return opening_positions(positions, self._later.positions)

    def _cash(self) -> list[CashBalance] | None:
        told = cash_truth(self._survey, order=self.admitted.survey.order)
        if told is None:
            return None
        moved = (self._earlier.cash, self._within.cash, self._later.cash)
        return [_cut(balance, *(part.get(balance.currency, _ZERO) for part in moved)) for balance in told]


def _cut(balance: CashBalance, earlier: Decimal, within: Decimal, later: Decimal) -> CashBalance:
    ending = balance.ending - later
    starting = ending - within if balance.starting is None else balance.starting + earlier
    return replace(balance, starting=starting, ending=ending)
