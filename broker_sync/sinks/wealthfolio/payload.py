"""What each activity becomes: the rows that move the same cash and, where Wealthfolio can, the same units.

The cash is that of :func:`broker_sync.accounting.cash_effect`, on every release from 3.1 on. They do not
reckon alike: up to 3.7 a trade's cash is quantity times price and fee, and its amount is ignored; from 3.8 on
the amount is the cash. So a trade is sent with all three in agreement, and everything else with its amount
alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from broker_sync.accounting import position_effect
from broker_sync.models import Activity, ActivityType
from broker_sync.sinks.wealthfolio.forms import Form
from broker_sync.sinks.wealthfolio.holdable import reason_against
from broker_sync.sinks.wealthfolio.payload_cash import cash_rows, noted_rows
from broker_sync.sinks.wealthfolio.payload_parts import Draft, Target
from broker_sync.sinks.wealthfolio.payload_trades import trade_rows
from broker_sync.sinks.wealthfolio.payload_units import split_rows, unit_rows
from broker_sync.sinks.wealthfolio.rows import AssetRef, Row

__all__ = ["needs_asset", "rows_of"]

_TRADES: Final = frozenset({ActivityType.BUY, ActivityType.SELL})
# Types that the server files under an asset; on a CREDIT, as on deposits, it has no place for one.
_OF_AN_ASSET: Final = frozenset(
    {ActivityType.DIVIDEND, ActivityType.INTEREST, ActivityType.FEE, ActivityType.TAX}
)

_BY_TYPE: Final[Mapping[ActivityType, Callable[[Draft], list[Row]]]] = {
    ActivityType.BUY: trade_rows,
    ActivityType.SELL: trade_rows,
    ActivityType.SPLIT: split_rows,
    ActivityType.ADD_HOLDING: unit_rows,
    ActivityType.REMOVE_HOLDING: unit_rows,
}


def needs_asset(activity: Activity) -> bool:
    """Whether a row of `activity` names its instrument, so that the instrument must be an asset."""
    instrument = activity.instrument
    if instrument is None or reason_against(instrument) is not None:
        return False
    return activity.activity_type in _OF_AN_ASSET or bool(position_effect(activity))


def rows_of(activity: Activity, form: Form, asset: AssetRef | None, target: Target) -> list[Row]:
    """The rows of `activity` in `form`, the first of them with all that is known of it.

    `asset` is that of its instrument where :func:`needs_asset`. Raises
    :class:`~broker_sync.sinks.wealthfolio.payload_parts.UnsendableError` for one that no row can stand for.
    """
    draft = Draft(activity=activity, form=form, asset=asset, target=target)
    if asset is None and position_effect(activity):
        return noted_rows(draft)
    if activity.quantity is not None and activity.activity_type in {
        ActivityType.TRANSFER_IN,
        ActivityType.TRANSFER_OUT,
    }:
        return unit_rows(draft)
    return _BY_TYPE.get(activity.activity_type, cash_rows)(draft)
