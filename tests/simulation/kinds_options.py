"""Options and their kin: dealt in, written, expired, exercised, assigned, settled in shares or in cash."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from tests.simulation.books import ZERO, Money, Thing, Value
from tests.simulation.broker import Broker, Kind, after
from tests.simulation.deals import Deal, deal, fee
from tests.simulation.market import isin, ticker
from tests.simulation.query import NEW_YORK

_EXPIRES_AT = dt.time(16, 20, tzinfo=NEW_YORK)
_WORDS = {"A": "Assignment", "Ex": "Exercise", "Ep": "Expiration"}
LEVERAGED = ("OPT", "FOP", "WAR", "IOPT")


def _option(broker: Broker, underlying: Thing | None = None) -> Thing:
    """An option on a share, or without one on an index, in the symbols of its exchange."""
    expiry, strike = broker.today + dt.timedelta(days=30), Decimal(broker.rng.randint(5, 300))
    way = broker.pick(("C", "P"))
    root = underlying.symbol.split()[0].strip(".") if underlying else ticker(broker.rng)
    currency = underlying.currency if underlying else broker.pick(("USD", "EUR"))
    osi = f"{root:<6}{expiry:%y%m%d}{way}{int(strike) * 1000:08}"
    eurex = f"{way} {root}  {expiry:%Y%m%d} {strike} M"
    thing = Thing(
        conid=broker.number(),
        symbol=osi if currency == "USD" else eurex,
        currency=currency,
        category="OPT",
        sub_category=way,
        listing="CBOE" if currency == "USD" else "",
        description=f"{root} {expiry:%d%b%y} {strike} {way}".upper(),
        multiplier=Decimal(100 if underlying else broker.pick((5, 10, 100))),
        strike=str(strike),
        expiry=expiry.strftime("%Y%m%d"),
        put_call=way,
        underlying=underlying.conid if underlying else "",
    )
    return broker.add(thing, broker.amount(0, 12) + Decimal("0.05"))


def _option_on_future(broker: Broker) -> Thing:
    letters, expiry = ticker(broker.rng)[:2], broker.today + dt.timedelta(days=20)
    thing = Thing(
        conid=broker.number(),
        symbol=f"{letters}U8 C{broker.rng.randint(100, 999)}0",
        currency="USD",
        category="FOP",
        sub_category="C",
        description=f"{letters} {expiry:%d%b%y} C".upper(),
        multiplier=Decimal(broker.pick((1000, 125_000))),
        expiry=expiry.strftime("%Y%m%d"),
        put_call="C",
    )
    return broker.add(thing, broker.amount(0, 2, places=4) + Decimal("0.0001"))


def _warrant(broker: Broker) -> Thing:
    number, letters = broker.number(), ticker(broker.rng)
    category = broker.pick(("WAR", "IOPT"))
    thing = Thing(
        conid=number,
        symbol=letters if category == "IOPT" else f"{letters} WS",
        currency="EUR" if category == "IOPT" else "USD",
        category=category,
        isin=isin("DE", number),
        listing="SWB" if category == "IOPT" else "NYSE",
        description=f"{letters} WARRANT",
        strike="105",
        expiry="20291221",
        put_call="P",
    )
    return broker.add(thing, broker.amount(1, 40))


def _dealt(broker: Broker, thing: Thing, quantity: Decimal) -> None:
    commission = fee(broker)
    deal(broker, Deal(thing=thing, quantity=quantity, price=broker.price(thing), commission=commission))


def _new(broker: Broker) -> Thing:
    makers: tuple[Callable[[Broker], Thing], ...] = (
        lambda b: _option(b, b.share(known=0.8)),
        _option,
        _option_on_future,
        _warrant,
    )
    return broker.pick((makers[0], *makers))(broker)


def buy_option(broker: Broker) -> None:
    """Some contracts."""
    _dealt(broker, _new(broker), Decimal(broker.rng.randint(1, 20)))


def write_option(broker: Broker) -> None:
    """Some contracts sold short."""
    _dealt(broker, _option(broker, broker.share(known=0.8)), -Decimal(broker.rng.randint(1, 20)))


def buy_index_option(broker: Broker) -> None:
    """Some contracts on an index, bought or sold."""
    _dealt(broker, _option(broker), Decimal(broker.rng.randint(1, 20)) * broker.pick((1, -1)))


def close_option(broker: Broker) -> None:
    """All contracts of a kind, or more than there are."""
    held = broker.held(*LEVERAGED)
    if held:
        thing = broker.pick(held)
        units = broker.books.units[thing.conid]
        _dealt(broker, thing, -units * broker.pick((1, 1, 2)))


def _ended(broker: Broker, thing: Thing, code: str) -> Decimal:
    """The option's leg at zero, at 16:20 of its last day, reported on the next; gives back the units."""
    units = broker.books.units[thing.conid]
    order = Deal(
        thing=thing,
        quantity=-units,
        price=ZERO,
        kind="BookTrade",
        notes=code,
        at=dt.datetime.combine(broker.today, _EXPIRES_AT),
        booked_on=after(broker.today, 1),
        trade_id=broker.pick((broker.number(), "")),
        exec_id="",
        exchange="--",
        order_type="",
        close=ZERO,
    )
    row = deal(broker, order)
    _event(broker, thing, _WORDS[code], -units, ZERO, str(row.values["tradeID"]))
    return units


