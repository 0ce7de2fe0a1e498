"""The latest statements in the archive, to compare both sides without asking the broker."""

from __future__ import annotations

from broker_sync.archive import Archive
from broker_sync.cli.accounts import settings_of
from broker_sync.cli.clock import CLOCK
from broker_sync.cli.statements import Statements, archive_of
from broker_sync.providers.ibkr.admission import admit
from broker_sync.providers.ibkr.archived import ArchivedDocument
from broker_sync.providers.ibkr.document import Document
from broker_sync.providers.ibkr.identity import PROVIDER
from broker_sync.received import Booked, BookedDays, Entry
from broker_sync.settings import Settings, load_settings

__all__ = ["latest_documents", "latest_statements"]


def latest_statements(
    settings: Settings, archive: Archive, *, account: str | None = None
) -> dict[str, Statements]:
    """Of each account (only of `account`), the booked statement whose last day is the latest."""
    best: dict[str, tuple[BookedDays, Entry]] = {}
    for entry in archive.catalogue(PROVIDER).entries:
        for booked in _booked(entry):
            known = best.get(booked.account)
            if known is None or known[0].days.last <= booked.days.last:
                best[booked.account] = (booked, entry)
    return {
        name: Statements(
            settings=settings_of(name, settings),
            admitted=admit([ArchivedDocument(archive, entry)], configured=None),
        )
        for name, (_, entry) in sorted(best.items())
        if account in {None, name}
    }


def _booked(entry: Entry) -> tuple[BookedDays, ...]:
    has_bytes = entry.body_removed_at is None
    return entry.verdict.days if has_bytes and isinstance(entry.verdict, Booked) else ()


def latest_documents() -> list[Document]:
    """The statement that came last, whatever became of it; none if there is none."""
    archive = archive_of(load_settings(), CLOCK, read_only=True)
    entries = [entry for entry in archive.catalogue(PROVIDER).entries if entry.body_removed_at is None]
    latest = max(entries, key=lambda entry: entry.last_received_at, default=None)
    return [] if latest is None else [ArchivedDocument(archive, latest)]
