"""Waiting until the server has worked out anew what its accounts hold.

It does so on its own, but not before it has asked for quotes of everything that is new, which can take
minutes; asked to do it without quotes, it takes a moment. It says neither that it has begun nor that it is
done in any answer to a question. What tells is when it last worked out the value of the account; but it does
not work that out while it lacks a rate of exchange, so that a long silence has to do as well.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from broker_sync.sinks.wealthfolio.client import Sleep, WealthfolioClient
from broker_sync.sinks.wealthfolio.fields import JsonValue
from broker_sync.sinks.wealthfolio.reading import count_of, holdings_now, latest_valuation
from broker_sync.sinks.wealthfolio.wire import Holdings

__all__ = ["Settled", "StillWorking", "recalculate", "wait_recalculated"]

_FIRST: Final = 0.25
_LONGEST: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The server has taken everything into account; `holdings` is what it shows."""

    holdings: Holdings


@dataclass(frozen=True, slots=True, kw_only=True)
class StillWorking:
    """The time was over first; `holdings` is what the server shows, and may be out of date."""

    holdings: Holdings
    waited: float


async def recalculate(client: WealthfolioClient, account_id: str) -> None:
    """Have everything in the account worked out anew, from its first day on, without asking for quotes.

    Only this also takes in a split, and what was held before it. It goes by the rows of this account alone:
    where accounts are worked out together, a split in one of them counts in all.
    """
    # An empty list would mean all assets, and the mode for none is not accepted: so one that is not there.
    no_quotes: JsonValue = {"type": "incremental", "asset_ids": ["none"]}
    await client.post("/portfolio/recalculate", {"accountIds": [account_id], "marketSyncMode": no_quotes})


async def wait_recalculated(
    client: WealthfolioClient,
    account_id: str,
    *,
    changed_at: dt.datetime | None,
    expected: Callable[[Holdings], bool] | None = None,
    quiet: float = 3.0,
    silence: float = 30.0,
    limit: float = 180.0,
    sleep: Sleep = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Settled | StillWorking:
    """Wait until what the server holds is up to date, at most `limit` seconds.

    That is so as soon as it is what is `expected`, or else when it was worked out after `changed_at` (by the
    server's clock, such as the latest `updated_at` of what was written) and has not changed for `quiet`
    seconds: a calculation may have begun before the last change and another one follow it. What has not
    changed for `silence` seconds is taken as it is. An account without activities holds nothing, although the
    server goes on showing what it held last.
    """
    if not await count_of(client, account_id):
        return Settled(holdings=Holdings())
    started = seen_at = clock()
    pause = _FIRST
    seen: tuple[Holdings, dt.datetime | None] | None = None
    while True:
        holdings = await holdings_now(client, account_id)
        if expected is not None and expected(holdings):
            return Settled(holdings=holdings)
        valuation = await latest_valuation(client, account_id)
        worked_out = None if valuation is None else valuation.calculated_at
        now = clock()
        if (holdings, worked_out) != seen:
            seen, seen_at = (holdings, worked_out), now
        if now - seen_at >= (quiet if _is_after(worked_out, changed_at) else silence):
            return Settled(holdings=holdings)
        if now - started + pause > limit:
            return StillWorking(holdings=holdings, waited=now - started)
        await sleep(pause)
        pause = min(pause * 2, _LONGEST, quiet)


def _is_after(worked_out: dt.datetime | None, changed_at: dt.datetime | None) -> bool:
    return changed_at is None or (worked_out is not None and worked_out >= changed_at)
