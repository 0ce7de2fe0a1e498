"""What the rows of all kinds of activities have in common."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Final

from broker_sync.models import OPENING_BALANCE, Activity
from broker_sync.sinks.wealthfolio.forms import Form
from broker_sync.sinks.wealthfolio.kinds import Kind
from broker_sync.sinks.wealthfolio.marks import MAIN_LEG, Mark, key_of, metadata_text
from broker_sync.sinks.wealthfolio.moments import start_of, wire_moment
from broker_sync.sinks.wealthfolio.numbers import ROOM, fitted
from broker_sync.sinks.wealthfolio.rows import AssetRef, Row

__all__ = ["MONEY_LEG", "REST_LEG", "SHORT_LEG", "Draft", "Target", "UnsendableError", "flow", "row"]

SHORT_LEG: Final = "short"
"""The leg of what is done with less than nothing."""

REST_LEG: Final = "rest"
"""The leg of what a split moves beyond its ratio."""

MONEY_LEG: Final = "money"
"""The leg of money that its units cannot carry."""

_PAIRED: Final = frozenset({"TRANSFER_IN", "TRANSFER_OUT"})
_DAY: Final = dt.timedelta(days=1)


class UnsendableError(ValueError):
    """An activity that no row can stand for; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The account that is written to, as the server has it: its id, currency, and the server's time zone."""

    account_id: str
    currency: str
    zone: dt.tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All that the rows of one activity are made of."""

    activity: Activity
    form: Form
    asset: AssetRef | None
    target: Target

    @property
    def moment(self) -> dt.datetime:
        """When the rows stand."""
        zone = self.target.zone
        if self.form.next_day:
            return start_of(self.activity.booked_on + _DAY, zone)
        return wire_moment(self.activity, zone)


def unit_cost(activity: Activity, asset: AssetRef) -> Decimal | None:
    """The activity's price as the server multiplies it with units of `asset`; None if it has none."""
    instrument = activity.instrument
    if activity.unit_price is None or instrument is None:
        return None
    with localcontext(ROOM):
        return fitted(activity.unit_price * instrument.multiplier / asset.multiplier)


def flow(*, is_external: bool) -> dict[str, object]:
    """The metadata of a transfer: whether it comes from, or goes to, outside of all that is tracked."""
    return {"flow": {"is_external": is_external}}


def row(
    draft: Draft,
    kind: Kind,
    *,
    leg: str = MAIN_LEG,
    has_asset: bool = True,
    currency: str | None = None,
    quantity: Decimal | None = None,
    unit_price: Decimal | None = None,
    fee: Decimal | None = None,
    amount: Decimal | None = None,
    fx_rate: Decimal | None = None,
    group_id: str | None = None,
    extra: Mapping[str, object] | None = None,
    notes: str | None = None,
    moment: dt.datetime | None = None,
) -> Row:
    """A row of `draft`; the main leg carries the activity itself."""
    activity = draft.activity
    mark = Mark(
        external_id=activity.external_id,
        leg=leg,
        form=draft.form.text,
        activity=activity if leg == MAIN_LEG else None,
    )
    return Row(
        leg=leg,
        key=key_of(draft.target.account_id, activity.external_id, leg),
        type=kind.type,
        subtype=kind.subtype,
        moment=draft.moment if moment is None else moment,
        currency=currency or activity.currency,
        asset=draft.asset.id if has_asset and draft.asset is not None else None,
        quantity=quantity,
        unit_price=unit_price,
        fee=fee,
        amount=amount,
        fx_rate=fx_rate,
        notes=notes or _notes(activity),
        metadata=metadata_text(mark, extra or {}),
        record_id=activity.record_id,
        group_id=group_id or _event(activity, kind),
    )


def _event(activity: Activity, kind: Kind) -> str | None:
    """What links a dividend with its taxes. The group of a transfer is a pair to the server, no more."""
    if kind.type in _PAIRED or activity.group_id == activity.record_id:
        return None
    return activity.group_id


def _notes(activity: Activity) -> str | None:
    if activity.comment:
        return activity.comment
    if activity.subtype == OPENING_BALANCE:
        return "Held before the first statement"
    return activity.subtype and activity.subtype.replace("_", " ").capitalize()
