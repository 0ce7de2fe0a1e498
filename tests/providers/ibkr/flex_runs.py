"""Runs the Flex client against the stand-in, with time that passes only when somebody waits."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from broker_sync.errors import BrokerSyncError
from broker_sync.providers.ibkr.client import Downloaded, FlexClient, Gate, Limits, Window
from tests.providers.ibkr.builders import one_statement
from tests.standins.flex import FlexServer, FlexService

TOKEN = "made-up-token"
QUERY = "123456"
STATEMENT = one_statement("x" * 2000).encode()
START = dt.datetime(2026, 6, 1, 2, 0, tzinfo=dt.UTC)


def saved_statement(first: dt.date | None, last: dt.date | None) -> bytes:
    """The same statement for all days."""
    del first, last
    return STATEMENT


@dataclass
class Time:
    """Seconds since the test began; `waits` are those that somebody waited."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds

    def clock(self) -> float:
        return self.seconds

    def now(self) -> dt.datetime:
        return START + dt.timedelta(seconds=self.seconds)


class Token:
    def reveal(self) -> str:
        return TOKEN


@contextmanager
def serving(service: FlexService | None = None) -> Iterator[FlexServer]:
    with FlexServer(service or FlexService(saved_statement)) as server:
        yield server


def client_for(
    address: str,
    time: Time,
    *,
    gate: Gate | None = None,
    limits: Limits | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    jitter: float = 0.0,
) -> FlexClient:
    return FlexClient(
        token=Token(),
        now=time.now,
        base_url=address,
        gate=gate,
        limits=limits,
        transport=transport,
        sleep=time.sleep,
        clock=time.clock,
        jitter=lambda: jitter,
    )


def download(
    client: FlexClient, to: Path | None = None, *, window: Window | None = None
) -> Downloaded | BrokerSyncError:
    """What comes of a download to `to` (None: to where nobody looks); the client is closed."""

    async def run(folder: Path) -> Downloaded:
        async with client:
            return await client.download(QUERY, window=window, to=to or folder / "statement.xml")

    with TemporaryDirectory() as folder:
        try:
            return asyncio.run(run(Path(folder)))
        except BrokerSyncError as error:
            return error
