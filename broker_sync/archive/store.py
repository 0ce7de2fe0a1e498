"""The archive: takes statements in, says what it has, gives them back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from broker_sync.archive.catalogue import Reader, catalogue, entry_at
from broker_sync.archive.check import audit
from broker_sync.archive.errors import ArchiveError, failure_of
from broker_sync.archive.files import chunks_of, place, receive, write_whole
from broker_sync.archive.leftovers import tidy
from broker_sync.archive.retention import Retention, expendable
from broker_sync.archive.shelf import Shelf, check_name
from broker_sync.archive.sidecar_text import text_of
from broker_sync.received import (
    Audit,
    Booked,
    BookedDays,
    Catalogue,
    Contents,
    Days,
    Entry,
    Receipt,
    Received,
    Refused,
    Source,
)

__all__ = ["Archive"]

_MOST_RECEIPTS: Final = 20
_CHUNK: Final = 256 * 1024


class Archive:
    """The statements in `directory`, which is made at the first write; `now` gives the time, aware.

    The bytes of a statement are written before its facts, each of them whole or not at all, so that a run may
    die anywhere. One program at a time may write. With `read_only` nothing is made or changed, and an absent
    archive is an empty one. Methods raise :class:`~broker_sync.archive.ArchiveError`.
    """

    def __init__(self, directory: Path, *, now: Callable[[], dt.datetime], read_only: bool = False) -> None:
        self.directory = directory
        self._shelf = Shelf(directory)
        self._reader = Reader()
        self._now = now
        self._read_only = read_only
        self._is_tidy = False

    # --- to keep ---

    def keep(
        self,
        statement: Path | Iterable[bytes],
        *,
        provider: str,
        source: Source,
        asked: Days | None = None,
        contents: Contents | None = None,
        form: str = "xml",
    ) -> Entry:
        """Take in `statement` as it is: a file, or bytes in pieces; `form` is the ending of such a file.

        One that is there already gets another receipt, and its bytes again if they were lost. Memory does not
        grow with the statement. ValueError for a `provider` or `form` that cannot be the name of a file.
        """
        check_name(form)
        folder = self._shelf.folder(provider)
        receipt = Receipt(received_at=self._moment(), source=source, asked=asked)
        with self._writing(folder):
            chunks = _chunks(statement) if isinstance(statement, Path) else statement
            with receive(chunks, folder) as arrived:
                known = self._shelf.find_of(provider, arrived.sha256)
                entry = (
                    Entry(
                        provider=provider,
                        sha256=arrived.sha256,
                        size=arrived.size,
                        form=form,
                        receipts=(receipt,),
                        contents=contents,
                    )
                    if known is None
                    else _again(entry_at(known), receipt, contents)
                )
                place(arrived.path, self._shelf.body(provider, entry.sha256, entry.form))
                return self._save(entry)

    def describe(self, sha256: str, contents: Contents) -> Entry:
        """Write down what is in a statement; what was written of that before is replaced."""
        with self._writing():
            return self._save(replace(self.entry(sha256), contents=contents))

    def mark(self, sha256: str, verdict: Booked | Refused) -> Entry:
        """Write down what became of a statement.

        Days that were booked add to those that were booked before, and stay booked if the same statement is
        refused later (it was given for another account, say).
        """
        with self._writing():
            entry = self.entry(sha256)
            match entry.verdict, verdict:
                case Booked() as before, Booked():
                    return self._save(replace(entry, verdict=Booked(days=_joined(before.days, verdict.days))))
                case Booked(), Refused():
                    return entry
                case _:
                    return self._save(replace(entry, verdict=verdict))

    def prune(self, policy: Retention) -> list[Entry]:
        """Remove the bytes that `policy` lets go; the entries of those, as they are now. Facts stay."""
        with self._writing():
            known = self.catalogue().entries
            gone = [entry for entry in known if entry.body_removed_at is not None]
            # Its facts say so before the bytes are gone: a run that dies in between loses nothing by it.
            removed = [
                self._save(replace(entry, body_removed_at=self._moment()))
                for entry in expendable(known, policy, now=self._moment())
            ]
            for entry in (*gone, *removed):
                self._shelf.body(entry.provider, entry.sha256, entry.form).unlink(missing_ok=True)
        return removed

    # --- to look up ---

    def catalogue(self, provider: str | None = None) -> Catalogue:
        """Everything there is (of `provider`), the earliest received first."""
        return catalogue(self._shelf, provider, self._reader)

    def entry(self, sha256: str) -> Entry:
        """What is known of one statement."""
        path = self._shelf.find(sha256)
        if path is None:
            raise ArchiveError(f"{self.directory} has no statement {sha256}")
        return entry_at(path)

    def open(self, sha256: str) -> Iterator[bytes]:
        """The bytes of a statement as they were received, in pieces.

        The last piece comes only if all of them are what was received, else
        :class:`~broker_sync.archive.TamperedError` is raised.
        """
        entry = self.entry(sha256)
        path = self._shelf.body(entry.provider, entry.sha256, entry.form)
        try:
            yield from chunks_of(path, sha256=entry.sha256)
        except FileNotFoundError as error:
            if entry.body_removed_at is None:
                raise ArchiveError(f"{path} is missing. Restore it from a backup.") from error
            raise ArchiveError(
                f"statement {sha256} was removed on {entry.body_removed_at.date()}, as the settings for "
                "retention say; only what was known of it is left"
            ) from error
        except OSError as error:
            raise failure_of(path, error) from error

    def verify(self) -> Audit:
        """Read everything, and say what is missing, damaged or left over; changes nothing."""
        return audit(self._shelf)

    # --- how ---

    @contextmanager
    def _writing(self, path: Path | None = None) -> Iterator[None]:
        if self._read_only:
            raise ArchiveError(f"{self.directory} was opened to be read only")
        try:
            if not self._is_tidy:
                tidy(self._shelf, now=self._moment())
                self._is_tidy = True
            yield
        except OSError as error:
            raise failure_of(path or self.directory, error) from error

    def _save(self, entry: Entry) -> Entry:
        write_whole(self._shelf.sidecar(entry.provider, entry.sha256), text_of(entry))
        return entry

    def _moment(self) -> dt.datetime:
        return self._now().astimezone(dt.UTC)


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise failure_of(path, error) from error


def _again(entry: Entry, receipt: Receipt, contents: Contents | None) -> Entry:
    # A file that is read every night would otherwise make its sidecar grow for ever.
    receipts = (*entry.receipts, receipt)
    return replace(
        entry,
        receipts=receipts if len(receipts) <= _MOST_RECEIPTS else (receipts[0], *receipts[2:]),
        times_received=entry.times_received + 1,
        contents=entry.contents if contents is None else contents,
        verdict=Received() if isinstance(entry.verdict, Refused) else entry.verdict,
        body_removed_at=None,
    )


def _joined(before: tuple[BookedDays, ...], now: tuple[BookedDays, ...]) -> tuple[BookedDays, ...]:
    def key(booked: BookedDays) -> tuple[str, str, Days]:
        return booked.account, booked.sink, booked.days

    known = {key(each): each for each in before}
    for each in now:
        earlier = known.get(key(each))
        restated = each.restated + (0 if earlier is None else earlier.restated)
        known[key(each)] = replace(each, restated=restated)
    return tuple(known[each] for each in sorted(known))
