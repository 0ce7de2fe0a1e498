"""Activities and positions as text, and back, losing nothing: the form in which the stores keep them.

Numbers are plain decimal text, times ISO 8601 in UTC, days ISO 8601. JSON leaves out what is None. Text that
is not of this form raises :class:`~broker_sync.errors.ValueFormatError`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, TypeVar

from broker_sync.errors import ValueFormatError
from broker_sync.models import AccountType, Activity, ActivityType, AssetClass, Instrument, Position
from broker_sync.values import Isin, decimal_text, exact

__all__ = [
    "Fields",
    "activity_from_fields",
    "activity_from_json",
    "activity_to_fields",
    "activity_to_json",
    "instrument_from_json",
    "instrument_to_json",
    "opening_from_json",
    "opening_to_json",
]

Fields = Mapping[str, str | None]
"""A thing as flat text, by the name of its attribute; those of its instrument begin with ``instrument_``."""

_T = TypeVar("_T")
_WRITE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def activity_to_fields(activity: Activity) -> dict[str, str | None]:
    """Every attribute of `activity`, and every attribute of its instrument (all None without one)."""
    return {
        "external_id": activity.external_id,
        "account_id": activity.account_id,
        "account_type": activity.account_type.value,
        "date": activity.date.isoformat(),
        "activity_type": activity.activity_type.value,
        "currency": activity.currency,
        "symbol": activity.symbol,
        "quantity": _text(activity.quantity),
        "unit_price": _text(activity.unit_price),
        "fee": _text(activity.fee),
        "amount": _text(activity.amount),
        "ratio": _text(activity.ratio),
        "subtype": activity.subtype,
        "booked_on": activity.booked_on.isoformat(),
        "record_id": activity.record_id,
        "group_id": activity.group_id,
        "comment": activity.comment,
        **(_NO_INSTRUMENT if activity.instrument is None else _instrument_fields(activity.instrument)),
    }


def activity_from_fields(fields: Fields) -> Activity:
    """The activity that :func:`activity_to_fields` wrote; a name that is missing counts as None."""
    try:
        return _activity(fields)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueFormatError(kind="a stored activity", text=_json(fields)) from error


def activity_to_json(activity: Activity) -> str:
    """`activity` as one JSON object of texts."""
    return _json(activity_to_fields(activity))


def activity_from_json(text: str) -> Activity:
    """The activity that :func:`activity_to_json` wrote."""
    return _read(text, kind="a stored activity", build=_activity)


def instrument_to_json(instrument: Instrument) -> str:
    """`instrument` as one JSON object of texts."""
    return _json(_instrument_fields(instrument))


def instrument_from_json(text: str) -> Instrument:
    """The instrument that :func:`instrument_to_json` wrote."""
    return _read(text, kind="a stored instrument", build=_instrument_of)


def opening_to_json(positions: tuple[Position, ...] | None, cash: Mapping[str, Decimal] | None) -> str:
    """What a window opened with: positions, and signed cash by currency; None where it is not known."""
    held = None if positions is None else [_position_fields(position) for position in positions]
    money = None if cash is None else {currency: decimal_text(amount) for currency, amount in cash.items()}
    return _WRITE({"positions": held, "cash": money})


def opening_from_json(text: str) -> tuple[tuple[Position, ...] | None, dict[str, Decimal] | None]:
    """Positions and cash that :func:`opening_to_json` wrote."""
    return _read(text, kind="a stored opening", build=_opening)


def _activity(fields: Fields) -> Activity:
    return Activity(
        external_id=_present(fields["external_id"]),
        account_id=_present(fields["account_id"]),
        account_type=AccountType(_present(fields["account_type"])),
        date=dt.datetime.fromisoformat(_present(fields["date"])),
        activity_type=ActivityType(_present(fields["activity_type"])),
        currency=_present(fields["currency"]),
        symbol=fields.get("symbol"),
        quantity=_number(fields.get("quantity")),
        unit_price=_number(fields.get("unit_price")),
        fee=_number(fields.get("fee")),
        amount=_number(fields.get("amount")),
        ratio=_number(fields.get("ratio")),
        subtype=fields.get("subtype"),
        booked_on=dt.date.fromisoformat(_present(fields["booked_on"])),
        record_id=_present(fields["record_id"]),
        instrument=None if fields.get("instrument_symbol") is None else _instrument_of(fields),
        group_id=fields.get("group_id"),
        comment=fields.get("comment"),
    )


def _position_fields(position: Position) -> dict[str, str | None]:
    return {
        "quantity": decimal_text(position.quantity),
        "cost": _text(position.cost),
        "price": _text(position.price),
        **_instrument_fields(position.instrument),
    }


def _opening(parts: Mapping[str, Any]) -> tuple[tuple[Position, ...] | None, dict[str, Decimal] | None]:
    positions, cash = parts["positions"], parts["cash"]
    return (
        None if positions is None else tuple(_position(fields) for fields in positions),
        None if cash is None else {currency: exact(number) for currency, number in cash.items()},
    )


def _position(fields: Fields) -> Position:
    return Position(
        instrument=_instrument_of(fields),
        quantity=exact(_present(fields["quantity"])),
        cost=_number(fields["cost"]),
        price=_number(fields["price"]),
    )


# An account deals in a few instruments over and over: each is converted once, not once per activity.
@lru_cache(maxsize=1024)
def _instrument_fields(instrument: Instrument) -> dict[str, str | None]:
    return {
        "instrument_symbol": instrument.symbol,
        "instrument_currency": instrument.currency,
        "instrument_asset_class": instrument.asset_class.value,
        "instrument_isin": instrument.isin,
        "instrument_conid": instrument.conid,
        "instrument_exchange": instrument.exchange,
        "instrument_name": instrument.name,
        "instrument_multiplier": decimal_text(instrument.multiplier),
        "instrument_broker_symbol": instrument.broker_symbol,
    }


_NO_INSTRUMENT: Final[Fields] = dict.fromkeys(_instrument_fields(Instrument(symbol="", currency="")))


def _instrument_of(fields: Fields) -> Instrument:
    return _instrument(*map(fields.get, _NO_INSTRUMENT))


@lru_cache(maxsize=1024)
def _instrument(  # noqa: PLR0917  # called with the values of _NO_INSTRUMENT's names, in that order
    symbol: str | None,
    currency: str | None,
    asset_class: str | None,
    isin: str | None,
    conid: str | None,
    exchange: str | None,
    name: str | None,
    multiplier: str | None,
    broker_symbol: str | None,
) -> Instrument:
    return Instrument(
        symbol=_present(symbol),
        currency=_present(currency),
        asset_class=AssetClass(_present(asset_class)),
        isin=None if isin is None else Isin(isin),
        conid=conid,
        exchange=exchange,
        name=name,
        multiplier=exact(_present(multiplier)),
        broker_symbol=broker_symbol,
    )


def _text(number: Decimal | None) -> str | None:
    return None if number is None else decimal_text(number)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else exact(text)


def _present(text: str | None) -> str:
    if text is None:
        raise ValueError("a value that is always there is missing")
    return text


def _json(fields: Fields) -> str:
    return _WRITE({name: text for name, text in fields.items() if text is not None})


def _read(text: str, *, kind: str, build: Callable[[Any], _T]) -> _T:
    try:
        return build(json.loads(text))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueFormatError(kind=kind, text=text) from error
