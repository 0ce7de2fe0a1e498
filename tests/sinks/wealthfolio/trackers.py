"""A server to test against: our stand-in, or the real one that the environment names."""

import asyncio
import datetime as dt
import itertools
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest

from broker_sync.sinks.wealthfolio.client import WealthfolioClient
from broker_sync.sinks.wealthfolio.fields import Fields, JsonValue
from broker_sync.sinks.wealthfolio.reading import holdings_now, holdings_on
from broker_sync.sinks.wealthfolio.session import SessionFile
from broker_sync.sinks.wealthfolio.waiting import recalculate
from broker_sync.sinks.wealthfolio.wire import Holdings
from tests.standins.wealthfolio import PASSWORD, ManualClock, Rules, Service, WealthfolioServer

__all__ = ["Account", "Tracker", "a_real_one", "a_stand_in", "asset", "row"]

_T = TypeVar("_T")
_ENVIRONMENT = os.environ  # noqa: TID251  # the tests' own switch, not a setting of the program
_RUN = format(int(time.monotonic() * 1000), "x")
_count = itertools.count()


@dataclass(frozen=True, kw_only=True)
class Tracker:
    """A server, the time that it lives in, and who may log in to it."""

    address: str
    password: str
    session: Path
    sleep: Callable[[float], Awaitable[None]]
    clock: Callable[[], float]
    stand_in: WealthfolioServer | None = None

    def client(self, *, password: str | None = None, remembered: bool = True) -> WealthfolioClient:
        return WealthfolioClient(
            self.address,
            password=self.password if password is None else password,
            session=SessionFile(self.session) if remembered else None,
            sleep=self.sleep,
            clock=self.clock,
        )

    def run(
        self, what: Callable[[WealthfolioClient], Awaitable[_T]], *, client: WealthfolioClient | None = None
    ) -> _T:
        """What `what` makes of a client (of ours unless given) that is closed afterwards."""
        client = self.client() if client is None else client

        async def run() -> _T:
            try:
                return await what(client)
            finally:
                await client.close()

        return asyncio.run(run())

    def account(self, currency: str = "USD") -> "Account":
        """A new account of its own, so that tests do not see each other's."""
        number = next(_count)
        body: JsonValue = {
            "name": f"Test {_RUN} {number}",
            "accountType": "SECURITIES",
            "currency": currency,
            "isDefault": False,
            "isActive": True,
            "trackingMode": "TRANSACTIONS",
        }
        made = self.run(lambda client: client.post("/accounts", body))
        return Account(tracker=self, id=Fields.of(made, "account").text("id"))


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account on a server, and short ways to do things to it."""

    tracker: Tracker
    id: str
    keys: "itertools.count[int]" = field(default_factory=itertools.count)

    def row(self, kind: str, date: str = "2026-01-05T15:00:00Z", **more: Any) -> dict[str, JsonValue]:  # noqa: ANN401  # whatever a test sends
        """A row with a key of its own; what is None is not sent."""
        key = f"test:{self.id}:{next(self.keys)}"
        fields = {
            "activityType": kind,
            "activityDate": date,
            "currency": "USD",
            "idempotencyKey": key,
            **more,
        }
        return {"accountId": self.id, **{name: value for name, value in fields.items() if value is not None}}

    def write(self, *rows: dict[str, JsonValue]) -> Fields:
        """The answer to a bulk call with `rows`."""
        body: dict[str, JsonValue] = {"creates": list(rows)}
        return Fields.of(self.tracker.run(lambda client: client.post("/activities/bulk", body)), "answer")

    def book(self, *rows: dict[str, JsonValue]) -> list[str]:
        """Write `rows`, all of them, wait, and give back their ids."""
        answer = self.write(*rows)
        assert not answer.parts("errors"), answer.values["errors"]
        self.settle()
        return [each.text("id") for each in answer.parts("created")]

    def settle(self) -> None:
        """Have the server work it out, and look until it shows the same for a while."""

        async def wait(client: WealthfolioClient) -> None:
            await recalculate(client, self.id)
            seen = [await holdings_now(client, self.id)]
            while len(seen) < 4 or any(each != seen[-1] for each in seen[-4:]):
                assert len(seen) < 60, "the server does not come to an end"
                await self.tracker.sleep(0.25)
                seen.append(await holdings_now(client, self.id))

        self.tracker.run(wait)

    def wait_for(self, holds: Callable[[Holdings], bool], *, seconds: int = 180) -> None:
        """Until the server has come to it by itself."""

        async def wait(client: WealthfolioClient) -> None:
            for _ in range(seconds):
                if holds(await holdings_now(client, self.id)):
                    return
                await self.tracker.sleep(1.0)
            raise AssertionError("the server does not come to it")

        self.tracker.run(wait)

    def held(self, day: dt.date | None = None) -> dict[str, Decimal]:
        """Quantities by symbol and cash by currency."""

        async def ask(client: WealthfolioClient) -> Holdings:
            return await (holdings_now(client, self.id) if day is None else holdings_on(client, self.id, day))

        holdings = self.tracker.run(ask)
        shown = {each.symbol: each.quantity for each in holdings.assets}
        return shown | {each.currency: each.amount for each in holdings.cash}


def asset(symbol: str = "ZZTS", **more: str | None) -> dict[str, JsonValue]:
    """An asset that a row can name, with all that keeps the server from guessing."""
    fields: dict[str, str | None] = {
        "symbol": symbol,
        "exchangeMic": "XNAS",
        "instrumentType": "EQUITY",
        "quoteCcy": "USD",
        "quoteMode": "MARKET",
        "name": symbol,
        **more,
    }
    return {name: value for name, value in fields.items() if value is not None}


def row(fields: Fields) -> dict[str, JsonValue]:
    """The values of `fields`."""
    return dict(fields.values)


@contextmanager
def a_stand_in(folder: Path, *, rules: Rules | None = None) -> Iterator[Tracker]:
    """Our own server, whose time moves only when somebody waits."""
    clock = ManualClock()
    with WealthfolioServer(Service(rules=rules, clock=clock)) as server:
        yield Tracker(
            address=server.address,
            password=PASSWORD,
            session=folder / "session.json",
            sleep=clock.sleep,
            clock=clock.seconds,
            stand_in=server,
        )


def a_real_one(folder: Path) -> Tracker:
    """The server that WEALTHFOLIO_URL and WEALTHFOLIO_PASSWORD name; the test is skipped without them."""
    address, password = _ENVIRONMENT.get("WEALTHFOLIO_URL"), _ENVIRONMENT.get("WEALTHFOLIO_PASSWORD")
    if not address or password is None:
        pytest.skip("WEALTHFOLIO_URL and WEALTHFOLIO_PASSWORD name no server")
    return Tracker(
        address=address,
        password=password,
        # One login for all tests: the server takes five in a minute.
        session=folder / "session.json",
        sleep=asyncio.sleep,
        clock=time.monotonic,
    )
