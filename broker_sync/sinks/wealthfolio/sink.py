"""Wealthfolio as a sink: one server, with a desk for each account that is worked on."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from broker_sync.contracts import Edited, Held, Holding, Twin, WriteOutcome
from broker_sync.explain.entry import Entry
from broker_sync.models import Account, Activity, Nav
from broker_sync.report.wealthfolio_checkup import Checkup
from broker_sync.sinks.wealthfolio.account_choice import made_for, several
from broker_sync.sinks.wealthfolio.accounts import account_for, all_accounts
from broker_sync.sinks.wealthfolio.asset_writing import Assets
from broker_sync.sinks.wealthfolio.client import Sleep, WealthfolioClient
from broker_sync.sinks.wealthfolio.desk import Desk
from broker_sync.sinks.wealthfolio.holdable import CannotHold
from broker_sync.sinks.wealthfolio.inspecting import inspect
from broker_sync.sinks.wealthfolio.payload_parts import Target
from broker_sync.sinks.wealthfolio.people import touched_notes
from broker_sync.sinks.wealthfolio.reading import ServerInfo, server_info
from broker_sync.sinks.wealthfolio.session import SessionFile
from broker_sync.sinks.wealthfolio.standing import cannot_hold, cash_of, holdings_of, quantities_of
from broker_sync.sinks.wealthfolio.wire import WireAccount

if TYPE_CHECKING:
    import httpx

__all__ = ["WealthfolioSink"]


class WealthfolioSink:
    """The Wealthfolio server at `base_url`.

    `password` is that of its login page; `username` is only for a proxy in front that asks for one. The
    session is kept in `session_path`. An account is known by the server's id of it, or by the broker's, which
    finds the account that was made for it; with `create_account` one is made where there is none. With
    `adopt` rows that a person typed in for what is booked are taken over. `read_only` reads, and writes
    nothing.

    All methods raise a :class:`~broker_sync.sinks.wealthfolio.errors.WealthfolioError`.
    """

    def __init__(
        self,
        base_url: str,
        username: str | None,
        password: str | None,
        session_path: Path | str,
        *,
        create_account: bool = False,
        adopt: bool = False,
        read_only: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = WealthfolioClient(
            base_url,
            username=username,
            password=password,
            session=SessionFile(Path(session_path), read_only=read_only),
            transport=transport,
            sleep=sleep,
            clock=clock,
        )
        self._create_account = create_account
        self._adopt = adopt
        self._read_only = read_only
        self._sleep = sleep
        self._clock = clock
        self._info: ServerInfo | None = None
        self._assets = Assets(self._client)
        self._desks: dict[str, Desk] = {}
        self._notes: dict[str, list[str]] = {}

    def __repr__(self) -> str:
        return f"WealthfolioSink({self._client.server!r})"

    @property
    def name(self) -> str:
        """Its name among the sinks."""
        return "wealthfolio"

    @property
    def version(self) -> str | None:
        """What the server calls its release; None before the login."""
        return None if self._info is None else self._info.version

    @property
    def adopts(self) -> bool:
        """Whether it takes over rows that a person typed in for what is booked."""
        return self._adopt

    async def login(self) -> None:
        """Log in, and check that the server is one that can be worked with."""
        await self._server()

    async def inspect(self, wanted: Sequence[Account]) -> Checkup:
        """What the server is like, and the accounts of it that are `wanted`; nothing is written."""
        return await inspect(self._client, wanted, create=self._create_account)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()

    # --- writing ---

    async def find(self, account_id: str, external_ids: Sequence[str]) -> Mapping[str, str]:
        """Which of `external_ids` the tracker has, with its own id of each."""
        desk = await self._found(account_id)
        return {} if desk is None else await desk.find(external_ids)

    async def create(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        """Write activities; one that is there already is left as it is. Outcomes in the order given."""
        return await (await self._desk(account)).create(activities)

    async def update(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        """Write activities anew. What a person changed there is left. Outcomes in the order given."""
        return await (await self._desk(account)).update(activities)

    async def delete(self, account: Account, external_ids: Sequence[str]) -> Sequence[WriteOutcome]:
        """Remove activities. What a person changed there is left. Outcomes in the order given."""
        return await (await self._desk(account)).delete(external_ids)

    async def overwrite(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        """Write activities anew, whoever has changed what is there. Outcomes in the order given."""
        return await (await self._desk(account)).update(activities, anyway=True)

    async def remove(self, account: Account, external_ids: Sequence[str]) -> Sequence[WriteOutcome]:
        """Remove activities, whoever has changed them. Outcomes in the order given."""
        return await (await self._desk(account)).delete(external_ids, anyway=True)

    async def edited(self, account_id: str, external_ids: Sequence[str]) -> Sequence[Edited]:
        """Those of `external_ids` that a person has changed, or whose other leg one has."""
        desk = await self._found(account_id)
        return [] if desk is None else await desk.edited(external_ids)

    async def held(self, account_id: str, external_ids: Sequence[str] | None = None) -> AsyncIterator[Held]:
        """The activities that rows of ours stand for: of these ids, or (None) all."""
        desk = await self._found(account_id)
        for each in [] if desk is None else await desk.held(external_ids):
            yield each

    async def tracker_ids(self, account_id: str) -> Mapping[str, str]:
        """The server's id of each activity of ours in the account: what is written anew has another."""
        desk = await self._found(account_id)
        return {} if desk is None else await desk.ids()

    # --- reading ---

    async def holdings(self, account_id: str, *, as_of: dt.date) -> Sequence[Holding]:
        """What the tracker holds at the end of `as_of`, after its calculation is over.

        Of what it cannot hold (:meth:`cannot_hold`) it is what our own activities in it add up to.
        """
        desk = await self._found(account_id)
        if desk is None:
            return []
        held = await desk.held_on(as_of)
        return holdings_of(await desk.book(), held, as_of, desk.target.zone)

    async def cash(self, account_id: str, *, as_of: dt.date) -> Mapping[str, Decimal]:
        """The tracker's cash at the end of `as_of`, signed, by currency."""
        desk = await self._found(account_id)
        if desk is None:
            return {}
        held = await desk.held_on(as_of)
        return cash_of(await desk.book(), held, as_of)

    async def compute_position_qty(self, account_id: str) -> dict[str, Decimal]:
        """Signed quantity by canonical symbol: what the rows of the account add up to, splits applied."""
        desk = await self._found(account_id)
        return {} if desk is None else quantities_of(await desk.book(), desk.target.zone)

    async def entries(self, account_id: str) -> Sequence[Entry]:
        """Every row that counts, ours and others', with what it does to cash and position."""
        desk = await self._found(account_id)
        return [] if desk is None else await desk.entries()

    async def valuation(self, account_id: str, *, as_of: dt.date) -> Nav | None:
        """What the account was worth at the end of `as_of`, in its currency.

        None where the server does not say, has not reckoned with everything yet, lacks a price of anything
        held, or cannot hold all of it.
        """
        desk = await self._found(account_id)
        return None if desk is None else await desk.worth(as_of)

    async def twins(self, account_id: str, planned: Sequence[Activity]) -> Sequence[Twin]:
        """Rows of others that do what an activity of ours does that is there, or `planned`.

        With `adopt` those that a person typed are taken over.
        """
        desk = await self._found(account_id)
        return [] if desk is None else await desk.twins(planned)

    async def cannot_hold(
        self,
        account_id: str,
        *,
        as_of: dt.date,
        planned: Iterable[Activity] = (),
        gone: Collection[str] = (),
    ) -> Sequence[CannotHold]:
        """The positions at the end of `as_of` that the tracker cannot show, and why.

        As if `planned` were there, in place of what has their ids, and what is `gone` were not.
        """
        desk = await self._found(account_id)
        booked = [] if desk is None else (await desk.book()).activities
        there = {each.external_id: each for each in booked if each.external_id not in gone}
        there |= {each.external_id: each for each in planned}
        return cannot_hold(there.values(), as_of)

    async def notes(self, account_id: str) -> Sequence[str]:
        """What a person should know of the account: how it is set up, what was left alone."""
        desk = await self._found(account_id)
        if desk is None:
            return []
        touched = touched_notes(await desk.with_strays())
        return [*self._notes.get(account_id, ()), *desk.notes, *touched]

    # --- which account ---

    async def _server(self) -> ServerInfo:
        if self._info is None:
            self._info = await server_info(self._client)
        return self._info

    async def _desk(self, account: Account) -> Desk:
        if account.id not in self._desks:
            # Without a configured account the tracker's name of it is the broker's own.
            named = account.id != account.provider_account_id
            wanted = account if named else replace(account, id="")
            chosen = await account_for(self._client, wanted, create=self._create_account)
            self._notes[account.id] = list(chosen.notes)
            self._desks[account.id] = await self._open(chosen.account)
        return self._desks[account.id]

    async def _found(self, account_id: str) -> Desk | None:
        """The desk of an account that was written to, or is there already; None if it is still to be made."""
        if account_id not in self._desks:
            known = await all_accounts(self._client)
            named = [each for each in known if each.id == account_id]
            marked = [each for each in known if made_for(each) == account_id and not each.is_archived]
            if not (named or marked):
                return None
            if len(named or marked) > 1:
                raise several(marked, account_id)
            self._desks[account_id] = await self._open((named or marked)[0])
        return self._desks[account_id]

    async def _open(self, account: WireAccount) -> Desk:
        server = await self._server()
        return Desk(
            self._client,
            Target(account_id=account.id, currency=account.currency, zone=server.settings.time_zone),
            self._assets,
            read_only=self._read_only,
            adopts=self._adopt,
            final_amounts=server.features.final_amounts,
            sleep=self._sleep,
            clock=self._clock,
        )
