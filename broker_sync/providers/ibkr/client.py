"""Fetches statements from the Flex Web Service: asks for one to be made, then polls until it is there.

What a reply means is in :mod:`~broker_sync.providers.ibkr.flex`. Here is only what is sent when, and how
often: SendRequest at most twice and a minute apart, since IBKR locks out whoever fails too often.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

import httpx

from broker_sync.http_client import new_client
from broker_sync.providers.ibkr.exchange import Exchange, Limits, Parameters
from broker_sync.providers.ibkr.flex import Accepted, Pending
from broker_sync.providers.ibkr.flex_address import IBKR_BASE_URL, endpoint
from broker_sync.providers.ibkr.flex_codes import MINUTE, PENDING
from broker_sync.providers.ibkr.flex_errors import (
    FlexError,
    FlexRequest,
    ReferenceUnknownError,
    StatementNotReadyError,
)
from broker_sync.providers.ibkr.flex_token import Token
from broker_sync.providers.ibkr.pace import Pace, poll_wait
from broker_sync.providers.ibkr.part_file import Downloaded

__all__ = ["Downloaded", "FlexClient", "Gate", "Limits", "Token", "Window"]

Window = tuple[dt.date, dt.date]
"""First and last day, both included."""

_MOST_FAILED_POLLS: Final = 3
_MOST_POLLS: Final = 60


class Gate(Protocol):
    """Stands before SendRequest and remembers failures (see the breaker)."""

    def check(self, now: dt.datetime) -> None:
        """Raise an error when nothing may be sent."""

    def record(self, outcome: FlexError | None, now: dt.datetime) -> None:
        """Take note of a request that failed, or (None) of a SendRequest that went through."""


class _OpenGate:
    def check(self, now: dt.datetime) -> None:
        """Let everything pass."""

    def record(self, outcome: FlexError | None, now: dt.datetime) -> None:
        """Remember nothing."""


class FlexClient:
    """Fetches statements with one token; close it when done (it is an async context manager).

    `base_url` is the configured address, IBKR's own by default. `now` tells the time for `gate`, in UTC;
    `clock` counts seconds for waits and deadlines; `jitter` gives numbers from 0 to 1. IBKR's limit of
    requests is kept over all downloads of one client, and of all that share a `pace`.
    """

    def __init__(
        self,
        *,
        token: Token,
        now: Callable[[], dt.datetime],
        base_url: str = IBKR_BASE_URL,
        gate: Gate | None = None,
        pace: Pace | None = None,
        limits: Limits | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._limits = limits or Limits()
        self._http = new_client(transport=transport)
        self._exchange = Exchange(http=self._http, token=token, base_url=base_url, limits=self._limits)
        self._send_address = endpoint(base_url, FlexRequest.SEND)
        self._gate = gate or _OpenGate()
        self._now = now
        self._sleep = sleep
        self._clock = clock
        self._jitter = jitter
        self._pace = pace or Pace()

    def __repr__(self) -> str:
        """Names the address; never the token."""
        return f"FlexClient({self._send_address!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def download(self, query_id: str, *, window: Window | None, to: Path) -> Downloaded:
        """Fetch the statement of query `query_id` to the file `to`.

        `window` bounds its days; None stands for the period saved in the query. The bytes are as received;
        that they end where a statement ends is checked, what they say is not. `to` is replaced at once, and
        untouched on failure. Raises
        :class:`~broker_sync.providers.ibkr.flex_errors.FlexError`, what the gate raises, and
        :class:`~broker_sync.errors.StoreError` when the disk will not have it.
        """
        deadline = self._clock() + self._limits.generation
        outcome = await self._attempt(query_id, window, to, deadline)
        if isinstance(outcome, ReferenceUnknownError) and outcome.request is FlexRequest.GET:
            # References do not live long: a new statement has a new one.
            outcome = await self._attempt(query_id, window, to, deadline)
        if isinstance(outcome, FlexError):
            raise outcome
        return outcome

    async def _attempt(
        self, query_id: str, window: Window | None, to: Path, deadline: float
    ) -> Downloaded | FlexError:
        accepted = await self._request({"q": query_id, **_days(window)}, deadline)
        if isinstance(accepted, FlexError):
            return accepted
        return await self._collect(accepted, to, deadline)

    async def _request(self, parameters: Parameters, deadline: float) -> Accepted | FlexError:
        first = await self._request_once(parameters)
        if isinstance(first, Accepted) or first.pause is None:
            return first
        wait = max(first.pause, MINUTE)
        if self._clock() + wait > deadline:
            return first
        # A failure can have closed the gate: then there is nothing to wait for.
        self._gate.check(self._now())
        await self._sleep(wait)
        return await self._request_once(parameters)

    async def _request_once(self, parameters: Parameters) -> Accepted | FlexError:
        self._gate.check(self._now())
        await self._turn()
        outcome = await self._exchange.ask(self._send_address, parameters)
        if isinstance(outcome, Accepted):
            self._gate.record(None, self._now())
            return outcome
        failure = _as_error(outcome, FlexRequest.SEND)
        self._gate.record(failure, self._now())
        return failure

    async def _collect(self, accepted: Accepted, to: Path, deadline: float) -> Downloaded | FlexError:
        polls = failed = 0
        while True:
            await self._turn()
            outcome = await self._exchange.fetch(accepted.url, {"q": accepted.reference}, to=to)
            if isinstance(outcome, Downloaded):
                return outcome
            failure = _as_error(outcome, FlexRequest.GET)
            self._gate.record(failure, self._now())
            polls += 1
            failed += isinstance(outcome, FlexError)
            if failure.pause is None or failed == _MOST_FAILED_POLLS or polls == _MOST_POLLS:
                return failure
            wait = max(poll_wait(polls, jitter=self._jitter()), failure.pause)
            if self._clock() + wait > deadline:
                return failure
            await self._sleep(wait)

    async def _turn(self) -> None:
        wait = self._pace.book(self._clock())
        if wait > 0:
            await self._sleep(wait)


def _as_error(outcome: Pending | FlexError, request: FlexRequest) -> FlexError:
    if isinstance(outcome, FlexError):
        return outcome
    return StatementNotReadyError(
        f"IBKR {PENDING} to {request}: the statement was still being made when its time was up. Run again "
        "later; at weekends it can take hours.",
        request=request,
        pause=outcome.retry_after,
    )


def _days(window: Window | None) -> dict[str, str]:
    if window is None:
        return {}
    first, last = window
    return {"fd": f"{first:%Y%m%d}", "td": f"{last:%Y%m%d}"}
