"""Books every scenario on a server, each in an account of its own, and says what came out otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final
from uuid import uuid4

from broker_sync.accounting import total_cash, total_positions
from broker_sync.contracts import Stored
from broker_sync.models import Account, Activity
from broker_sync.sinks.wealthfolio.fields import Fields
from broker_sync.sinks.wealthfolio.sink import WealthfolioSink
from tests.sinks.wealthfolio.payload_samples import ACCOUNT
from tests.sinks.wealthfolio.trackers import Tracker

__all__ = ["a_sink", "differences", "remove_accounts", "run_scenarios"]

_END: Final = dt.date(2026, 3, 31)
_CLOSE: Final = Decimal("0.00001")
_NOUGHT: Final = Decimal(0)


def a_sink(tracker: Tracker, *, read_only: bool = False, adopt: bool = False) -> WealthfolioSink:
    """A sink on `tracker` that makes accounts."""
    return WealthfolioSink(
        tracker.address,
        None,
        tracker.password,
        tracker.session,
        create_account=True,
        read_only=read_only,
        adopt=adopt,
        sleep=tracker.sleep,
        clock=tracker.clock,
    )


async def run_scenarios(tracker: Tracker, scenarios: Mapping[str, list[Activity]]) -> list[str]:
    """Book, read back, book again, delete; each line is something that is not as it should be."""
    run = uuid4().hex[:8]
    sink = a_sink(tracker)
    own = {name: _account(f"U-{run}-{number}") for number, name in enumerate(scenarios)}
    wrong: list[str] = []
    try:
        for name, activities in scenarios.items():
            wrong += [f"{name}: {each}" for each in await _write(sink, own[name], activities)]
        for name, activities in scenarios.items():
            wrong += [f"{name}: {each}" for each in await _read(sink, own[name], activities)]
        for name, activities in scenarios.items():
            wrong += [f"{name}: {each}" for each in await _write_again(sink, own[name], activities)]
        for name in scenarios:
            wrong += [f"{name}: {each}" for each in await _what_is_left(sink, own[name])]
    finally:
        await sink.close()
        await remove_accounts(tracker, run)
    return wrong


def _account(name: str) -> Account:
    return replace(ACCOUNT, id=name, provider_account_id=name)


def _of(account: Account, activities: list[Activity]) -> list[Activity]:
    return [replace(each, account_id=account.id) for each in activities]


async def _write(sink: WealthfolioSink, account: Account, activities: list[Activity]) -> list[str]:
    outcomes = await sink.create(account, _of(account, activities))
    return [str(each) for each in outcomes if not (isinstance(each, Stored) and each.created)]


async def _read(sink: WealthfolioSink, account: Account, activities: list[Activity]) -> list[str]:
    held: dict[str, Decimal] = {}
    for each in await sink.holdings(account.id, as_of=_END):
        held[each.instrument.key] = held.get(each.instrument.key, _NOUGHT) + each.quantity
    ours = total_positions(activities)
    symbols = {each.instrument.key: each.symbol for each in activities if each.instrument is not None}
    return [
        *differences("cash", total_cash(activities), await sink.cash(account.id, as_of=_END)),
        *differences("holdings", ours, held),
        *differences(
            "quantities",
            {str(symbols[key]): quantity for key, quantity in ours.items()},
            await sink.compute_position_qty(account.id),
        ),
    ]


async def _write_again(sink: WealthfolioSink, account: Account, activities: list[Activity]) -> list[str]:
    again = await sink.create(account, _of(account, activities))
    gone = await sink.delete(account, [each.external_id for each in activities])
    return [
        *(f"{each} a second time" for each in again if not isinstance(each, Stored) or each.created),
        *(f"{each} on deleting" for each in gone if not isinstance(each, Stored)),
    ]


async def _what_is_left(sink: WealthfolioSink, account: Account) -> list[str]:
    quantities = await sink.compute_position_qty(account.id)
    cash = await sink.cash(account.id, as_of=_END)
    return [f"{quantities} and {dict(cash)} are left"] if quantities or cash else []


def differences(what: str, ours: Mapping[str, Decimal], theirs: Mapping[str, Decimal]) -> list[str]:
    """What is not the same on both sides, to what floats keep."""
    return [
        f"{what} of {name}: {ours.get(name, _NOUGHT)} booked, {theirs.get(name, _NOUGHT)} read"
        for name in sorted({*ours, *theirs})
        if abs(ours.get(name, _NOUGHT) - theirs.get(name, _NOUGHT)) > _CLOSE
    ]


async def remove_accounts(tracker: Tracker, run: str) -> None:
    """Delete the accounts whose mark has `run` in it."""
    client = tracker.client()
    try:
        found = await client.get("/accounts")
        for each in found if isinstance(found, list) else []:
            fields = Fields.of(each, "an account")
            if run in (fields.maybe_text("meta") or ""):
                await client.delete(f"/accounts/{fields.text('id')}")
    finally:
        await client.close()
