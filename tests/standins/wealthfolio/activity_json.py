"""Activities as the server shows them."""

import json
from typing import Any

from tests.standins.wealthfolio.reading import Json, number_text
from tests.standins.wealthfolio.store import Row, Store, stamp

__all__ = ["json_object", "shown", "stored"]


def shown(store: Store, row: Row) -> Json:
    """A row as a search shows it."""
    account, asset = store.accounts[row.account_id], store.assets.get(row.asset_id or "")
    amount = row.amount
    if amount is None and row.quantity is not None and row.unit_price is not None:
        amount = row.quantity * row.unit_price
    return {
        **_common(row),
        "assetId": row.asset_id or "",
        "date": row.date.isoformat(),
        "amount": number_text(amount),
        "comment": row.notes,
        "accountName": account.name,
        "accountCurrency": account.currency,
        "assetSymbol": "" if asset is None else asset.code,
        "assetName": None if asset is None else asset.name,
        "exchangeMic": None if asset is None else asset.mic,
        "assetPricingMode": "MARKET" if asset is None else asset.quote_mode,
        "instrumentType": None if asset is None else asset.type,
        "metadata": json_object(row.metadata),
    }


def stored(row: Row) -> Json:
    """A row as the answer to its writing shows it."""
    shown = {
        **_common(row),
        "assetId": row.asset_id,
        "activityTypeOverride": None,
        "sourceType": None,
        "activityDate": row.date.isoformat(),
        "amount": number_text(row.amount),
        "notes": row.notes,
    }
    metadata = json_object(row.metadata)
    return shown if metadata is None else {**shown, "metadata": metadata}


def _common(row: Row) -> Json:
    return {
        "id": row.id,
        "accountId": row.account_id,
        "activityType": row.type,
        "subtype": row.subtype,
        "status": row.status,
        "quantity": number_text(row.quantity),
        "unitPrice": number_text(row.unit_price),
        "fee": number_text(row.fee),
        "currency": row.currency,
        "fxRate": number_text(row.fx_rate),
        "sourceSystem": row.source_system,
        "sourceRecordId": row.source_record_id,
        "sourceGroupId": row.source_group_id,
        "idempotencyKey": row.key,
        "importRunId": None,
        "isUserModified": row.user_modified,
        "needsReview": row.needs_review,
        "createdAt": stamp(row.made),
        "updatedAt": stamp(row.changed),
    }


def json_object(metadata: str | None) -> Any:  # noqa: ANN401
    """What the text holds, None if it is not JSON."""
    try:
        return json.loads(metadata) if metadata is not None else None
    except ValueError:
        return None
