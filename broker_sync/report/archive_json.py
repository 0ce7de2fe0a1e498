"""The archive as JSON objects, with the conventions of :mod:`broker_sync.report.json_form`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from broker_sync.received import (
    AccountFacts,
    Audit,
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

__all__ = ["audit_object", "statement_object"]

Json = Mapping[str, Any]


def statement_object(entry: Entry) -> Json:
    """Everything that is known of a statement; ``accounts`` and ``columns`` are null where nobody looked."""
    return {
        "id": entry.sha256,
        "provider": entry.provider,
        "form": entry.form,
        "bytes": entry.size,
        "bytes_removed_at": None if entry.body_removed_at is None else _moment(entry.body_removed_at),
        "times_received": entry.times_received,
        "receipts": [_receipt(receipt) for receipt in entry.receipts],
        **_verdict(entry.verdict),
        **_contents(entry.contents),
    }


def audit_object(audit: Audit) -> Json:
    """What a full check found; ``ok`` is whether nothing is wrong."""
    return {
        "ok": not audit.findings,
        "statements": audit.statements,
        "findings": [{"file": each.file, "text": each.text} for each in audit.findings],
    }


def _receipt(receipt: Receipt) -> Json:
    return {
        "received_at": _moment(receipt.received_at),
        **_source(receipt.source),
        "asked": None if receipt.asked is None else _days(receipt.asked),
    }


def _source(source: Source) -> Json:
    if isinstance(source, FlexSource):
        return {"source": "flex", "query": source.query_id}
    return {"source": "file", "file": source.name} if isinstance(source, FileSource) else {"source": None}


def _verdict(verdict: Verdict) -> Json:
    if isinstance(verdict, Booked):
        return {"state": "booked", "booked": [_booked(each) for each in verdict.days]}
    if isinstance(verdict, Refused):
        return {"state": "refused", "refused_at": _moment(verdict.at), "reason": verdict.reason}
    return {"state": "received"}


def _booked(booked: BookedDays) -> Json:
    return {
        "account": booked.account,
        "sink": booked.sink,
        "window": _days(booked.days),
        "run_at": _moment(booked.run_at),
        "updated": booked.restated,
    }


def _contents(contents: Contents | None) -> Json:
    if contents is None:
        return {"accounts": None, "columns": None}
    return {
        "accounts": [_account(facts) for facts in contents.accounts],
        "columns": [
            {"section": each.section, "columns": list(each.columns), "known_by": list(each.known_by)}
            for each in contents.columns
        ],
    }


def _account(facts: AccountFacts) -> Json:
    return {
        "account": facts.account,
        "windows": _ranges(facts.days),
        "sections": [
            {"section": each.section, "rows": each.rows, "windows": _ranges(each.days)}
            for each in facts.sections
        ],
    }


def _ranges(ranges: Sequence[Days]) -> list[Json]:
    return [_days(days) for days in ranges]


def _days(days: Days) -> Json:
    return {"from": days.first.isoformat(), "to": days.last.isoformat()}


def _moment(moment: dt.datetime) -> str:
    return moment.isoformat()
