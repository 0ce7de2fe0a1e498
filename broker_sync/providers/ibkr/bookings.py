"""The second reading of a document: rows to booked records and rejections, one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from broker_sync.contracts import Rejection, SectionCount
from broker_sync.errors import ValueFormatError
from broker_sync.models import Activity, ActivityType
from broker_sync.providers.ibkr.context import Context
from broker_sync.providers.ibkr.formats import number
from broker_sync.providers.ibkr.identity import Identities
from broker_sync.providers.ibkr.ledger_check import LedgerCheck
from broker_sync.providers.ibkr.mapping import RECORDS, map_record, reject
from broker_sync.providers.ibkr.mapping_plain import plain_shares
from broker_sync.providers.ibkr.records import Record
from broker_sync.providers.ibkr.records_funds import FundsLine
from broker_sync.providers.ibkr.sections import RECORD_KINDS, Use, use_of
from broker_sync.providers.ibkr.statement import Group
from broker_sync.providers.ibkr.survey import owner

__all__ = ["Booked", "Tally", "bookings"]


class Tally:
    """Records by section and outcome; `check` is handed the lines of the broker's ledger of cash, if set."""

    __slots__ = ("booked", "check", "rejected")

    def __init__(self, check: LedgerCheck | None = None) -> None:
        """Start with nothing counted."""
        self.check = check
        self.booked: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()

    def sections(self, counts: Mapping[tuple[str, str], int]) -> list[SectionCount]:
        """What became of the rows of each section, given how many there are by section and tag; by name."""
        rows: Counter[str] = Counter()
        for (section, _), count in counts.items():
            rows[section] += count
        return [
            SectionCount(
                section=section,
                rows=count,
                booked=self.booked[section],
                rejected=self.rejected[section],
                informational=count - self.booked[section] - self.rejected[section],
            )
            for section, count in sorted(rows.items())
        ]


Booked = tuple[list[Activity] | Rejection, Decimal | None]
"""A record's outcome, and the cost basis that it added or released (None if it does not say)."""


def bookings(groups: Iterable[Group], context: Context, tally: Tally) -> Iterator[Booked]:
    """The records of the context's account with their outcomes, in file order; other rows are left out."""
    reading = _Reading(context=context, tally=tally)
    for group in groups:
        if not group.section:
            reading.head = group.rows[0]
            reading.identities.next_statement()
        elif group.section == "Trades" and group.tag == "Trade":
            yield from _trades(group, reading)
        elif group.tag:
            handler = _Handler(group.section, group.tag, reading)
            for raw in group.rows:
                yield from handler.handle(raw)


def _trades(group: Group, reading: _Reading) -> Iterator[Booked]:
    """The trades, the plain ones on a short way."""
    handler = _Handler(group.section, group.tag, reading)
    plain = plain_shares(group.names, reading.context)
    names = group.names
    cost_place = names.index("cost") if "cost" in names else None
    plainly_booked = 0
    for values in group.values:
        try:
            activity = plain(values)
        except ValueFormatError:
            activity = None  # the general way finds it again, and says which record it is
        if activity is None:
            yield from handler.handle(dict(zip(names, values, strict=True)))
        else:
            plainly_booked += 1
            yield [activity], None if cost_place is None else _cost(values[cost_place])
    reading.tally.booked["Trades"] += plainly_booked


def _cost(text: str | None) -> Decimal | None:
    """The cost basis in `text`; None where it is none or not a number, which only the cost depends on."""
    try:
        return number(text)
    except ValueFormatError:
        return None


@dataclass(slots=True, kw_only=True)
class _Reading:
    """Where the reading is, and what it counts."""

    context: Context
    tally: Tally
    head: dict[str, str] = field(default_factory=dict)
    identities: Identities = field(default_factory=Identities)


class _Handler:
    """What is done with the rows of one tag in one section; looked up once a group, not for every row."""

    def __init__(self, section: str, tag: str, reading: _Reading) -> None:
        self._section = section
        self._reading = reading
        self._kind = RECORD_KINDS.get(section, section)
        self._mapping = RECORDS.get((section, tag))
        self._use = use_of(section)

    def handle(self, raw: dict[str, str]) -> Iterator[Booked]:
        """The record in a row, if it is one and of the context's account."""
        reading = self._reading
        context = reading.context
        if not context.owns(owner(raw, reading.head)):
            return
        row = (Record if self._mapping is None else self._mapping.record)(raw, context.clock.order)
        if reading.tally.check is not None and isinstance(row, FundsLine):
            reading.tally.check.line(row)
        if not self._is_record(row):
            return
        outcome = self._book(reading.identities.of(self._kind, row), row, context)
        counts = reading.tally.rejected if isinstance(outcome, Rejection) else reading.tally.booked
        counts[self._section] += 1
        yield outcome, self._cost_of(outcome, raw)

    def _cost_of(self, outcome: list[Activity] | Rejection, raw: dict[str, str]) -> Decimal | None:
        if self._section == "Trades":
            return _cost(raw.get("cost"))
        # A split changes how many units share a cost, never the cost.
        is_split = isinstance(outcome, list) and {each.activity_type for each in outcome} == {
            ActivityType.SPLIT
        }
        return Decimal(0) if is_split else None

    def _is_record(self, row: Record) -> bool:
        if self._mapping is not None:
            return self._mapping.is_record(row, self._reading.context)
        return self._use in {Use.NOT_YET, Use.UNKNOWN}

    def _book(self, record_id: str, row: Record, context: Context) -> list[Activity] | Rejection:
        if self._mapping is not None:
            return map_record(record_id, self._section, row, context)
        reason = f"the section {self._section} is {self._use.value}"
        return reject(record_id, self._section, row, context, reason=reason)
