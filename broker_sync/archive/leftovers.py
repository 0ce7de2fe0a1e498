"""What a run that died left in an archive: taken in where it is whole, removed where it is not."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Final

from broker_sync.archive.errors import TamperedError
from broker_sync.archive.files import chunks_of, write_whole
from broker_sync.archive.shelf import Body, Shelf
from broker_sync.archive.sidecar_text import text_of
from broker_sync.received import Entry, LostSource, Receipt

__all__ = ["tidy"]

_LONG_AGO: Final = dt.timedelta(days=1)


def tidy(shelf: Shelf, *, now: dt.datetime) -> None:
    """Write facts for bytes that have none, and remove files that nobody can be writing any more.

    Bytes that are not what their name says are left alone. Raises OSError.
    """
    for path in shelf.unfinished():
        with suppress(FileNotFoundError):
            if _time_of(path.stat().st_mtime) < now - _LONG_AGO:
                path.unlink()
    for body in shelf.bodies():
        if not shelf.sidecar(body.provider, body.sha256).exists():
            with suppress(TamperedError):
                _adopt(shelf, body)


def _adopt(shelf: Shelf, body: Body) -> None:
    size = sum(len(chunk) for chunk in chunks_of(body.path, sha256=body.sha256))
    received = Receipt(received_at=_time_of(body.path.stat().st_mtime), source=LostSource())
    entry = Entry(provider=body.provider, sha256=body.sha256, size=size, form=body.form, receipts=(received,))
    write_whole(shelf.sidecar(body.provider, body.sha256), text_of(entry))


def _time_of(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
