"""Trackers that misbehave: the ledger and the Wealthfolio stand-in, in this process, as they are told to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto, unique
from pathlib import Path

import httpx

from broker_sync.contracts import Refused, WriteOutcome
from broker_sync.errors import TransientError
from broker_sync.models import Account, Activity
from broker_sync.sinks.ledger import LedgerSink
from broker_sync.sinks.wealthfolio import WealthfolioSink
from tests.standins.wealthfolio import PASSWORD, ManualClock, Service
from tests.standins.wealthfolio.request import Request

_API = "http://tracker.example"


class DiedError(BaseException):
    """The run is dead: nothing of it is done after this, as nothing catches it."""


@unique
class Mood(Enum):
    """What happens at a call that writes."""

    WELL = auto()
    AWAY = auto()
    """It is not carried out, and that is said."""
    TIMES_OUT = auto()
    """It is carried out, and that is not said."""
    DIES_BEFORE = auto()
    DIES_AFTER = auto()
    REFUSES = auto()
    """It takes all but the first."""


@dataclass(slots=True)
class Moods:
    """`mood` is that of the call after `calls` more; after it all is well again. `writes` counts calls."""

    mood: Mood = Mood.WELL
    calls: int = 0
    writes: int = 0

    def next(self) -> Mood:
        """That of this call."""
        self.writes += 1
        if self.mood is Mood.WELL:
            return Mood.WELL
        if self.calls:
            self.calls -= 1
            return Mood.WELL
        mood, self.mood = self.mood, Mood.WELL
        return mood


class MoodyLedger(LedgerSink):
    """The embedded ledger, which here can be away as well."""

    def __init__(self, path: Path, moods: Moods) -> None:
        super().__init__(path)
        self.moods = moods

    async def create(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        """As the ledger does."""
        mood = self.moods.next()
        if mood is Mood.REFUSES:
            first, *others = activities
            refused = Refused(external_id=first.external_id, reason="made up")
            return [refused, *await super().create(account, others)]
        _before(mood)
        done = await super().create(account, activities)
        _after(mood)
        return done

    async def update(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        """As the ledger does."""
        mood = self.moods.next()
        if mood is Mood.REFUSES:
            first, *others = activities
            refused = Refused(external_id=first.external_id, reason="made up")
            return [refused, *await super().update(account, others)]
        _before(mood)
        done = await super().update(account, activities)
        _after(mood)
        return done

    async def delete(self, account: Account, external_ids: Sequence[str]) -> Sequence[WriteOutcome]:
        """As the ledger does."""
        mood = self.moods.next()
        if mood is Mood.REFUSES:
            first, *others = external_ids
            return [Refused(external_id=first, reason="made up"), *await super().delete(account, others)]
        _before(mood)
        done = await super().delete(account, external_ids)
        _after(mood)
        return done


def _before(mood: Mood) -> None:
    if mood is Mood.AWAY:
        raise TransientError("the tracker is away")
    if mood is Mood.DIES_BEFORE:
        raise DiedError


def _after(mood: Mood) -> None:
    if mood is Mood.TIMES_OUT:
        raise TransientError("the tracker did not answer")
    if mood is Mood.DIES_AFTER:
        raise DiedError


@dataclass(slots=True)
class InProcess(httpx.AsyncBaseTransport):
    """Hands requests to a stand-in without a socket; a call that writes goes as the moods say."""

    service: Service
    moods: Moods = field(default_factory=Moods)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The stand-in's answer."""
        writes = request.method == "POST" and request.url.path.endswith(("/bulk", "/assets", "/accounts"))
        mood = self.moods.next() if writes else Mood.WELL
        if mood is Mood.AWAY:
            raise httpx.ConnectError("away", request=request)
        if mood is Mood.DIES_BEFORE:
            raise DiedError
        if mood is Mood.REFUSES:
            return httpx.Response(400, json={"code": 400, "message": "made up"}, request=request)
        answer = self.service.answer(
            Request(
                method=request.method,
                path=request.url.path,
                query=dict(request.url.params),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=request.content,
            )
        )
        if mood is Mood.DIES_AFTER:
            raise DiedError
        if mood is Mood.TIMES_OUT:
            raise httpx.ReadTimeout("no answer", request=request)
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body, request=request)


def wealthfolio(folder: Path, transport: InProcess, clock: ManualClock) -> WealthfolioSink:
    """A sink on the stand-in behind `transport`, whose time moves only when somebody waits."""
    return WealthfolioSink(
        _API,
        None,
        PASSWORD,
        folder / "session.json",
        create_account=True,
        transport=transport,
        sleep=clock.sleep,
        clock=clock.seconds,
    )


def run(awaitable: Callable[[], object]) -> object:
    """What a coroutine function gives."""
    return asyncio.run(awaitable())  # type: ignore[arg-type]  # it is one
