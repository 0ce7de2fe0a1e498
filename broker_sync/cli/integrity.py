"""Whether what is in the data directory is whole: in short before a run, in full for ``verify``."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from broker_sync.agreement import disagreements
from broker_sync.archive import Archive
from broker_sync.archive.errors import advice_on
from broker_sync.backup import RESTORING
from broker_sync.cli.clock import CLOCK
from broker_sync.dedup import audit as records
from broker_sync.dedup.tables import SCHEMA as SYNC
from broker_sync.errors import BrokerSyncError, StoreError
from broker_sync.providers.ibkr.breaker_file import FILE_NAME as BREAKER
from broker_sync.providers.ibkr.breaker_form import FormError, states_from
from broker_sync.received import Finding
from broker_sync.report.verify_text import Checked, Verified
from broker_sync.sinks.ledger import audit as ledger
from broker_sync.sinks.ledger.tables import SCHEMA as PORTFOLIO
from broker_sync.storage import Database, Schema
from broker_sync.storage.integrity import damage

__all__ = ["audit", "check_at_start"]

_LEDGER: Final = "ledger"
_SMALL: Final = 16 * 2**20  # bytes that are read through in some hundredths of a second
_ROOM: Final = 256 * 1024  # bytes that even the smallest sync may write
_MOST: Final = 200
_RESTORE: Final = "restore a backup with `broker-sync restore`"


@dataclass(frozen=True, slots=True)
class _Store:
    file: str
    schema: Schema
    problems: Callable[[Connection], Iterator[str]]


_STORES: Final = (
    _Store("sync.db", SYNC, records.problems),
    _Store("portfolio.db", PORTFOLIO, ledger.problems),
)


# --- before a run ---


def check_at_start(
    data_dir: Path, *, read_only: bool = False, probe: Callable[[Path], None] | None = None
) -> None:
    """Raise :class:`~broker_sync.errors.StoreError` for what would stop a run later; one line that says it.

    Databases that are damaged, of a newer version or somebody else's; a restore that was cut off; and, unless
    `read_only`, a directory that cannot be written or has no room. Takes hundredths of a second: large
    databases are only opened. `probe` writes a little into a directory and removes it again.
    """
    if (data_dir / RESTORING).exists():
        raise StoreError(
            f"{data_dir}: a restore was cut off, so what is there is not whole; "
            "run `broker-sync restore` again, with --force"
        )
    for store in _STORES:
        _check_store(data_dir / store.file, store.schema, read_only=read_only)
    if not read_only and data_dir.exists():
        try:
            (probe or _write_a_little)(data_dir)
        except OSError as error:
            raise StoreError(
                f"{data_dir} cannot be written ({error.strerror}); {advice_on(error)}"
            ) from error


def _check_store(path: Path, schema: Schema, *, read_only: bool) -> None:
    if not _is_there(path):
        return
    if not read_only and not os.access(path, os.W_OK):
        raise StoreError(
            f"{path} cannot be written; check that the user who runs broker-sync may write to it"
        )
    database = Database(path, schema=schema, read_only=True)
    try:
        with database.reading() as connection:
            if path.stat().st_size <= _SMALL:
                for text in damage(connection, schema, quick=True):
                    raise StoreError(f"{path} cannot be used: {text}; {_RESTORE}")
    finally:
        database.close()


def _is_there(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreError(f"{path} cannot be used ({error.strerror}); {advice_on(error)}") from error


def _write_a_little(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        # Not zeros: some file systems keep none.
        file.write(os.urandom(_ROOM))
        os.fsync(file.fileno())


# --- in full ---


def audit(data_dir: Path) -> Verified:
    """Read everything in `data_dir`, and compare what was booked with the embedded ledger; change nothing."""
    checked: list[Checked] = []
    findings: list[Finding] = []
    sound = True
    for store in _STORES:
        path = data_dir / store.file
        if _is_there(path):
            found = list(_findings(store.file, _of_store(path, store)))
            sound = sound and not found
            findings += found
            checked.append(Checked(name=store.file))
    if sound:
        findings += _findings(_STORES[1].file, _compared(data_dir))
    found_in_archive = Archive(data_dir / "archive", now=CLOCK.now, read_only=True).verify()
    checked.append(Checked(name="archive", statements=found_in_archive.statements))
    findings += [Finding(file=f"archive/{each.file}", text=each.text) for each in found_in_archive.findings]
    if _is_there(data_dir / BREAKER):
        findings += _findings(BREAKER, _of_breaker(data_dir / BREAKER))
        checked.append(Checked(name=BREAKER))
    return Verified(checked=tuple(checked), findings=tuple(findings))


def _findings(file: str, texts: Iterable[str]) -> Iterator[Finding]:
    try:
        for number, text in enumerate(texts):
            if number == _MOST:
                yield Finding(file=file, text="and more: the rest was not read.")
                return
            yield Finding(file=file, text=f"{text}.")
    except BrokerSyncError as error:
        yield Finding(file=file, text=f"{error}.")
    except DBAPIError as error:
        yield Finding(file=file, text=f"it cannot be read ({error.orig}). Restore a backup.")


def _of_store(path: Path, store: _Store) -> Iterator[str]:
    database = Database(path, schema=store.schema, read_only=True)
    try:
        with database.reading() as connection:
            yield from damage(connection, store.schema)
            yield from store.problems(connection)
    finally:
        database.close()


def _compared(data_dir: Path) -> Iterator[str]:
    """What was booked in the embedded ledger against what is in it."""
    with ExitStack() as opened:
        told, there = (
            Database(data_dir / store.file, schema=store.schema, read_only=True) for store in _STORES
        )
        opened.callback(told.close)
        opened.callback(there.close)
        said = opened.enter_context(told.reading())
        found = opened.enter_context(there.reading())
        yield from disagreements(
            records.sides(said, _LEDGER), ledger.sides(found), tracker="the embedded ledger"
        )


def _of_breaker(path: Path) -> Iterator[str]:
    try:
        states_from(path.read_text(encoding="utf-8"))
    except (FormError, UnicodeDecodeError) as error:
        yield (
            f"it is damaged ({error}), and no run sends anything before it is removed; remove it if no run "
            "was refused with code 1025 in the last three days"
        )
    except OSError as error:
        yield f"it cannot be read ({error.strerror}); {advice_on(error)}"
