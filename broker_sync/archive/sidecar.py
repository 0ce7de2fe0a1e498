"""The JSON text that lies beside a statement, read back; pure.

A later form gets another number; this program refuses those that it does not know rather than lose what they
say.
"""

from __future__ import annotations

import json
from typing import Any

from broker_sync.archive import reading as read
from broker_sync.archive.reading import Json, SidecarError
from broker_sync.archive.sidecar_text import FORMAT, VERSION
from broker_sync.received import (
    AccountFacts,
    Booked,
    BookedDays,
    Contents,
    Entry,
    FileSource,
    FlexSource,
    LostSource,
    Receipt,
    Received,
    Refused,
    SectionColumns,
    SectionFacts,
    Source,
    Verdict,
)

__all__ = ["SidecarError", "entry_from"]


def entry_from(content: bytes) -> Entry:
    """The entry that :func:`text_of` wrote; raises :class:`SidecarError` that says what is wrong with it."""
    raw = _parsed(content)
    if raw.get("format") != FORMAT:
        raise SidecarError("it is not one of broker-sync's")
    if raw.get("version") != VERSION:
        raise SidecarError(
            f"it has the form {raw.get('version')!r}, and this version of broker-sync knows {VERSION}: "
            "use a newer one"
        )
    receipts = tuple(_receipt(each) for each in read.objects(raw, "receipts"))
    if not receipts:
        raise SidecarError("receipts is empty")
    return Entry(
        provider=read.name_of(raw, "provider"),
        sha256=read.text(raw, "sha256"),
        size=read.count(raw, "size"),
        form=read.name_of(raw, "form"),
        receipts=receipts,
        times_received=read.count(raw, "times_received"),
        contents=None if read.is_null(raw, "contents") else _contents(read.object_of(raw, "contents")),
        verdict=_verdict(read.object_of(raw, "verdict")),
        body_removed_at=None if read.is_null(raw, "body_removed_at") else read.moment(raw, "body_removed_at"),
    )


def _parsed(content: bytes) -> Json:
    try:
        raw: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise SidecarError(f"it is not JSON ({error})") from error
    if not isinstance(raw, dict):
        raise SidecarError("it is not a JSON object")
    return raw


def _receipt(raw: Json) -> Receipt:
    return Receipt(
        received_at=read.moment(raw, "received_at"),
        source=_source(read.object_of(raw, "source")),
        asked=None if read.is_null(raw, "asked") else read.days(raw, "asked"),
    )


def _source(raw: Json) -> Source:
    match read.text(raw, "kind"):
        case "flex":
            return FlexSource(query_id=read.text(raw, "query_id"))
        case "file":
            return FileSource(name=read.text(raw, "name").rpartition("/")[2])
        case "lost":
            return LostSource()
        case other:
            raise SidecarError(f"kind is {other!r}, not flex, file or lost")


def _verdict(raw: Json) -> Verdict:
    match read.text(raw, "state"):
        case "received":
            return Received()
        case "booked":
            return Booked(days=tuple(_booked(each) for each in read.objects(raw, "days")))
        case "refused":
            return Refused(at=read.moment(raw, "at"), reason=read.text(raw, "reason"))
        case other:
            raise SidecarError(f"state is {other!r}, not received, booked or refused")


def _booked(raw: Json) -> BookedDays:
    return BookedDays(
        account=read.name_of(raw, "account"),
        sink=read.name_of(raw, "sink"),
        days=read.days(raw, "days"),
        run_at=read.moment(raw, "run_at"),
        restated=read.count(raw, "restated"),
    )


def _contents(raw: Json) -> Contents:
    return Contents(
        accounts=tuple(_account(each) for each in read.objects(raw, "accounts")),
        columns=tuple(_columns(each) for each in read.objects(raw, "columns")),
    )


def _account(raw: Json) -> AccountFacts:
    return AccountFacts(
        account=read.name_of(raw, "account"),
        days=read.ranges(raw, "days"),
        sections=tuple(_section(each) for each in read.objects(raw, "sections")),
    )


def _section(raw: Json) -> SectionFacts:
    return SectionFacts(
        section=read.name_of(raw, "section"), rows=read.count(raw, "rows"), days=read.ranges(raw, "days")
    )


def _columns(raw: Json) -> SectionColumns:
    return SectionColumns(
        section=read.name_of(raw, "section"),
        columns=read.texts(raw, "columns"),
        known_by=read.texts(raw, "known_by"),
    )
