"""Dividends with their taxes and fees, and what becomes of them months later."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from tests.simulation.books import Row, Thing
from tests.simulation.broker import Broker, Kind
from tests.simulation.kinds_money import cash_row
from tests.simulation.query import NEW_YORK

_CENT = Decimal("0.01")
_TAXES = ("Withholding Tax", "871(m) Withholding")
_KINDS = ("Dividends", "Payment In Lieu Of Dividends", *_TAXES, "Other Fees")
PAID_AT = dt.time(20, 20, tzinfo=NEW_YORK)
"""When the broker pays, by its own clock."""


def pay(broker: Broker) -> None:
    """A dividend on what is held; on what is short, the account pays it in lieu."""
    held = broker.held()
    if not held:
        return
    thing = broker.pick(held)
    currency = "USD" if broker.chance(0.2) else thing.currency
    moment = dt.datetime.combine(broker.today, PAID_AT)
    _paid(broker, thing, broker.books.units[thing.conid], currency, moment, action=broker.number())


def _paid(
    broker: Broker, thing: Thing, units: Decimal, currency: str, moment: dt.datetime, *, action: str
) -> None:
    rate = broker.amount(0, 3, places=4) + Decimal("0.01")
    gross = (units * rate).quantize(_CENT)
    words = f"{thing.symbol}({thing.isin}) CASH DIVIDEND {currency} {rate} PER SHARE"
    lent = (gross * broker.pick((0, 0, 0, 1)) / 3).quantize(_CENT) if gross > 0 else gross
    for kind, part in (("Dividends", gross - lent), ("Payment In Lieu Of Dividends", lent)):
        if not part:
            continue
        _row(broker, kind, part, currency, f"{words} ({_nature(kind)})", thing, moment, action)
        if part > 0 and broker.chance(0.7):
            tax = -(part * broker.pick((15, 30)) / 100).quantize(_CENT)
            tax_kind = broker.pick((*_TAXES[:1] * 3, *_TAXES[1:]))
            _row(broker, tax_kind, tax, currency, f"{words} - US TAX", thing, moment, action)
    if broker.chance(0.2) and gross > 0:
        _row(broker, "Other Fees", -_CENT * 3, currency, f"{words} - FEE", thing, moment, action)


def _nature(kind: str) -> str:
    return "Ordinary Dividend" if kind == "Dividends" else "PAYMENT IN LIEU OF DIVIDEND"


def _row(
    broker: Broker,
    kind: str,
    amount: Decimal,
    currency: str,
    words: str,
    thing: Thing,
    moment: dt.datetime,
    action: str,
) -> None:
    if amount:
        cash_row(
            broker, kind, amount, currency, words, thing=thing, code="DIV", dateTime=moment, actionID=action
        )


def rebook(broker: Broker) -> None:
    """An earlier dividend is taken back with all its rows, and mostly booked again at another rate.

    The new rows stand under the moment of the old payment and are reported today.
    """
    event = _one_that_stands(broker)
    if not event:
        return
    marked = broker.pick((" - REVERSAL", ""))
    for row in event:
        _again(broker, row, -_amount(row), marked)
    if broker.chance(0.8):
        factor = Decimal(broker.rng.randint(50, 150)) / 100
        for row in event:
            _again(broker, row, (_amount(row) * factor).quantize(_CENT), "")


def correct_tax(broker: Broker) -> None:
    """The tax on an earlier dividend is given back, and another one taken: +0.76 and -0.06, say."""
    taxed = [row for row in _one_that_stands(broker) if row.values["type"] in _TAXES]
    for row in taxed[:1]:
        _again(broker, row, -_amount(row), "")
        _again(broker, row, (_amount(row) / 2).quantize(_CENT), "")


def _one_that_stands(broker: Broker) -> list[Row]:
    events: dict[str, list[Row]] = {}
    taken_back: set[str] = set()
    for row in broker.rows:
        if row.section == "CashTransactions" and row.values["type"] in _KINDS and row.values["actionID"]:
            action = str(row.values["actionID"])
            if row.kind == "pay-dividend":
                events.setdefault(action, []).append(row)
            else:
                taken_back.add(action)
    standing = [rows for action, rows in events.items() if action not in taken_back]
    return broker.pick(standing) if standing else []


def _amount(row: Row) -> Decimal:
    amount = row.values["amount"]
    assert isinstance(amount, Decimal)
    return amount


def _again(broker: Broker, row: Row, amount: Decimal, marked: str) -> None:
    moment = row.values["dateTime"]
    assert isinstance(moment, dt.datetime)
    assert row.thing is not None
    values = {name: str(row.values[name]) for name in ("type", "currency", "description", "actionID")}
    words = f"{values['description']}{marked}"
    _row(broker, values["type"], amount, values["currency"], words, row.thing, moment, values["actionID"])


KINDS = (
    Kind(name="pay-dividend", happen=pay, builds_on="buy", weight=4),
    Kind(name="rebook-dividend", happen=rebook, builds_on="pay-dividend"),
    Kind(name="correct-tax", happen=correct_tax, builds_on="pay-dividend"),
)
