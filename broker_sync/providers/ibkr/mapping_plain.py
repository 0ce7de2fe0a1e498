"""The plain case, made fast: a share bought or sold once, with its charges in its own currency.

Nearly every row of a statement is this, and the general mapping (:mod:`mapping_trades`) looks at many columns
only to find that they are empty. What is the least bit unusual gives None and is left to it; on the rest both
give the same activity, which the tests hold them to over the corpus and over generated rows.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final, NamedTuple

from broker_sync.models import Activity, ActivityType, traded
from broker_sync.providers.ibkr.columns import picker
from broker_sync.providers.ibkr.context import Context, UnbookableError, currency_of
from broker_sync.providers.ibkr.formats import NUMBERS
from broker_sync.providers.ibkr.moments import PAST_HOUR
from broker_sync.providers.ibkr.trade_legs import LABELS
from broker_sync.values import CurrencyCode

__all__ = ["plain_shares"]

_ZERO: Final = Decimal(0)
_BUY: Final = ActivityType.BUY
_SIDES: Final = {"BUY": ActivityType.BUY, "SELL": ActivityType.SELL}
_ORDINARY: Final = frozenset({None, "", "ExchTrade", "FracShare"})
_EXECUTION: Final = frozenset({None, "", "EXECUTION"})
_PECULIAR: Final = frozenset({"Ca", *LABELS})
_ONE: Final = frozenset({None, "", "1"})
_COLUMNS: Final = (
    "accountId", "transactionID", "conid", "dateTime", "tradeDate", "reportDate", "quantity", "tradePrice",
    "ibCommission", "proceeds", "taxes", "netCash",
)  # fmt: skip
_KIND_FROM: Final = len(_COLUMNS)
_NEEDED: Final = frozenset({"accountId", "transactionID", "conid", "dateTime", "tradeDate"})
_KIND_COLUMNS: Final = (
    "buySell", "assetCategory", "transactionType", "multiplier", "currency", "ibCommissionCurrency", "notes",
    "code", "levelOfDetail",
)  # fmt: skip


class _Kind(NamedTuple):
    """The columns of a trade that say what kind of trade it is; they take few values."""

    side: str | None
    asset_category: str | None
    transaction_type: str | None
    multiplier: str | None
    currency: str | None
    commission_currency: str | None
    notes: str | None
    code: str | None
    level_of_detail: str | None


class _PlainKinds(dict[tuple[str | None, ...], tuple[ActivityType, CurrencyCode] | None]):
    """Side and currency of the kinds that are plain, None for the others; worked out once for each."""

    def __missing__(self, key: tuple[str | None, ...]) -> tuple[ActivityType, CurrencyCode] | None:
        if len(self) >= 1024:
            self.clear()
        self[key] = verdict = _verdict(_Kind(*key))
        return verdict


def _verdict(kind: _Kind) -> tuple[ActivityType, CurrencyCode] | None:
    side = _SIDES.get(kind.side or "")
    is_plain = (
        kind.asset_category == "STK"
        and kind.transaction_type in _ORDINARY
        and kind.multiplier in _ONE
        and kind.commission_currency in {None, "", kind.currency}
        and kind.level_of_detail in _EXECUTION
        and _PECULIAR.isdisjoint((kind.notes or "").split(";"))
        and _PECULIAR.isdisjoint((kind.code or "").split(";"))
    )
    if side is None or not is_plain:
        return None
    try:
        return side, currency_of(kind.currency)
    except UnbookableError:
        return None


_PLAIN: Final = _PlainKinds()


def plain_shares(  # noqa: C901, PLR0915 - flat, because every call inside would cost a tenth of the whole
    names: tuple[str, ...], context: Context
) -> Callable[[tuple[str, ...]], Activity | None]:
    """A function from a row with the columns `names` to the activity of a plain share trade.

    It gives None for everything else, and for rows that do not name the context's account; it raises
    :class:`~broker_sync.errors.ValueFormatError` for a text that is no number or date.
    """
    if not set(names) >= _NEEDED:
        return _never
    has_trade_money = "tradeMoney" in names
    pick = picker(names, (*_COLUMNS, *_KIND_COLUMNS))
    account = context.account
    account_id, account_type, owner = account.id, account.account_type, account.provider_account_id
    moment, hours, days = context.clock.moment, context.clock.hours, context.clock.days
    by_conid = context.directory.by_conid
    numbers, kinds = NUMBERS, _PLAIN

    def book(values: tuple[str, ...]) -> Activity | None:  # noqa: PLR0911 - as above
        picked = pick(values)
        kind = kinds[picked[_KIND_FROM:]]
        if kind is None or picked[0] != owner:
            return None
        _, number, conid, stamp, day, report_day, units, unit_price, commission, money, taxes, told = picked[
            :_KIND_FROM
        ]
        instrument = by_conid.get(conid or "")
        if (
            instrument is None
            or not (number and stamp and day and units and unit_price and commission)
            or not number.isdecimal()
            or not stamp.startswith(day)
        ):
            return None
        quantity, price, charges = numbers[units], numbers[unit_price], numbers[commission]
        if not quantity or price is None or charges is None:
            return None
        side, currency = kind
        buys = side is _BUY
        gross = numbers[money] if money else None
        if gross is None:
            if has_trade_money:
                return None
            gross = -quantity * price
        duties = numbers[taxes] if taxes else None
        if duties:
            charges += duties
        net = gross + charges
        told_net = numbers[told] if told else None
        # Signs are asked for in the cheapest way: no number that passes here is zero but the charges.
        if (
            not (gross and net)
            or (told_net is not None and told_net != net)
            or (charges and not charges.is_signed())
            or quantity.is_signed() is buys
            or gross.is_signed() is not buys
            or net.is_signed() is not buys
        ):
            return None
        hour, past = hours.get(stamp[:11]), PAST_HOUR.get(stamp[11:])
        booked_on = days[report_day or day]
        if booked_on is None:
            return None
        return traded(
            "ibkr:trade:" + number,
            account_id,
            account_type,
            moment(stamp) if hour is None or past is None else hour + past,
            side,
            currency,
            instrument,
            quantity if buys else -quantity,
            price,
            -charges if charges else _ZERO,
            -net if buys else net,
            booked_on,
        )

    return book


def _never(_: tuple[str, ...]) -> None:
    return None
