"""``broker-sync replay``: books everything in the archive once more, into a store of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from broker_sync.archive import Archive
from broker_sync.cli import running
from broker_sync.cli.accounts import settings_of
from broker_sync.cli.clock import CLOCK
from broker_sync.cli.fetching import say
from broker_sync.cli.ibkr import PROVIDER_NAME, show, telling_in_json
from broker_sync.cli.jobs import jobs_of
from broker_sync.cli.request import Request
from broker_sync.cli.started import started
from broker_sync.cli.statements import Statements, archive_of
from broker_sync.cli.syncing import Company, sync_all
from broker_sync.errors import SettingsError
from broker_sync.fingerprint import content_hash
from broker_sync.providers.ibkr.admission import admit
from broker_sync.providers.ibkr.archived import ArchivedDocument
from broker_sync.providers.ibkr.identity import PROVIDER
from broker_sync.received import Booked, Entry
from broker_sync.report import Run
from broker_sync.settings import Settings
from broker_sync.sinks.ledger import LedgerSink

__all__ = ["run_replay"]

_LEDGER: Final = "portfolio.db"
_SHOWN: Final = 3
# What was booked before is what is booked here, and nobody else knows of the folder.
_NOBODY: Final = Company(archive=None, check=lambda: None)


def run_replay(*, into: Path, as_json: bool) -> int:
    """Book the archive anew into the folder `into`, which is empty or not there; the exit status.

    That is 1 if the books of the embedded ledger, where there is one, are not the same.
    """
    with telling_in_json(as_json=as_json):
        settings = started()
        fresh = _fresh(into, settings)
        run = running.run(_replayed(settings, fresh))
    show(run, as_json=as_json, no_color=settings.no_color)
    status = run.exit_status(strict=False)
    return _compared(settings, fresh) or status


def _fresh(into: Path, settings: Settings) -> Settings:
    folder = into.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingsError(f"--into {into}: it must be an empty folder, or not be there; it is not empty")
    if folder == settings.data_dir:
        raise SettingsError(f"--into {into}: that is the data directory; name another folder")
    return replace(settings, data_dir=folder)


async def _replayed(settings: Settings, fresh: Settings) -> Run:
    archive = archive_of(settings, CLOCK, read_only=True)
    request = Request(files=(), sink="ledger")
    runs: list[Run] = []
    entries = list(_booked(archive))
    for number, entry in enumerate(entries, start=1):
        say(f"Statement {number} of {len(entries)}: {entry.sha256[:12]}")
        found = _statements(archive, entry, settings)
        results, errors = await sync_all(jobs_of(found, request), request, fresh, _NOBODY, watched=False)
        runs.append(Run(provider=PROVIDER_NAME, results=results, errors=errors))
    latest = {result.account.provider_account_id: result for run in runs for result in run.results}
    return Run(
        provider=PROVIDER_NAME,
        results=list(latest.values()),
        errors=[error for run in runs for error in run.errors],
    )


def _booked(archive: Archive) -> Iterator[Entry]:
    """What was booked and is there, in the order in which it came."""
    for entry in archive.catalogue(PROVIDER).entries:
        if isinstance(entry.verdict, Booked) and entry.body_removed_at is None:
            yield entry


def _statements(archive: Archive, entry: Entry, settings: Settings) -> dict[str, Statements]:
    admitted = admit([ArchivedDocument(archive, entry)], configured=None)
    days = entry.verdict.days if isinstance(entry.verdict, Booked) else ()
    names = dict.fromkeys(booked.account for booked in days)
    return {
        name: Statements(
            settings=replace(settings_of(name, settings), sink=None),
            admitted=admitted,
        )
        for name in names
    }


# --- are they the same books? ---


def _compared(settings: Settings, fresh: Settings) -> int:
    if not (settings.data_dir / _LEDGER).exists():
        _tell("There is no embedded ledger to compare with.")
        return 0
    before, now = _books(settings), _books(fresh)
    differing = sorted(key for key in {*before, *now} if before.get(key) != now.get(key))
    if not differing:
        _tell(f"The same books as in {settings.data_dir}: {len(now)} activities.")
        return 0
    some = ", ".join(external_id for _, external_id in differing[:_SHOWN])
    _tell(f"Not the same books as in {settings.data_dir}: {len(differing)} activities differ ({some}).")
    return 1


def _books(settings: Settings) -> dict[tuple[str, str], str]:
    """What each activity of the embedded ledger says, by account and external id."""
    with LedgerSink.read_only(settings.data_dir / _LEDGER) as ledger:
        return {
            (account.id, activity.external_id): content_hash(activity)
            for account, activity in ledger.activities()
        }


def _tell(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201  # this is the output
