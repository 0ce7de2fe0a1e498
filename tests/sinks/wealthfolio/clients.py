"""A client for tests, and short ways to use it once."""

import asyncio
from pathlib import Path

from broker_sync.sinks.wealthfolio.client import WealthfolioClient
from broker_sync.sinks.wealthfolio.fields import JsonValue
from broker_sync.sinks.wealthfolio.session import SessionFile
from tests.standins.wealthfolio import PASSWORD, ManualClock, WealthfolioServer

__all__ = ["INFO", "NEW_ACCOUNT", "ask", "change", "client_of"]

INFO = "/app/info"
NEW_ACCOUNT: JsonValue = {
    "name": "A",
    "accountType": "SECURITIES",
    "currency": "USD",
    "isDefault": False,
    "isActive": True,
}


def client_of(
    server: WealthfolioServer,
    clock: ManualClock,
    *,
    session: Path | None = None,
    password: str | None = PASSWORD,
) -> WealthfolioClient:
    return WealthfolioClient(
        server.address,
        password=password,
        session=None if session is None else SessionFile(session),
        sleep=clock.sleep,
        clock=clock.seconds,
    )


def ask(client: WealthfolioClient, *paths: str) -> list[JsonValue]:
    """The answers to `paths`, one after the other; the client is closed then."""

    async def answers() -> list[JsonValue]:
        try:
            return [await client.get(path) for path in paths]
        finally:
            await client.close()

    return asyncio.run(answers())


def change(client: WealthfolioClient, path: str = "/accounts", body: JsonValue = NEW_ACCOUNT) -> JsonValue:
    """The answer to one change; the client is closed then."""

    async def answer() -> JsonValue:
        try:
            return await client.post(path, body)
        finally:
            await client.close()

    return asyncio.run(answer())
