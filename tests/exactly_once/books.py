"""What there is after a run: in the books, in what is known of them, and in the archive."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from broker_sync.archive import Archive
from broker_sync.archive.files import UNFINISHED
from broker_sync.backup import RESTORING
from broker_sync.coverage.days import merged
from broker_sync.received import Booked, Days
from tests.standins.wealthfolio import Service

_KNOWN = (
    "SELECT external_id, sink, account_id, record_id, kind, state, content_hash, pending_hash, booked_on, "
    "payload FROM activities"
)
_CONFLICTS = "SELECT sink, account_id, external_id, reason, wanted_hash, decision FROM conflicts"
_REJECTIONS = "SELECT sink, account_id, external_id, reason FROM rejections"
_Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Everything that must be the same however often a run died on the way.

    The ids of the ledger's and the tracker's own rows, and moments, are left out; and which statements there
    are, as a run that comes a second time asks for other days. `covered` are the days that are booked.
    """

    ledger: _Rows
    tracker: _Rows
    assets: _Rows
    accounts: _Rows
    known: _Rows
    conflicts: _Rows
    rejections: _Rows
    covered: _Rows


def books(data: Path, tracker: Service) -> Books:
    """What there is in the data directory `data` and in `tracker`."""
    return Books(
        ledger=_rows(
            data / "portfolio.db",
            "SELECT * FROM activities",
            without=("id",),
        ),
        tracker=sorted(_tracked(tracker)),
        assets=sorted((each.key, each.quote_ccy) for each in tracker.store.assets.values()),
        accounts=sorted((each.name, each.currency, each.meta) for each in tracker.store.accounts.values()),
        known=_rows(data / "sync.db", _KNOWN),
        conflicts=_rows(data / "sync.db", _CONFLICTS),
        rejections=_rows(data / "sync.db", _REJECTIONS),
        covered=sorted(_covered(data)),
    )


def _tracked(tracker: Service) -> Iterator[tuple[Any, ...]]:
    assets = {each.id: each.key for each in tracker.store.assets.values()}
    for row in tracker.store.rows.values():
        numbers = (row.quantity, row.unit_price, row.amount, row.fee, row.fx_rate)
        yield (
            str(row.key).replace(row.account_id, "<account>"),
            row.type,
            str(row.subtype),
            row.status,
            row.date.isoformat(),
            row.currency,
            str(assets.get(row.asset_id or "")),
            *map(str, numbers),
            str(row.notes),
            str(row.metadata).replace(row.account_id, "<account>"),
            row.user_modified,
        )


def _covered(data: Path) -> Iterator[tuple[Any, ...]]:
    archive = Archive(data / "archive", now=lambda: datetime.now(UTC), read_only=True)  # noqa: TID251  # it is not asked
    days: defaultdict[tuple[str, str], list[Days]] = defaultdict(list)
    for entry in archive.catalogue().entries:
        for each in entry.verdict.days if isinstance(entry.verdict, Booked) else ():
            days[each.account, each.sink].append(each.days)
    for whose, its in days.items():
        yield (*whose, *map(str, merged(its)))


def problems(data: Path, tracker: Service, *, alone: bool = True) -> list[str]:
    """What does not hold together when no run is at work.

    Where a data directory is not `alone` with its tracker, the other one may have written rows anew, and they
    have other ids since.
    """
    with _opened(data / "sync.db") as sync:
        told = [] if sync is None else list(sync.execute(
            "SELECT external_id, sink, state, tracker_id FROM activities"
        ))  # fmt: skip
    found = [f"{name} is left as {state}" for name, _, state, _ in told if state == "intent"]
    found += [f"{name} was refused" for name, _, state, _ in told if state == "failed"]
    theirs = {row[2] for row in _rows(data / "sync.db", _CONFLICTS)}
    found += [text for name, text in _disagreements(told, data, tracker, alone=alone) if name not in theirs]
    found += [f"twice in the tracker: {key}" for key, n in _keys(tracker).items() if n > 1]
    # What a run that died leaves of a chain of locks belongs to nobody, and is cleared away in time.
    found += [f"left over: {path.name}" for path in data.glob("run.lock")]
    archive = Archive(data / "archive", now=lambda: datetime.now(UTC), read_only=True)  # noqa: TID251  # it is not asked
    return found + [
        f"archive: {each.text}" for each in archive.verify().findings if UNFINISHED not in each.file
    ]


