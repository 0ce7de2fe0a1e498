"""``broker-sync verify``: reads everything that is kept, and says what of it is wrong."""

from __future__ import annotations

import os
from contextlib import nullcontext

from broker_sync.cli.clock import CLOCK, Clock
from broker_sync.cli.integrity import audit
from broker_sync.cli.output import print_blocks, print_json, result_output
from broker_sync.cli.started import started
from broker_sync.lock import RunLock
from broker_sync.report.verify_text import verified_blocks, verified_object

__all__ = ["run_verify"]


def run_verify(*, as_json: bool, clock: Clock = CLOCK) -> int:
    """Check the data directory and print what was found; the exit status, 1 if anything is wrong.

    No run may be at work meanwhile, or it would be read half done: raises
    :class:`~broker_sync.lock.RunLockedError` if one is. Where nothing can be written, none can be.
    """
    settings = started()
    folder = settings.data_dir
    is_lockable = folder.is_dir() and os.access(folder, os.W_OK)
    with RunLock(folder, now=clock.now) if is_lockable else nullcontext():
        verified = audit(folder)
    with result_output():
        if as_json:
            print_json(verified_object(verified))
        else:
            print_blocks(verified_blocks(verified), no_color=settings.no_color)
    return 1 if verified.findings else 0
