"""Rows of ours that people have moved to other accounts of the server.

A row keeps its key wherever it goes, and the server has one index of keys: ours is taken while the account
that it was made in does not have the row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from broker_sync.contracts import Edited
from broker_sync.sinks.wealthfolio.book import MOVED, Book, Entry, make_book
from broker_sync.sinks.wealthfolio.changes import is_parted
from broker_sync.sinks.wealthfolio.marks import MAIN_LEG, key_of, parse_key
from broker_sync.sinks.wealthfolio.payload_parts import MONEY_LEG, REST_LEG, SHORT_LEG
from broker_sync.sinks.wealthfolio.people import theirs_of
from broker_sync.sinks.wealthfolio.reading import pages_of
from broker_sync.sinks.wealthfolio.wire import ActivityRow
from broker_sync.sinks.wealthfolio.writing import Api, find_keys

__all__ = ["IN_ARCHIVE", "moved", "with_moved"]

IN_ARCHIVE: Final = (
    "a person has moved it to an account of Wealthfolio that is archived: take that out of the archive, and "
    "decide again"
)
_LEGS: Final = (MAIN_LEG, SHORT_LEG, REST_LEG, MONEY_LEG)
_ALL: Final = 1_000_000


async def with_moved(api: Api, book: Book, external_ids: Iterable[str]) -> Book:
    """`book` with the rows of `external_ids`, and of other legs of their conversions, that are elsewhere.

    Nothing is read but the index of keys as long as it names no row that `book` does not have.
    """
    names = list(external_ids)
    taken = await _taken_elsewhere(api, book, names)
    if not taken and not any(_is_parted(book, name) for name in names):
        return book
    elsewhere = make_book(book.account_id, await _elsewhere(api, book.account_id)).entries
    return replace(
        book,
        entries={**book.entries, **{name: _whole(each, book) for name, each in elsewhere.items()}},
        # The server lists no row of an archived account, and its index has their keys.
        out_of_sight=frozenset(taken - elsewhere.keys()),
    )


def moved(book: Book, external_ids: Iterable[str]) -> dict[str, Edited]:
    """Those of `external_ids` of which a row stands in another account, as `book` has it."""
    found: dict[str, Edited] = {}
    for name in external_ids:
        entry = book.entries.get(name)
        if entry is not None and entry.is_moved:
            found[name] = Edited(external_id=name, reason=MOVED, theirs=theirs_of(entry))
        elif name in book.out_of_sight:
            found[name] = Edited(external_id=name, reason=MOVED, theirs={})
    return found


async def _taken_elsewhere(api: Api, book: Book, names: Iterable[str]) -> set[str]:
    """Those of `names` of which a key is taken by a row that `book` does not have."""
    keys = {key_of(book.account_id, name, leg): name for name in names for leg in _LEGS}
    here = {row.id for row in book.rows}
    return {keys[key] for key, id_ in (await find_keys(api, list(keys))).items() if id_ not in here}


async def _elsewhere(api: Api, account_id: str) -> list[ActivityRow]:
    return [
        row
        async for page in pages_of(api, None, size=_ALL)
        for row in page.rows
        if row.account_id != account_id and parse_key(account_id, row.idempotency_key or "") is not None
    ]


def _whole(entry: Entry, book: Book) -> Entry:
    """The rows of `entry`, which are elsewhere, with those that stayed; the main one first."""
    here = book.entries.get(entry.external_id)
    if here is None:
        return entry
    main, other = (here, entry) if here.activity is not None else (entry, here)
    return replace(main, rows=(*main.rows, *other.rows))


def _is_parted(book: Book, external_id: str) -> bool:
    entry = book.entries.get(external_id)
    return entry is not None and is_parted(entry, book)