def unknown(data: Path, tracker: Service) -> list[str]:
    """What is in the books and was never written down as asked for, at whatever moment that is looked up.

    While a restore is cut off there are no books: no run touches them.
    """
    if (data / RESTORING).exists():
        return []
    with _opened(data / "sync.db") as sync:
        told = (
            set()
            if sync is None
            else {name for (name,) in sync.execute("SELECT external_id FROM activities")}
        )
    with _opened(data / "portfolio.db") as ledger:
        there = set() if ledger is None else _names(ledger)
    there |= {_name(row.key or "") for row in tracker.store.rows.values()}
    return sorted(there - told)


def _disagreements(told: _Rows, data: Path, tracker: Service, *, alone: bool) -> Iterator[tuple[str, str]]:
    """Whether what is known to be booked is what is there, under the id that is known."""
    with _opened(data / "portfolio.db") as ledger:
        there = {} if ledger is None else _ids(ledger)
    for sink, ids in (("ledger", there), ("wealthfolio", _main_rows(tracker))):
        known = {name: tracker_id for name, where, _, tracker_id in told if where == sink}
        for name in sorted({*known, *ids}):
            is_on_both = name in known and name in ids
            if known.get(name) != ids.get(name) if alone else not is_on_both:
                yield name, f"{name}: known as {known.get(name)}, in {sink} as {ids.get(name)}"


def _names(ledger: sqlite3.Connection) -> set[str]:
    return set(_ids(ledger))


def _ids(ledger: sqlite3.Connection) -> dict[str, str]:
    return {name: str(id_) for name, id_ in ledger.execute("SELECT external_id, id FROM activities")}


def _main_rows(tracker: Service) -> dict[str, str]:
    return {_name(row.key or ""): row.id for row in tracker.store.rows.values() if "#" not in (row.key or "")}


def _name(key: str) -> str:
    """The external id in the key of a row: broker-sync:<account>:<external id>#<leg>."""
    return key.split(":", 2)[-1].partition("#")[0]


def _keys(tracker: Service) -> Counter[str]:
    return Counter(row.key or "" for row in tracker.store.rows.values())


def _rows(file: Path, query: str, *, without: tuple[str, ...] = ()) -> _Rows:
    with _opened(file) as database:
        if database is None or not _has(database, query.rpartition("FROM ")[2]):
            return []
        cursor = database.execute(query)
        places = [place for place, column in enumerate(cursor.description) if column[0] not in without]
        return sorted(tuple(str(row[place]) for place in places) for row in cursor)


def _has(database: sqlite3.Connection, table: str) -> bool:
    """Whether there is such a table: a database of an older version lacks some."""
    found = database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,))
    return found.fetchone() is not None


class _opened:  # noqa: N801  # used like a function
    """A copy of a database, what a run that died left of a write taken back; None where there is none."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> sqlite3.Connection | None:
        if not self._file.exists() or not self._file.stat().st_size:
            self._close = None
            return None
        journal = self._file.with_name(f"{self._file.name}-journal")
        self._folder = TemporaryDirectory(dir=self._file.parent.parent)
        place = Path(self._folder.name)
        for file in (self._file, journal):
            if file.exists():
                shutil.copyfile(file, place / file.name)
        self._close = closing(sqlite3.connect(place / self._file.name))
        database = self._close.__enter__()
        return database if _has(database, "activities") else None

    def __exit__(self, *given: object) -> None:
        if self._close is not None:
            self._close.__exit__(*given)
            self._folder.cleanup()
