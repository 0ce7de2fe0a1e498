"""Rows of ours that people have changed: what they say now, and that they are left alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from broker_sync.contracts import Edited, Held, Touched, Untouched
from broker_sync.sinks.wealthfolio.book import MOVED, Book, Entry
from broker_sync.sinks.wealthfolio.forms import is_conversion
from broker_sync.sinks.wealthfolio.wire import ActivityRow
from broker_sync.values import decimal_text

__all__ = ["edited", "held_of", "theirs_of", "touched_notes"]

_MANY: Final = 5
_WIPED: Final = "it does not say any more in Wealthfolio what it stands for"


def held_of(entry: Entry) -> Held:
    """What the rows of `entry` stand for, and whether a person has changed them."""
    reason = entry.touched
    if reason is None and entry.activity is None:
        reason = _WIPED
    tracker_id = entry.rows[0].id
    if reason is None and entry.activity is not None:
        return Untouched(external_id=entry.external_id, tracker_id=tracker_id, activity=entry.activity)
    return Touched(
        external_id=entry.external_id,
        tracker_id=tracker_id,
        activity=entry.activity,
        reason=reason or _WIPED,
        theirs=theirs_of(entry),
    )


def edited(book: Book, external_ids: Iterable[str]) -> dict[str, Edited]:
    """Those of `external_ids` that a person has changed, or whose other leg one has.

    The legs of a conversion go and come together.
    """
    touched = {
        entry.activity.record_id: entry
        for entry in book.entries.values()
        if entry.touched is not None and entry.activity is not None and is_conversion(entry.activity)
    }
    found: dict[str, Edited] = {}
    for name in external_ids:
        entry = book.entries.get(name)
        if name in book.out_of_sight:
            found[name] = Edited(external_id=name, reason=MOVED, theirs={})
        if entry is None or name in found:
            continue
        if entry.touched is None and entry.activity is not None and is_conversion(entry.activity):
            entry = touched.get(entry.activity.record_id, entry)
        if entry.touched is not None:
            found[name] = Edited(external_id=name, reason=entry.touched, theirs=theirs_of(entry))
    return found


def touched_notes(book: Book) -> list[str]:
    """That rows of `book` are left alone, and why; many of them in one sentence."""
    touched = [
        *((entry.external_id, entry.touched) for entry in book.entries.values() if entry.touched is not None),
        *((name, MOVED) for name in sorted(book.out_of_sight)),
    ]
    if len(touched) > _MANY:
        names = ", ".join(name for name, _ in touched[:_MANY])
        return [
            f"{len(touched)} activities were changed by people in Wealthfolio and are left alone: {names}, …"
        ]
    return [f"{name}: {reason}; it is left alone" for name, reason in touched]


def theirs_of(entry: Entry) -> dict[str, str]:
    """What the rows of `entry` say now, in Wealthfolio's words; those after the first by their number."""
    told = _fields(entry.rows[0])
    for number, row in enumerate(entry.rows[1:], start=2):
        told |= {f"row {number} {name}": text for name, text in _fields(row).items()}
    return told


def _fields(row: ActivityRow) -> dict[str, str]:
    numbers = {
        "quantity": row.quantity,
        "unit_price": row.unit_price,
        "fee": row.fee,
        "tax": row.tax,
        "amount": row.amount,
    }
    texts = {
        "activity_type": row.activity_type,
        "subtype": row.subtype,
        "date": row.date.isoformat(),
        "currency": row.currency,
        "symbol": row.symbol,
        "status": None if row.counts else row.status,
    }
    said = {name: text for name, text in texts.items() if text is not None}
    return said | {name: decimal_text(number) for name, number in numbers.items() if number is not None}
