"""What is known here, for whoever only looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from broker_sync.cli.integrity import check_at_start
from broker_sync.dedup import SyncRecordStore
from broker_sync.settings import Settings

__all__ = ["looking"]


@contextmanager
def looking(settings: Settings) -> Iterator[SyncRecordStore]:
    """Open ``sync.db`` to be read only.

    Raises :class:`~broker_sync.errors.StoreError` for data that cannot be trusted: of a damaged page nothing
    may come but silence, which would look like an answer.
    """
    check_at_start(settings.data_dir, read_only=True)
    with SyncRecordStore.read_only(settings.data_dir) as store:
        yield store
