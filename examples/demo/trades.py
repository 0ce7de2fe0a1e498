"""The Trades section: executions, and the summaries, orders and closed lots beside them."""

from collections.abc import Iterator
from decimal import Decimal

from examples.demo.books import ZERO, Fill, Lot, order_id, replay
from examples.demo.rates import rate
from examples.demo.rows import WHO, base_rate, element, number, price, section, what


def trades() -> list[str]:
    """Shares and funds before conversions; by instrument and side, then by order."""
    fills = replay().fills
    kinds = [[f for f in fills if f.instrument.is_pair == pair] for pair in (False, True)]
    return section("Trades", (row for kind in kinds for row in _asset_rows(kind)))


def _asset_rows(fills: list[Fill]) -> Iterator[str]:
    yield _asset_summary(fills)
    sides = {(f.instrument.conid, f.quantity > 0): f.instrument for f in fills}
    for (conid, bought), instrument in sides.items():
        side = [f for f in fills if f.instrument.conid == conid and (f.quantity > 0) == bought]
        summary = _sums(side) | what(instrument) | _dates(side)
        yield element("SymbolSummary", summary | {"levelOfDetail": "SYMBOL_SUMMARY", "accruedInt": "0"})
        for order in sorted({f.order for f in side}):
            yield from _order_rows([f for f in side if f.order == order])


def _order_rows(fills: list[Fill]) -> Iterator[str]:
    first = fills[0]
    order = _common(first) | _sums(fills) | {"exchange": "", "levelOfDetail": "ORDER"}
    yield element("Order", order)
    for fill in fills:
        yield element("Trade", _common(fill) | _sums([fill]) | _execution(fill))
        yield from (_closed_lot(fill, lot) for lot in fill.released)


def _total(fills: list[Fill], attribute: str) -> Decimal:
    return sum((getattr(fill, attribute) for fill in fills), ZERO)


def _sums(fills: list[Fill]) -> dict[str, str]:
    """The figures of one execution, or of several of one instrument and side together."""
    pair = fills[0].instrument.is_pair
    quantity, proceeds = _total(fills, "quantity"), _total(fills, "proceeds")
    cost, net_cash = _total(fills, "cost"), _total(fills, "net_cash")
    gain = ZERO if pair else sum(((f.close - f.price) * f.quantity for f in fills), ZERO)
    return WHO | {
        "quantity": number(quantity),
        "tradePrice": price(-proceeds, quantity),
        "tradeMoney": number(-proceeds),
        "proceeds": number(proceeds),
        "taxes": number(_total(fills, "taxes")),
        "ibCommission": number(_total(fills, "commission")),
        "ibCommissionCurrency": fills[0].commission_currency,
        "netCash": number(net_cash),
        "cost": number(cost),
        "fifoPnlRealized": number(net_cash + cost),
        "mtmPnl": number(gain),
        "buySell": "BUY" if quantity > 0 else "SELL",
    }


def _common(fill: Fill) -> dict[str, str]:
    """What an order and its executions share."""
    opens = "O" if fill.quantity > 0 else "C"
    return {
        **what(fill.instrument),
        **base_rate(fill.instrument.currency, fill.trade),
        "reportDate": fill.trade,
        "dateTime": fill.time,
        "tradeDate": fill.trade,
        "settleDateTarget": fill.settle,
        "transactionType": "ExchTrade",
        "openCloseIndicator": "" if fill.instrument.is_pair else opens,
        "closePrice": number(fill.close),
        "ibOrderID": order_id(fill.order),
        "brokerageOrderID": f"00295a10.0001c3e7.{0x69A90000 + int(fill.order) * 0x2F1B:08x}.0001",
        "orderTime": fill.time,
        "orderType": fill.type,
        "isAPIOrder": "N",
        "accruedInt": "0",
    }


def _execution(fill: Fill) -> dict[str, str]:
    """What only an execution says."""
    return {
        "tradeID": str(8_140_000_000 + fill.number * 30_011),
        "transactionID": fill.transaction,
        "ibExecID": f"0000d5{0xA0 + int(fill.order):02x}.{0x69A80000 + fill.number * 0x1F35:08x}.01.01",
        "extExecID": f"X{5_300_000 + fill.number * 977}",
        "exchOrderId": "N/A",
        "exchange": fill.venue,
        "notes": fill.notes,
        "origTradePrice": "0",
        "origOrderID": "0",
        "origTransactionID": "0",
        "changeInPrice": "0",
        "changeInQuantity": "0",
        "levelOfDetail": "EXECUTION",
    }


def _closed_lot(fill: Fill, lot: Lot) -> str:
    """The row of a lot that `fill` released: it repeats the transactionID of the purchase."""
    result = fill.net_cash * lot.quantity / -fill.quantity - lot.cost
    values = {
        **what(fill.instrument),
        **base_rate(fill.instrument.currency, fill.trade),
        "reportDate": fill.trade,
        "dateTime": fill.time,
        "tradeDate": fill.trade,
        "exchange": fill.venue,
        "quantity": number(lot.quantity),
        "tradePrice": price(lot.cost, lot.quantity),
        "openCloseIndicator": "C",
        "notes": "ST" if lot.opened[:4] == fill.trade[:4] else "LT",
        "cost": number(lot.cost),
        "fifoPnlRealized": number(result),
        "buySell": "SELL",
        "transactionID": lot.transaction,
        "openDateTime": lot.opened,
        "holdingPeriodDateTime": lot.opened,
        "levelOfDetail": "CLOSED_LOT",
    }
    return element("Lot", WHO | values)


def _only(values: set[str]) -> str:
    return values.pop() if len(values) == 1 else "MULTI"


def _dates(fills: list[Fill]) -> dict[str, str]:
    """Days and venue of a summary: a word in place of several."""
    return {
        "reportDate": _only({fill.trade for fill in fills}),
        "tradeDate": _only({fill.trade for fill in fills}),
        "settleDateTarget": _only({fill.settle for fill in fills}),
        "exchange": _only({fill.venue for fill in fills}),
    }


def _asset_summary(fills: list[Fill]) -> str:
    """Sums over one kind of asset, in the base currency."""
    at = {f.number: rate(f.instrument.currency, f.trade) for f in fills}
    fees = sum((f.commission * rate(f.commission_currency, f.trade) for f in fills), ZERO)
    values = {
        "assetCategory": "CASH" if fills[0].instrument.is_pair else "STK",
        "quantity": number(_total(fills, "quantity")),
        "proceeds": number(sum((f.proceeds * at[f.number] for f in fills), ZERO)),
        "taxes": number(sum((f.taxes * at[f.number] for f in fills), ZERO)),
        "ibCommission": number(fees),
        "levelOfDetail": "ASSET_SUMMARY",
    }
    return element("AssetSummary", WHO | values)
