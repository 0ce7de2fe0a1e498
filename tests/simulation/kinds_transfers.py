"""Shares and money that come from other accounts and brokers, or go there; and shares that are given."""

from __future__ import annotations

from decimal import Decimal

from tests.simulation.books import ZERO, Money, Row, Thing, Value
from tests.simulation.broker import Broker, Kind, after
from tests.simulation.kinds_money import CURRENCIES

_CENT = Decimal("0.01")


def _transferred(
    broker: Broker,
    kind: str,
    direction: str,
    *,
    thing: Thing | None = None,
    units: Decimal = ZERO,
    currency: str = "",
    cash: Decimal = ZERO,
    code: str = "",
    price: Decimal = ZERO,
    cost: Decimal | None = None,
) -> None:
    value = (units * broker.mark(thing)).quantize(_CENT) if thing else ZERO
    report = broker.today if code else broker.report_day(late=0.2)
    values: dict[str, Value] = {
        "type": kind,
        "direction": direction,
        "quantity": units,
        "transferPrice": price,
        "positionAmount": value,
        "positionAmountInBase": value,
        "pnlAmount": ZERO,
        "cashTransfer": cash,
        "company": "--",
        "account": "CS-999999-99",
        "deliveringBroker": "0908",
        "code": code,
        "transactionID": broker.number(),
        "reportDate": report,
        "date": broker.today,
        "dateTime": broker.today,
        "settleDate": after(broker.today, 2),
        "levelOfDetail": "TRANSFER",
    }
    if thing is None:
        words = f"TRANSFER {direction} CS-999999-99"
        values |= {"assetCategory": "CASH", "symbol": "--", "description": words, "currency": currency}
    moved_cost = value if cost is None else cost
    money = [Money(currency=currency, amount=cash, text="Internal Transfer", code="ADJ")]
    broker.book(
        "Transfers", "Transfer", values, on=report, thing=thing, money=money, units=units, cost=moved_cost
    )


def bring_shares(broker: Broker) -> None:
    """Shares come, now and then a short position, and now and then with what they cost."""
    thing = broker.share(known=0.4)
    units = Decimal(broker.rng.randint(1, 300)) * broker.pick((1, 1, 1, -1))
    kind = broker.pick(("ACATS", "FOP", "ATON", "INTERNAL"))
    price = broker.pick((ZERO, Decimal("12.34")))
    _transferred(broker, kind, "IN", thing=thing, units=units, price=price)


def send_shares(broker: Broker) -> None:
    """Shares go, all or some."""
    held = [thing for thing in broker.held(shorts=False) if thing.listing]
    if held:
        thing = broker.pick(held)
        units = broker.books.units[thing.conid]
        part = units if broker.chance(0.5) else (units / 2).quantize(Decimal("0.0001"))
        cost = broker.books.basis(thing.conid, -part, ZERO)
        _transferred(
            broker, broker.pick(("FOP", "ACATS", "INTERNAL")), "OUT", thing=thing, units=-part, cost=cost
        )


def send_back(broker: Broker) -> None:
    """An earlier transfer of shares is taken back: the direction stays, the sign turns."""
    sent = [
        row
        for row in broker.rows
        if row.section == "Transfers" and row.thing is not None and not row.values["code"]
    ]
    standing = [row for row in sent if row.values["transactionID"] not in broker.gone]
    if standing:
        row = broker.pick(standing)
        assert row.thing is not None
        units, cost = _moved(row)
        _transferred(
            broker,
            str(row.values["type"]),
            str(row.values["direction"]),
            thing=row.thing,
            units=-units,
            cost=-cost,
            code="Ca",
        )
        broker.gone.add(row.values["transactionID"])


def _moved(row: Row) -> tuple[Decimal, Decimal]:
    assert row.thing is not None
    return row.units[row.thing.conid], row.cost.get(row.thing.conid, ZERO)


def move_cash(broker: Broker) -> None:
    """Money goes to another account of the holder, or comes from there."""
    cash = broker.amount(10, 4000) * broker.pick((1, -1))
    direction = "IN" if cash > 0 else "OUT"
    _transferred(broker, "INTERNAL", direction, currency=broker.pick(CURRENCIES), cash=cash)


def grant_shares(broker: Broker) -> None:
    """Shares for money brought to the broker; they vest on a later day, which moves nothing."""
    thing = broker.share(known=0.3)
    units = broker.amount(1, 9, places=4)
    price = broker.mark(thing)
    values: dict[str, Value] = {
        "reportDate": broker.today,
        "activityDescription": "Stock Award Grant for Cash Deposit",
        "awardDate": broker.today,
        "vestingDate": after(broker.today, 4),
        "quantity": units,
        "price": price,
        "value": (units * price).quantize(_CENT),
    }
    section, tag = "StockGrantActivities", "StockGrantActivity"
    broker.book(section, tag, values, thing=thing, units=units, cost=units * price)
    day = after(broker.today, 4)
    vested = {**values, "activityDescription": "Stock Award Vesting", "reportDate": day}
    broker.book(section, tag, vested, on=day, thing=thing, is_label=True)


def deliver_away(broker: Broker) -> None:
    """A trade made at another broker is delivered here, against payment or free."""
    thing = broker.share(known=0.5)
    units = Decimal(broker.rng.randint(1, 90)) * broker.pick((1, -1))
    price, commission = broker.price(thing), -Decimal(1)
    away = Decimal(2)
    free = broker.chance(0.3)
    proceeds = ZERO if free else -units * price - away
    net = proceeds + commission
    values: dict[str, Value] = {
        "transactionID": broker.number(),
        "tradeID": broker.number(),
        "reportDate": broker.today,
        "tradeDate": broker.today,
        "tradeTime": broker.pick(("202000", "")),
        "transactionType": "DvpTrade",
        "quantity": units,
        "tradePrice": ZERO if free else price,
        "tradeMoney": ZERO if free else units * price,
        "proceeds": proceeds,
        "taxes": ZERO,
        "ibCommission": commission,
        "ibCommissionCurrency": thing.currency,
        "netCash": net,
        "brokerName": "Another Broker LLC",
        "direction": "From" if units > 0 else "To",
        "deliveredReceived": "Received" if units > 0 else "Delivered",
        "notes": "",
        "levelOfDetail": "TRADE_TRANSFERS",
    }
    money = [Money(currency=thing.currency, amount=net, text="Transfer of a trade", code="DVP")]
    cost = broker.books.basis(thing.conid, units, -net)
    broker.book("TradeTransfers", "TradeTransfer", values, thing=thing, money=money, units=units, cost=cost)


KINDS = (
    Kind(name="bring-shares", happen=bring_shares, weight=3),
    Kind(name="send-shares", happen=send_shares, builds_on="bring-shares"),
    Kind(name="send-back", happen=send_back, builds_on="bring-shares"),
    Kind(name="move-cash", happen=move_cash),
    Kind(name="grant-shares", happen=grant_shares, weight=1),
    Kind(name="deliver-away", happen=deliver_away, weight=1),
)
