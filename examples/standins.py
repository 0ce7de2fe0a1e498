"""``python -m examples.standins``: Interactive Brokers and Wealthfolio, made up, on this machine.

For the tutorial: whoever has neither an account nor a server can sync night after night all the same. Ends
with Ctrl-C, and keeps nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
from collections.abc import Sequence
from typing import Final

from tests.simulation.broker import ACCOUNT, after
from tests.simulation.kinds import KINDS
from tests.simulation.life import Life, live
from tests.simulation.query import NEW_YORK, Query
from tests.simulation.statement import write
from tests.standins.flex import FlexServer, FlexService
from tests.standins.wealthfolio import Clock, Service, WealthfolioServer

__all__ = ["ACCOUNT", "Broker", "main"]

TOKEN: Final = "made-up-token"  # noqa: S105  # it opens nothing
PASSWORD: Final = "made-up-password"  # noqa: S105  # as above
QUERY: Final = "123456"

_HAPPENING: Final = ("buy", "sell", "deposit", "withdraw", "interest", "pay-dividend", "charge", "convert")
_BUSINESS_DAYS: Final = 150
_EVENTS: Final = 60
_DAY: Final = dt.timedelta(days=1)


class Broker:
    """The statements of a made-up account, up to the last business day before `today`.

    The first one ends a business day earlier, as the broker's do while a day is not closed. So a second night
    has something new, on the same day.
    """

    def __init__(self, today: dt.date) -> None:
        self._life = _life_until(_business_day(today - _DAY))
        self._is_closed = False

    def __call__(self, first: dt.date | None, last: dt.date | None) -> bytes:
        """The statement of the days asked for, as far as they are closed; None: of the last 90."""
        known = self._life.last_day if self._is_closed else _business_day(self._life.last_day - _DAY)
        self._is_closed = True
        last = min(last or known, known)
        return write(self._life, Query(), first or last - 89 * _DAY, last).text.encode()


class _Today(Clock):
    """The time of this machine."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


def _business_day(day: dt.date) -> dt.date:
    """`day`, or the Friday before."""
    return day - _DAY * max(day.weekday() - 4, 0)


def _life_until(last: dt.date) -> Life:
    """A life that has something to tell on its last day."""
    first = last
    while after(first, _BUSINESS_DAYS - 1) > last:
        first = _business_day(first - _DAY)
    kinds = [KINDS[name] for name in _HAPPENING]
    seed = 0
    while True:
        rng = random.Random(seed)  # noqa: S311  # to be repeatable, not secret
        life = live(rng, kinds, KINDS, first_day=first, days=_BUSINESS_DAYS, events=_EVENTS)
        if life.within(last, last):
            return life
        seed += 1


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve both until somebody ends it."""
    parser = argparse.ArgumentParser(description="Interactive Brokers and Wealthfolio, made up.")
    parser.add_argument("--broker-port", type=int, default=8421, help="0 takes a free one")
    parser.add_argument("--tracker-port", type=int, default=8422, help="0 takes a free one")
    given = parser.parse_args(arguments)
    today = dt.datetime.now(NEW_YORK).date()
    flex = FlexService(Broker(today), token=TOKEN, query_id=QUERY)
    wealthfolio = Service(clock=_Today(), password=PASSWORD, settle_after=0)
    with (
        FlexServer(flex, port=given.broker_port) as broker,
        WealthfolioServer(wealthfolio, port=given.tracker_port) as tracker,
    ):
        print(f"Interactive Brokers is at {broker.address}, Wealthfolio at {tracker.address}.")
        print("Both are made up, and forget everything when they are ended (Ctrl-C).", flush=True)
        try:
            broker.wait()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
