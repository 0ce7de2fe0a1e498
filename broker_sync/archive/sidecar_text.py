"""What is known of a statement, as the JSON text that lies beside its bytes; pure.

The form is documented in docs/archive.md.
"""

from __future__ import annotations

import json
from typing import Final

from broker_sync.archive.reading import Json
from broker_sync.received import (
    AccountFacts,
    Booked,
    BookedDays,
    Contents,
    Days,
    Entry,
    FileSource,
    FlexSource,
    Receipt,
    Refused,
    Source,
    Verdict,
)

__all__ = ["FORMAT", "VERSION", "text_of"]

FORMAT: Final = "broker-sync statement"
VERSION: Final = 1


def text_of(entry: Entry) -> bytes:
    """The content of a sidecar: UTF-8, ended by a line feed; equal entries give equal texts."""
    raw = {
        "format": FORMAT,
        "version": VERSION,
        "provider": entry.provider,
        "sha256": entry.sha256,
        "size": entry.size,
        "form": entry.form,
        "times_received": entry.times_received,
        "receipts": [_receipt_to(each) for each in entry.receipts],
        "body_removed_at": None if entry.body_removed_at is None else entry.body_removed_at.isoformat(),
        "verdict": _verdict_to(entry.verdict),
        "contents": None if entry.contents is None else _contents_to(entry.contents),
    }
    return f"{json.dumps(raw, indent=1, ensure_ascii=False)}\n".encode()


def _receipt_to(receipt: Receipt) -> Json:
    return {
        "received_at": receipt.received_at.isoformat(),
        "source": _source_to(receipt.source),
        "asked": None if receipt.asked is None else _days_to(receipt.asked),
    }


def _source_to(source: Source) -> Json:
    if isinstance(source, FlexSource):
        return {"kind": "flex", "query_id": source.query_id}
    return {"kind": "file", "name": source.name} if isinstance(source, FileSource) else {"kind": "lost"}


def _verdict_to(verdict: Verdict) -> Json:
    if isinstance(verdict, Booked):
        return {"state": "booked", "days": [_booked_to(each) for each in verdict.days]}
    if isinstance(verdict, Refused):
        return {"state": "refused", "at": verdict.at.isoformat(), "reason": verdict.reason}
    return {"state": "received"}


def _booked_to(booked: BookedDays) -> Json:
    return {
        "account": booked.account,
        "sink": booked.sink,
        "days": _days_to(booked.days),
        "run_at": booked.run_at.isoformat(),
        "restated": booked.restated,
    }


def _contents_to(contents: Contents) -> Json:
    return {
        "accounts": [_account_to(each) for each in contents.accounts],
        "columns": [
            {"section": each.section, "columns": each.columns, "known_by": each.known_by}
            for each in contents.columns
        ],
    }


def _account_to(facts: AccountFacts) -> Json:
    return {
        "account": facts.account,
        "days": [_days_to(each) for each in facts.days],
        "sections": [
            {"section": each.section, "rows": each.rows, "days": [_days_to(days) for days in each.days]}
            for each in facts.sections
        ],
    }


def _days_to(days: Days) -> list[str]:
    return [days.first.isoformat(), days.last.isoformat()]
