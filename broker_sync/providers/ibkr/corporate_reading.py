"""One row of CorporateActions understood: what kind it is, whose, when, and which rows belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from broker_sync.models import Activity, ActivityType
from broker_sync.providers.ibkr.context import Context, UnbookableError, currency_of
from broker_sync.providers.ibkr.corporate_kinds import Kind, kind_of
from broker_sync.providers.ibkr.corporate_text import Wording
from broker_sync.providers.ibkr.records_corporate import CorporateAction

__all__ = ["CANCELLED", "Understood", "understand"]

CANCELLED: Final = "_CANCELLED"
"""What the subtype of a row that takes back an earlier one ends in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A row as understood: `draft` is an activity with all that its legs share."""

    row: CorporateAction
    kind: Kind
    wording: Wording
    draft: Activity

    def named(self, subtype: str | None) -> str | None:
        """`subtype` as the row has it; a cancellation that would have none takes the kind's."""
        return f"{subtype or self.kind.value}{CANCELLED}" if self.row.is_cancel else subtype


def understand(record_id: str, row: CorporateAction, context: Context) -> Understood:
    """All of the row but what it moved; raises UnbookableError or ValueFormatError."""
    wording = Wording.of(row.wording)
    kind = kind_of(row.type, wording)
    booked_on = context.clock.booked_on(row, "dateTime", "date")
    if booked_on is None:
        message = "the row has neither reportDate nor dateTime"
        raise UnbookableError(message)
    instrument = context.directory.resolve(row.raw, is_named=False)
    draft = Activity(
        external_id=record_id,
        account_id=context.account.id,
        account_type=context.account.account_type,
        date=context.clock.booked_moment(row, booked_on),
        activity_type=ActivityType.CREDIT,
        currency=currency_of(row.raw.get("currency")),
        symbol=None if instrument is None else instrument.symbol,
        fee=Decimal(0),
        booked_on=booked_on,
        instrument=instrument,
        group_id=_event(row, wording, context) or record_id,
        comment=_comment(row, kind),
    )
    return Understood(row=row, kind=kind, wording=wording, draft=draft)


def _event(row: CorporateAction, wording: Wording, context: Context) -> str | None:
    """What the legs share: the broker's action number, else moment and sentence; None without either."""
    number, stamp = row.text("actionID"), row.text("dateTime")
    if number is not None:
        return f"ibkr:action:{number}"
    # A sentence that does not say whose action it is could be anybody's of that evening.
    if stamp is None or wording.about_paper is None:
        return None
    return f"ibkr:action:{context.clock.moment(stamp):%Y%m%dT%H%M%SZ}:{wording.said}"


def _comment(row: CorporateAction, kind: Kind) -> str | None:
    parts = (
        "cancelled" if row.is_cancel else "",
        row.type if kind is Kind.CORPORATE_ACTION else "",
        row.wording,
    )
    return ": ".join(part for part in parts if part) or None
