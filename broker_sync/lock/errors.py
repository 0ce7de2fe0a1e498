"""Why a run may not begin, or not go on."""

from __future__ import annotations

from pathlib import Path

from broker_sync.errors import TransientError
from broker_sync.lock.holder import Holder

__all__ = ["LockLostError", "RunLockedError"]


class RunLockedError(TransientError):
    """Another run is at work; `holder` is None where its file does not say who it is."""

    def __init__(self, path: Path, holder: Holder | None, *, lease: float) -> None:
        who = "a run that does not say who it is" if holder is None else str(holder)
        super().__init__(
            f"another run is at work: {who} ({path}). Nothing was done. Run again when it has finished; if "
            f"it has died, its lock is taken over by itself, on another machine after {lease:.0f} seconds."
        )
        self.holder = holder


class LockLostError(TransientError):
    """This run must not go on: another one may be at work by now."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"the lock {path} is not this run's any more: {reason}. What was booked until then is kept, and "
            "the next run goes on from there."
        )
