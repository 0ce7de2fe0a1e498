"""An account in May: what the broker says, what was booked, what the tracker has."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from broker_sync.explain import Entry, Evidence, Explanation, Told, explain
from broker_sync.explain.effects import Sides
from broker_sync.models import Instrument, Position
from broker_sync.opening import Window
from broker_sync.received import Days
from broker_sync.reconcile import CashDrift, PositionDrift, Side, SideKind

__all__ = [
    "BUY", "CONVERSION", "DIVIDEND", "GADGET", "LAST", "OPENING_CASH", "OPENING_SHARES", "RECORDS", "SELL",
    "SPLIT", "WIDGET", "World", "day", "entry", "foreign", "money", "units",
]  # fmt: skip

D = Decimal
WIDGET = Instrument(symbol="WDGT", currency="USD", conid="1001")
GADGET = Instrument(symbol="GDGT.L", currency="GBP", conid="2002")
MAY = Days(first=dt.date(2026, 5, 1), last=dt.date(2026, 5, 31))
LAST = MAY.last


def day(number: int, month: int = 5) -> dt.date:
    return dt.date(2026, month, number)


def entry(  # noqa: PLR0917  # written in the order in which a row is read
    record: str,
    on: dt.date,
    what: str,
    instrument: Instrument | None = None,
    units: str = "0",
    cash: str = "0",
    currency: str = "USD",
    **other: Any,  # noqa: ANN401
) -> Entry:
    return Entry(
        external_id=other.pop("external_id", record),
        record_id=record,
        day=on,
        what=what,
        instrument=instrument,
        units=D(units),
        currency=currency if D(cash) else "",
        cash=D(cash),
        **other,
    )


def foreign(row: str, like: Entry, **changes: Any) -> Entry:  # noqa: ANN401
    """A row that somebody entered."""
    return replace(like, external_id=None, record_id=row, **changes)


OPENING_CASH = entry("ibkr:opening:cash:USD", day(30, 4), "TRANSFER_IN", cash="2000", is_opening=True)
OPENING_SHARES = entry(
    "ibkr:opening:position:conid:2002", day(30, 4), "ADD_HOLDING", GADGET, "5", is_opening=True
)
BUY = entry("ibkr:trade:1", day(4), "BUY", WIDGET, "10", "-1001")
SELL = entry("ibkr:trade:2", day(11), "SELL", WIDGET, "-4", "439")
DIVIDEND = entry("ibkr:cash:3", day(12), "DIVIDEND", WIDGET, cash="12.5")
SPLIT = entry("ibkr:ca:4", day(18), "SPLIT", GADGET, "15")
CONVERSION = (
    entry("ibkr:trade:5", day(19), "TRANSFER_OUT", cash="-130", external_id="ibkr:trade:5:out"),
    entry("ibkr:trade:5", day(19), "TRANSFER_IN", cash="100", currency="GBP", external_id="ibkr:trade:5:in"),
)
RECORDS = (BUY, SELL, DIVIDEND, SPLIT, *CONVERSION)
OPENINGS = (OPENING_CASH, OPENING_SHARES)

BROKER = {"WDGT": D(6), "GDGT.L": D(20), "USD": D("1320.5"), "GBP": D(100)}
WINDOW = Window(
    first_day=MAY.first,
    last_day=MAY.last,
    document="1",
    opening_positions=(Position(instrument=GADGET, quantity=D(5)),),
    starting_cash={"USD": D(2000)},
)
NUMBERS = frozenset({"trade", "cash", "ca"})


def units(instrument: Instrument = WIDGET) -> Side:
    return Side(SideKind.POSITION, instrument.key)


def money(currency: str = "USD") -> Side:
    return Side(SideKind.CASH, currency)


@dataclass(frozen=True, kw_only=True)
class World:
    """Both sides, in agreement unless something is changed.

    `broker` are the balances that are compared, `shown` what the tracker shows although its rows add up to
    something else.
    """

    told: Sequence[Entry] = RECORDS
    booked: Sequence[Entry] = (*OPENINGS, *RECORDS)
    held: Sequence[Entry] | None = (*OPENINGS, *RECORDS)
    broker: dict[str, Decimal] = field(default_factory=lambda: dict(BROKER))
    shown: Mapping[str, Decimal] = field(default_factory=dict)
    windows: Sequence[Window] = (WINDOW,)
    other: Mapping[str, Any] = field(default_factory=dict)

    @property
    def evidence(self) -> Evidence:
        given: dict[str, Any] = {
            "account": "U1234567",
            "as_of": LAST,
            "told": Told(days=MAY, entries=self.told, kinds=NUMBERS),
            "booked": self.booked,
            "held": self.held,
            "windows": self.windows,
            **self.other,
        }
        return Evidence(**given)

    def compared(self) -> list[PositionDrift | CashDrift]:
        sides = Sides([WIDGET, GADGET])
        rows = self.booked if self.held is None else self.held
        has = sides.all_effects(each for each in rows if each.day <= LAST)
        zero = D(0)
        return [
            *(
                PositionDrift(
                    instrument=thing,
                    broker=self.broker.get(thing.symbol, zero),
                    tracker=self.shown.get(thing.symbol, has.get(units(thing), zero)),
                )
                for thing in (GADGET, WIDGET)
            ),
            *(
                CashDrift(
                    currency=name,
                    broker=self.broker.get(name, zero),
                    tracker=self.shown.get(name, has.get(money(name), zero)),
                )
                for name in ("GBP", "USD")
                if name in self.broker
            ),
        ]

    def explained(self) -> list[Explanation]:
        return explain(self.compared(), self.evidence)
