"""``broker-sync archive``: what was received, as it was received."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from typing import Final

from broker_sync.archive import Archive
from broker_sync.cli.boundary import complain
from broker_sync.cli.output import print_blocks, print_json, result_output
from broker_sync.cli.started import started
from broker_sync.errors import SettingsError
from broker_sync.received import Catalogue, Entry
from broker_sync.report.archive_json import audit_object, statement_object
from broker_sync.report.archive_text import archive_blocks, audit_blocks, statement_blocks
from broker_sync.settings import Settings

__all__ = ["run_archive_list", "run_archive_show", "run_archive_verify"]

_MOST: Final = 10


def run_archive_list(*, account: str | None, as_json: bool) -> int:
    """Print what is there (of the broker's `account`), an object a line with `as_json`; the exit status.

    That is 1 where some of it cannot be read.
    """
    settings = started()
    found = _archive(settings).catalogue()
    entries = [entry for entry in found.entries if account is None or account in entry.accounts]
    with result_output():
        if as_json:
            for entry in entries:
                print_json(statement_object(entry))
        else:
            print_blocks(archive_blocks(entries), no_color=settings.no_color)
    return _complained_of(found)


def run_archive_show(start: str, *, as_json: bool, raw: bool) -> int:
    """Print what is known of the statement whose id begins with `start`; with `raw` its bytes alone.

    Raises :class:`~broker_sync.errors.SettingsError` where there is no such statement, or several; bytes that
    are not what was received are an error, and none of them are printed.
    """
    settings = started()
    archive = _archive(settings)
    entry = _chosen(archive.catalogue(), start)
    if raw:
        return _print_raw(archive, entry)
    with result_output():
        if as_json:
            print_json(statement_object(entry))
        else:
            print_blocks(statement_blocks(entry), no_color=settings.no_color)
    return 0


def run_archive_verify(*, as_json: bool) -> int:
    """Read everything and print what is wrong; the exit status, 1 if anything is."""
    settings = started()
    audit = _archive(settings).verify()
    with result_output():
        if as_json:
            print_json(audit_object(audit))
        else:
            print_blocks(audit_blocks(audit), no_color=settings.no_color)
    return 1 if audit.findings else 0


def _archive(settings: Settings) -> Archive:
    return Archive(settings.data_dir / "archive", now=lambda: dt.datetime.now(dt.UTC), read_only=True)


def _complained_of(found: Catalogue) -> int:
    for finding in found.damaged:
        complain(f"{finding.file}: {finding.text}")
    return 1 if found.damaged else 0


def _chosen(found: Catalogue, start: str) -> Entry:
    matching = [entry for entry in found.entries if entry.sha256.startswith(start.lower())]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise SettingsError(f"{start!r} begins the ids of {_told(matching)}: give more of the one you mean")
    damaged = _complained_of(found)
    hint = ", as far as it can be read," if damaged else ""
    raise SettingsError(
        f"no statement in the archive{hint} has an id that begins with {start!r}: "
        "see `broker-sync archive list`"
    )


def _told(entries: Sequence[Entry]) -> str:
    names = [entry.sha256[:16] for entry in entries[:_MOST]]
    rest = len(entries) - len(names)
    return ", ".join([*names, *([f"{rest} more"] if rest else [])])


def _print_raw(archive: Archive, entry: Entry) -> int:
    # Read twice: whoever books what comes out of a pipe is to get all of it, and unchanged, or nothing.
    for _ in archive.open(entry.sha256):
        pass
    with result_output():
        for chunk in archive.open(entry.sha256):
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
    return 0
