"""An account at a made-up broker, and nights on which it is synced from there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from random import Random

import pytest

from broker_sync.cli.boundary import status_of
from broker_sync.cli.clock import Clock
from broker_sync.cli.ibkr import run_ibkr
from broker_sync.cli.request import Request
from tests.cli.conftest import Ran
from tests.simulation.broker import ACCOUNT
from tests.simulation.kinds import KINDS
from tests.simulation.life import Life, live
from tests.simulation.query import Query
from tests.simulation.statement import write
from tests.standins.flex import FlexServer, FlexService, NoStatementError

TOKEN = "246813579246813579"
QUERY = "123456"
_DAY = dt.timedelta(days=1)
_PLAIN = ("buy", "sell", "deposit", "withdraw", "interest", "pay-dividend", "charge", "convert", "split")


@cache
def life(*, days: int, events: int, seed: int = 7) -> Life:
    """An account that is opened on 2024-01-02 and goes on for so many business days."""
    kinds = [KINDS[name] for name in _PLAIN]
    rng = Random(seed)  # noqa: S311  # to be repeatable
    return live(rng, kinds, KINDS, first_day=dt.date(2024, 1, 2), days=days, events=events)


@dataclass(slots=True)
class Statements:
    """What the broker has of a life, up to the day before the service is asked."""

    life: Life
    query: Query = field(default_factory=Query)
    absent: frozenset[str] = frozenset()

    def __call__(self, first: dt.date | None, last: dt.date | None) -> bytes:
        last = last or self.life.last_day
        first = first or last - 89 * _DAY
        if last < self.life.first_day:
            raise NoStatementError
        return write(self.life, self.query, first, last).text.encode()


class FakeTime:
    """A clock that only goes when somebody waits."""

    def __init__(self, day: dt.date) -> None:
        self.moment = dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)
        self.waited: list[float] = []

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.moment, seconds=self._seconds, sleep=self._sleep)

    def _seconds(self) -> float:
        return self.moment.timestamp()

    async def _sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.moment += dt.timedelta(seconds=seconds)


class Nights:
    """Runs the command against `service`, as of any day."""

    def __init__(self, service: FlexService, server: FlexServer, capsys: pytest.CaptureFixture[str]) -> None:
        self.service = service
        self.server = server
        self._capsys = capsys

    def night(
        self,
        day: dt.date,
        *,
        since: dt.date | None = None,
        until: dt.date | None = None,
        dry_run: bool = False,
        strict: bool = False,
        accept_query_change: bool = False,
    ) -> Ran:
        """``broker-sync ibkr --json`` at noon (UTC) of `day`."""
        asked = Request(
            files=(),
            as_json=True,
            since=since,
            until=until,
            dry_run=dry_run,
            strict=strict,
            accept_query_change=accept_query_change,
        )
        return self.ran(lambda clock: run_ibkr(asked, clock), day)

    def ran(self, command: Callable[[Clock], int], day: dt.date) -> Ran:
        self._capsys.readouterr()
        clock = FakeTime(day).clock
        status = status_of(lambda: command(clock))
        out, err = self._capsys.readouterr()
        return Ran(status=status, out=out, err=err)

    @property
    def sent(self) -> list[str]:
        return self.service.names()

    @property
    def windows(self) -> list[tuple[str, str]]:
        """The ranges of days that were asked for."""
        return [
            (asked.parameters.get("fd", ""), asked.parameters.get("td", ""))
            for asked in self.service.requests
            if asked.name == "SendRequest"
        ]


__all__ = ["ACCOUNT", "QUERY", "TOKEN", "FakeTime", "Nights", "Statements", "life"]
