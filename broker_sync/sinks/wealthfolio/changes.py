"""From what is wanted of an account to the rows that come and go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from broker_sync.models import Activity, Instrument
from broker_sync.sinks.wealthfolio.batches import Change, Gone
from broker_sync.sinks.wealthfolio.book import Book, Entry
from broker_sync.sinks.wealthfolio.forms import PLAIN, Form, forms_of, is_conversion, other_leg
from broker_sync.sinks.wealthfolio.marks import key_of
from broker_sync.sinks.wealthfolio.payload import needs_asset, rows_of
from broker_sync.sinks.wealthfolio.payload_parts import Target, UnsendableError
from broker_sync.sinks.wealthfolio.rows import AssetRef, Row

__all__ = [
    "Drafts",
    "instruments_in",
    "is_parted",
    "misplaced",
    "removed",
    "rewritten",
    "with_partners",
    "written",
]

Drafts = Mapping[str, AssetRef | str]
"""The asset of each instrument by its key; a text says why there is none."""

_DAY: Final = dt.timedelta(days=1)


def instruments_in(activities: Iterable[Activity]) -> list[Instrument]:
    """The instruments that must be assets for `activities` to be written, each once."""
    dealt = [instrument for each in activities if (instrument := _dealt(each)) is not None]
    return list({each.key: each for each in dealt}.values())


def _dealt(activity: Activity) -> Instrument | None:
    """What must be an asset for `activity` to be written.

    Where the broker does not say in what an instrument is dealt, what it was paid in is all there is.
    """
    instrument = activity.instrument
    if instrument is None or not needs_asset(activity):
        return None
    return instrument if instrument.currency else replace(instrument, currency=activity.currency)


def written(
    activities: Iterable[Activity], forms: Mapping[str, Form], assets: Drafts, target: Target
) -> tuple[list[Change], dict[str, str]]:
    """The rows of each of `activities`, both legs of a conversion together; and why some have none."""
    refused: dict[str, str] = {}
    changes: dict[str, Change] = {}
    for activity in activities:
        try:
            rows = _rows(activity, forms, assets, target)
        except UnsendableError as error:
            refused[activity.external_id] = str(error)
            continue
        together = activity.record_id if is_conversion(activity) else activity.external_id
        before = changes.get(together, Change(external_ids=()))
        changes[together] = Change(
            external_ids=(*before.external_ids, activity.external_id), rows=(*before.rows, *rows)
        )
    return list(changes.values()), refused


def _rows(activity: Activity, forms: Mapping[str, Form], assets: Drafts, target: Target) -> list[Row]:
    asset = None
    dealt = _dealt(activity)
    if dealt is not None:
        found = assets[dealt.key]
        if isinstance(found, str):
            raise UnsendableError(found)
        asset = found
    return rows_of(activity, forms.get(activity.external_id, PLAIN), asset, target)


def misplaced(book: Book, target: Target) -> tuple[list[Activity], dict[str, Form]]:
    """What stands in another form, or on another day, than it should; and the forms of all.

    What a person has changed is left alone, and so is the leg that is left of a conversion of which one has
    taken the other away: wherever that stands, the server may delete it with this one.
    """
    activities = book.activities
    forms = forms_of(activities, target.zone)
    wrong = [
        activity
        for activity in activities
        if (entry := book.entries[activity.external_id]).touched is None
        and not is_parted(entry, book)
        and not _stands(entry, forms.get(activity.external_id, PLAIN), target)
    ]
    return with_partners(wrong, book), forms


def _stands(entry: Entry, form: Form, target: Target) -> bool:
    activity = entry.activity
    if activity is None or entry.is_mixed or entry.form != form.text:
        return activity is None
    day = activity.booked_on + _DAY if form.next_day else activity.booked_on
    return entry.rows[0].date.astimezone(target.zone).date() == day


def is_parted(entry: Entry, book: Book) -> bool:
    """Whether `entry` was written as one of two legs of a conversion, and `book` has not the other."""
    activity = entry.activity
    if activity is None or not is_conversion(activity) or entry.form == PLAIN.text:
        return False
    legs = [
        each.activity
        for each in book.entries.values()
        if each.activity is not None and each.activity.record_id == activity.record_id
    ]
    return other_leg(activity, legs) is None


def with_partners(activities: Iterable[Activity], book: Book) -> list[Activity]:
    """`activities`, and the other legs of conversions among them: the server deletes both legs with one."""
    chosen = {each.external_id: each for each in activities}
    records = {each.record_id for each in chosen.values() if is_conversion(each)}
    for entry in book.entries.values():
        activity = entry.activity
        if activity is not None and is_conversion(activity) and activity.record_id in records:
            chosen.setdefault(entry.external_id, activity)
    return list(chosen.values())


def rewritten(
    activities: Iterable[Activity], forms: Mapping[str, Form], assets: Drafts, target: Target, book: Book
) -> tuple[list[Change], dict[str, str]]:
    """Rows of `activities` in place of those that `book` has of them.

    They go and come in one request, so that no key is taken twice and nothing is marked as changed by a
    person, which an update in place would do. What a person had noted where ours was put stays noted.
    """
    changes, refused = written(activities, forms, assets, target)
    notes = {
        key_of(target.account_id, name): entry.note for name, entry in book.entries.items() if entry.note
    }
    return [
        Change(
            external_ids=each.external_ids,
            rows=tuple(row.noting(notes[row.key]) if row.key in notes else row for row in each.rows),
            gone=tuple(gone for name in each.external_ids for gone in _rows_there(book, name, target)),
        )
        for each in changes
    ], refused


def removed(
    external_ids: Iterable[str], forms: Mapping[str, Form], assets: Drafts, target: Target, book: Book
) -> tuple[list[Change], dict[str, str]]:
    """The rows of `external_ids` go. The other leg of a conversion that stays is written anew."""
    leaving = dict.fromkeys(external_ids)
    changes: list[Change] = []
    for name in leaving:
        gone = _rows_there(book, name, target)
        if gone:
            changes.append(Change(external_ids=(name,), gone=gone))
    activities = [entry.activity for name in leaving if (entry := book.entries.get(name)) and entry.activity]
    staying = [each for each in with_partners(activities, book) if each.external_id not in leaving]
    again, refused = rewritten(staying, forms, assets, target, book)
    return [*changes, *again], refused


def _rows_there(book: Book, external_id: str, target: Target) -> tuple[Gone, ...]:
    entry = book.entries.get(external_id)
    if entry is None:
        return ()
    prefix = key_of(target.account_id, external_id)
    return tuple(Gone(row.idempotency_key or prefix, row.id) for row in entry.rows)
