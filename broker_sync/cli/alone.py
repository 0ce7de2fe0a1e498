"""One run at a time in a data directory, and only on data that is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from broker_sync.cli.clock import Clock
from broker_sync.cli.integrity import check_at_start
from broker_sync.lock import RunLock
from broker_sync.settings import Settings

__all__ = ["alone"]


@contextmanager
def alone(settings: Settings, clock: Clock, *, dry_run: bool = False) -> Iterator[Callable[[], None]]:
    """Keep other runs out meanwhile, and check what is there before anything is sent.

    What it gives raises :class:`~broker_sync.lock.LockLostError` (75) once another run may have taken over.

    Raises :class:`~broker_sync.lock.RunLockedError` (75) while another run is at work, and
    :class:`~broker_sync.errors.StoreError` for a database that cannot be trusted. A dry run, which writes
    nothing, keeps nobody out.
    """
    if dry_run:
        check_at_start(settings.data_dir, read_only=True)
        yield _nobody_is_kept_out
        return
    with RunLock(settings.data_dir, now=clock.now) as lock:
        check_at_start(settings.data_dir)
        yield lock.check


def _nobody_is_kept_out() -> None:
    """A dry run has no lock to lose."""
