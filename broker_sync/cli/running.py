"""Runs what is asynchronous, so that a request to end is heard wherever it waits."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from broker_sync.cli.boundary import TerminatedError

__all__ = ["run"]

_T = TypeVar("_T")


def run(main: Coroutine[Any, Any, _T]) -> _T:
    """What `main` returns; SIGTERM cancels it where it waits, as asyncio itself does at an interrupt.

    Raises :class:`~broker_sync.cli.boundary.TerminatedError` then, and at a second SIGTERM from wherever the
    program is. Where nobody listens for SIGTERM, as in a thread, nothing is changed about that.
    """
    # What a handler raises is lost if Python has nobody to give it to, as in a destructor or when a weak
    # reference dies, and asynchronous code has many of these.
    before = signal.getsignal(signal.SIGTERM)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        return asyncio.run(main)
    asked = False

    async def heard() -> _T:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()

        def cancel(*_: object) -> None:
            nonlocal asked
            if asked or task is None:
                raise TerminatedError
            asked = True
            loop.call_soon_threadsafe(task.cancel)

        signal.signal(signal.SIGTERM, cancel)
        return await main

    try:
        result = asyncio.run(heard())
    except asyncio.CancelledError:
        if not asked:
            raise
        raise TerminatedError from None
    finally:
        signal.signal(signal.SIGTERM, before)
    if asked:
        raise TerminatedError
    return result
