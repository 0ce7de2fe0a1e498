"""A request to end is heard wherever asynchronous code waits."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from typing import Self

import pytest

from broker_sync.cli.boundary import TerminatedError, hear_sigterm
from broker_sync.cli.running import run

FAR = 30.0
"""Seconds; nothing here waits for them."""


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    hear_sigterm()
    yield
    signal.signal(signal.SIGTERM, before)


class Dropping:
    """Is asked to end where Python has nobody to give an exception to."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


async def waiting() -> None:
    Dropping()
    await asyncio.sleep(FAR)


def test_what_is_done_is_returned() -> None:
    async def done() -> int:
        return 7

    assert run(done()) == 7


def test_a_request_to_end_is_heard_in_a_destructor() -> None:
    with pytest.raises(TerminatedError):
        run(waiting())


def test_what_was_opened_is_closed_when_a_run_is_asked_to_end() -> None:
    class Opened:
        is_closed = False

        async def __aenter__(self) -> Self:
            return self

        async def __aexit__(self, *_: object) -> None:
            await asyncio.sleep(0)
            self.is_closed = True

    opened = Opened()

    async def using() -> None:
        async with opened:
            await waiting()

    with pytest.raises(TerminatedError):
        run(using())
    assert opened.is_closed


def test_a_request_in_the_last_moment_counts_too() -> None:
    async def nearly_done() -> int:
        signal.raise_signal(signal.SIGTERM)
        return 7

    with pytest.raises(TerminatedError):
        run(nearly_done())


def test_a_second_request_ends_what_does_not_listen() -> None:
    async def deaf() -> None:
        signal.raise_signal(signal.SIGTERM)
        try:
            await asyncio.sleep(FAR)
        except asyncio.CancelledError:
            signal.raise_signal(signal.SIGTERM)
            await asyncio.sleep(FAR)

    with pytest.raises(TerminatedError):
        run(deaf())


def test_another_cancellation_stays_what_it_is() -> None:
    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        run(cancelled())


def test_the_program_listens_as_before_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    run(asyncio.sleep(0))
    assert signal.getsignal(signal.SIGTERM) is before
    with pytest.raises(TerminatedError):
        run(waiting())
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_thread_runs_it_without_listening() -> None:
    results: list[int] = []

    async def done() -> int:
        return 7

    thread = threading.Thread(target=lambda: results.append(run(done())))
    thread.start()
    thread.join()
    assert results == [7]
