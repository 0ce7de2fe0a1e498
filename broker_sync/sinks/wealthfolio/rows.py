"""One row as it goes to the server: ``creates`` of ``/activities/bulk``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal

from broker_sync.sinks.wealthfolio.fields import JsonValue
from broker_sync.sinks.wealthfolio.marks import SOURCE, with_note
from broker_sync.sinks.wealthfolio.moments import wire_text
from broker_sync.sinks.wealthfolio.numbers import fitted
from broker_sync.values import decimal_text

__all__ = ["AssetRef", "Row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetRef:
    """An asset of the server.

    `multiplier` is what the server multiplies quantity and price with; `currency` is the one of its quotes,
    in whole units (pounds for pence).
    """

    id: str
    currency: str
    multiplier: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row; `leg` is its name among those of its activity. Numbers have no sign.

    `amount` is the cash that moves, charges included; on a trade quantity times price times multiplier, plus
    `fee` (BUY) or minus it (SELL), is the same. No other type has a `fee`. `amount` of a SPLIT is its ratio.
    """

    leg: str
    key: str
    type: str
    subtype: str | None
    moment: dt.datetime
    currency: str
    asset: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    fee: Decimal | None = None
    amount: Decimal | None = None
    fx_rate: Decimal | None = None
    notes: str | None = None
    metadata: str = "{}"
    record_id: str = ""
    group_id: str | None = None

    def noting(self, note: str) -> Row:
        """The row with what a person had noted on the one in whose place it stands; that is kept for good."""
        notes = f"{self.notes} / {note}" if self.notes else note
        return replace(self, notes=notes, metadata=with_note(self.metadata, note))

    def to_json(self, account_id: str) -> dict[str, JsonValue]:
        """The row as the server reads it; numbers are text, so that nothing rounds them on the way."""
        fields: dict[str, JsonValue] = {
            "id": self.key,
            "accountId": account_id,
            "activityType": self.type,
            "subtype": self.subtype,
            "activityDate": wire_text(self.moment),
            "currency": self.currency,
            "asset": None if self.asset is None else {"id": self.asset},
            "quantity": _text(self.quantity),
            "unitPrice": _text(self.unit_price),
            "fee": _text(self.fee),
            "amount": _text(self.amount),
            "fxRate": _text(self.fx_rate),
            "notes": self.notes,
            "metadata": self.metadata,
            "status": "POSTED",
            "needsReview": False,
            "sourceSystem": SOURCE,
            "sourceRecordId": self.record_id,
            "sourceGroupId": self.group_id,
            "idempotencyKey": self.key,
        }
        return {name: value for name, value in fields.items() if value is not None}


def _text(number: Decimal | None) -> str | None:
    return None if number is None else decimal_text(fitted(number))