def _event(
    broker: Broker, thing: Thing, words: str, quantity: Decimal, price: Decimal, trade_id: str = ""
) -> None:
    """The row of OptionEAE beside a leg: says it again, with commas between thousands."""
    values: dict[str, Value] = {
        "date": after(broker.today, 1),
        "transactionType": words,
        "quantity": f"{quantity:,f}",
        "tradePrice": f"{price:.4f}",
        "markPrice": "0.0000",
        "proceeds": f"{-quantity * price:,.2f}",
        "commisionsAndTax": "0.00",
        "tradeID": trade_id,
    }
    broker.book("OptionEAE", "OptionEAE", values, on=after(broker.today, 1), thing=thing, is_label=True)


def expire(broker: Broker) -> None:
    """Contracts end worth nothing."""
    held = broker.held(*LEVERAGED)
    if held:
        _ended(broker, broker.pick(held), "Ep")


def settle_in_shares(broker: Broker) -> None:
    """Contracts are exercised (long) or assigned (short): shares change hands at the strike."""
    held = [thing for thing in broker.held("OPT") if thing.underlying in broker.things]
    if not held:
        return
    thing = broker.pick(held)
    code = "Ex" if broker.books.units[thing.conid] > 0 else "A"
    units = _ended(broker, thing, code)
    shares = units * thing.multiplier * (1 if thing.put_call == "C" else -1)
    share = broker.things[thing.underlying]
    order = Deal(
        thing=share,
        quantity=shares,
        price=Decimal(thing.strike),
        commission=broker.pick((ZERO, Decimal("-0.77"))),
        kind="BookTrade",
        notes=code,
        at=dt.datetime.combine(broker.today, _EXPIRES_AT),
        booked_on=after(broker.today, 1),
        exec_id="",
        exchange="--",
        order_type="",
    )
    deal(broker, order)
    _event(broker, share, "Buy" if shares > 0 else "Sell", shares, order.price)


def settle_in_cash(broker: Broker) -> None:
    """Contracts on an index end with money, which the row of Trades is without."""
    held = [thing for thing in broker.held("OPT") if not thing.underlying]
    if not held:
        return
    thing = broker.pick(held)
    code = "Ex" if broker.books.units[thing.conid] > 0 else "A"
    units = _ended(broker, thing, code)
    amount = (units * thing.multiplier * broker.amount(0, 9)).quantize(Decimal("0.01"))
    words = f"Option Cash Settlement for: {_WORDS[code]} ( {thing.description} )"
    values: dict[str, Value] = {
        "date": after(broker.today, 1),
        "transactionType": "Cash Settlement",
        "quantity": f"{-units:,f}",
        "tradePrice": "0.0000",
        "markPrice": "0.0000",
        "proceeds": f"{amount:,.2f}",
        "commisionsAndTax": "0.00",
        "tradeID": "",
    }
    money = [Money(currency=thing.currency, amount=amount, text=words, code="ADJ")]
    if amount:
        broker.book("OptionEAE", "OptionEAE", values, on=after(broker.today, 1), thing=thing, money=money)


KINDS = (
    Kind(name="buy-option", happen=buy_option, weight=4),
    Kind(name="buy-index-option", happen=buy_index_option),
    Kind(name="write-option", happen=write_option, weight=3),
    Kind(name="close-option", happen=close_option, builds_on="buy-option"),
    Kind(name="expire", happen=expire, builds_on="write-option"),
    Kind(name="settle-in-shares", happen=settle_in_shares, builds_on="write-option", weight=3),
    Kind(name="settle-in-cash", happen=settle_in_cash, builds_on="buy-index-option", weight=3),
)
