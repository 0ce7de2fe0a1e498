"""Finds the statements that were booked, and that a lost or older ``sync.db`` knows nothing of."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

from broker_sync.archive import Archive
from broker_sync.contracts import Provider
from broker_sync.dedup import SyncRecordStore
from broker_sync.errors import BrokerSyncError
from broker_sync.providers.ibkr.admission import Admitted, admit
from broker_sync.providers.ibkr.archived import ArchivedDocument
from broker_sync.providers.ibkr.identity import PROVIDER
from broker_sync.received import Booked, Entry

__all__ = ["forgotten_in"]

_log: Final = logging.getLogger(__name__)


def forgotten_in(
    archive: Archive,
    store: SyncRecordStore,
    *,
    account: str,
    tracker_account: str,
    sink: str,
    over: Callable[[Sequence[Admitted]], Provider],
) -> Callable[[], Provider] | None:
    """What opens the statements of `account` that were booked into `sink` and are not known there any more.

    None if there are none. `over` makes a provider of statements. One that cannot be read is passed over,
    with a warning.
    """
    known = {window.document for window in store.windows(sink, tracker_account)}
    entries = [
        entry
        for entry in archive.catalogue(PROVIDER).entries
        if entry.sha256 not in known and _was_booked(entry, account, sink)
    ]
    if not entries:
        return None
    return lambda: over([each for entry in entries for each in _admitted(archive, entry)])


def _was_booked(entry: Entry, account: str, sink: str) -> bool:
    verdict = entry.verdict
    return (
        isinstance(verdict, Booked)
        and entry.body_removed_at is None
        and any((days.account, days.sink) == (account, sink) for days in verdict.days)
    )


def _admitted(archive: Archive, entry: Entry) -> Sequence[Admitted]:
    try:
        return admit([ArchivedDocument(archive, entry)], configured=None)
    except BrokerSyncError as error:
        _log.warning("The statement %s of the archive is passed over: %s", entry.sha256[:12], error)
        return []
