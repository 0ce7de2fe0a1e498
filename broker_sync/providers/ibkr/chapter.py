"""One account in one document while it is read: what its records did, and what the broker says of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from broker_sync.contracts import Rejection, SectionCount, Truth
from broker_sync.errors import ValueFormatError
from broker_sync.models import Account, Activity, CashBalance, Position
from broker_sync.providers.ibkr.admission import Admitted
from broker_sync.providers.ibkr.bookings import Booked, Tally
from broker_sync.providers.ibkr.cash_kind import CashKind
from broker_sync.providers.ibkr.context import Context
from broker_sync.providers.ibkr.facts import listed_kinds
from broker_sync.providers.ibkr.formats import NEW_YORK, read_day, read_stamp
from broker_sync.providers.ibkr.ledger_check import LedgerCheck
from broker_sync.providers.ibkr.moments import Clock
from broker_sync.providers.ibkr.movements import Movements
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
    rejections: list[Rejection] = field(default_factory=list)
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
    def sort_key(self) -> tuple[dt.date, dt.date, str]:
        """Orders chapters in time: by last day, then by when the statement was made."""
        days = window(self._survey, order=self.admitted.survey.order)
        made = [self._made(part.head.get("whenGenerated")) for part in self._survey.parts.values()]
        return (days[1] if days else dt.date.min, max(made, default=dt.date.min), self.admitted.document.name)

    def _made(self, text: str | None) -> dt.date:
        # When a statement was made only orders statements of one day; what cannot be read comes first.
        try:
            return read_day(text, order=self.admitted.survey.order) or dt.date.min
        except ValueFormatError:
            return dt.date.min

    def take(self, booked: Booked) -> Sequence[Activity]:
        """Count in one record; gives back its activities if its day was asked for."""
        outcome, cost = booked
        if self.tally.check is not None and not isinstance(outcome, Rejection):
            self.tally.check.booked(outcome)
        day = outcome.booked_on if isinstance(outcome, Rejection) else outcome[0].booked_on
        if day is not None:
            self._days.add(day)
            if self.since is not None and day < self.since:
                self._earlier.add(outcome, cost=cost)
                return ()
            if self.before is not None and day >= self.before:
                self._later.add(outcome, cost=cost)
                return ()
        self._within.add(outcome, cost=cost)
        if isinstance(outcome, Rejection):
            self.rejections.append(outcome)
            return ()
        return outcome

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
            sections=self._sections(),
            lists=listed_kinds(
                self.admitted.survey,
                self.account.provider_account_id,
                Days(first=days[0], last=days[1]),
            ),
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

    def _sections(self) -> list[SectionCount]:
        return _section_counts(self._survey.counts, self.tally)


def _cut(balance: CashBalance, earlier: Decimal, within: Decimal, later: Decimal) -> CashBalance:
    ending = balance.ending - later
    starting = ending - within if balance.starting is None else balance.starting + earlier
    return replace(balance, starting=starting, ending=ending)


def _section_counts(counts: Mapping[tuple[str, str], int], tally: Tally) -> list[SectionCount]:
    rows: dict[str, int] = {}
    for (section, _), number in counts.items():
        rows[section] = rows.get(section, 0) + number
    return [
        SectionCount(
            section=section,
            rows=number,
            booked=tally.booked[section],
            rejected=tally.rejected[section],
            informational=number - tally.booked[section] - tally.rejected[section],
        )
        for section, number in sorted(rows.items())
    ]
