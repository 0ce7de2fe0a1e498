"""What a broker's life came to: its rows in the order in which they were reported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from tests.simulation.books import Books, Row, Thing, books_until
from tests.simulation.broker import Broker, Kind, after
from tests.simulation.kinds_futures import margin


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """An account from its first day to its last; `marks` are closing prices by conid and day.

    `needs` are the sections without which no statement tells it in full.
    """

    first_day: dt.date
    last_day: dt.date
    needs: frozenset[str]
    rows: Sequence[Row]
    things: Mapping[str, Thing]
    marks: Mapping[tuple[str, dt.date], Decimal]

    @property
    def is_numbered(self) -> bool:
        """Whether every record of it has a number of its own, whatever the query writes."""
        return all(row.values.get("transactionID") for row in self.rows if not row.is_label)

    def within(self, first: dt.date, last: dt.date) -> list[Row]:
        """The rows reported from `first` to `last`."""
        return [row for row in self.rows if first <= row.booked_on <= last]

    def books(self, day: dt.date) -> Books:
        """The books at the end of `day`."""
        return books_until(self.rows, day)

    def mark(self, conid: str, day: dt.date) -> Decimal:
        """The last closing price until `day`; 1 for what had none yet."""
        while day >= self.first_day:
            price = self.marks.get((conid, day))
            if price is not None:
                return price
            day -= dt.timedelta(days=1)
        return Decimal(1)


def live(
    rng: Random,
    kinds: Sequence[Kind],
    table: Mapping[str, Kind],
    *,
    first_day: dt.date,
    days: int,
    events: int,
) -> Life:
    """A life of so many business days, on which so many things of `kinds` happen; `table` has all kinds."""
    broker = Broker(rng, first_day)
    chosen = rng.choices(kinds, weights=[kind.weight for kind in kinds], k=events)
    calendar = sorted(rng.randrange(days) for _ in chosen)
    last_day = first_day
    for place in range(days):
        broker.today = last_day = after(first_day, place)
        carried = broker.books.held()
        for kind, day in zip(chosen, calendar, strict=True):
            if day == place:
                _happen(broker, kind, table)
        broker.kind = "margin"
        margin(broker, carried)
        broker.close_day()
    return Life(
        first_day=first_day,
        last_day=last_day,
        needs=frozenset().union(*(table[row.kind].needs for row in broker.rows if row.kind in table)),
        rows=sorted(broker.rows, key=lambda row: row.booked_on),
        things=broker.things,
        marks=broker.marks,
    )


def _happen(broker: Broker, kind: Kind, table: Mapping[str, Kind]) -> None:
    """Let a thing happen, or if it cannot, what must happen first."""
    written = len(broker.rows)
    broker.kind = kind.name
    kind.happen(broker)
    if len(broker.rows) == written and kind.builds_on:
        _happen(broker, table[kind.builds_on], table)
