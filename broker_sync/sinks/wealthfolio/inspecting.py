"""Looks at a server and at the accounts that are written to, without changing anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from broker_sync.errors import BrokerSyncError
from broker_sync.models import Account
from broker_sync.report.wealthfolio_checkup import AccountCheck, Checkup, Finding, Grade
from broker_sync.sinks.wealthfolio.account_choice import choose, made_for, not_found, notes_on
from broker_sync.sinks.wealthfolio.accounts import all_accounts
from broker_sync.sinks.wealthfolio.book import Book, make_book
from broker_sync.sinks.wealthfolio.client import WealthfolioClient
from broker_sync.sinks.wealthfolio.effects import Reckoning, entries_of
from broker_sync.sinks.wealthfolio.reading import (
    ServerInfo,
    holdings_now,
    latest_valuation,
    quote_days,
    rows_of,
    server_info,
)
from broker_sync.sinks.wealthfolio.standing import cannot_hold
from broker_sync.sinks.wealthfolio.twins import others_rows, pairs
from broker_sync.sinks.wealthfolio.verdicts import holdable_finding, of_address, of_server, valued_finding
from broker_sync.sinks.wealthfolio.wire import WireAccount
from broker_sync.sinks.wealthfolio.writing import find_keys

__all__ = ["inspect"]

_NOBODYS_KEY: Final = "broker-sync:check:none"


async def inspect(client: WealthfolioClient, wanted: Sequence[Account], *, create: bool) -> Checkup:
    """What the server at `client` is like, and the accounts of it that are `wanted`.

    One with an empty id is looked for by its mark; without a broker's id, too, it is whichever we made.
    `create` says that a sync would make what is absent. What goes wrong is a finding, none is raised.
    """
    return await _Inspector(client, create=create).inspect(wanted)


class _Inspector:
    def __init__(self, client: WealthfolioClient, *, create: bool) -> None:
        self._client = client
        self._create = create
        self._findings: list[Finding] = [of_address(is_exposed=client.is_exposed)]
        self._accounts: list[AccountCheck] = []
        self._status = 0

    async def inspect(self, wanted: Sequence[Account]) -> Checkup:
        info: ServerInfo | None = None
        try:
            info = await server_info(self._client)
        except BrokerSyncError as error:
            self._failed("server", error)
        if info is not None:
            self._findings += of_server(info)
            await self._try("keys of rows", self._ask_keys)
            await self._try("accounts", lambda: self._look_at_all(wanted, info))
        return Checkup(
            server=self._client.server,
            login=self._client.login or None,
            version=None if info is None else info.version,
            time_zone=None if info is None else info.settings.zone_name,
            base_currency=None if info is None else info.settings.base_currency or "",
            accounts=self._accounts,
            findings=self._findings,
            status=self._status,
        )

    def _failed(self, subject: str, error: BrokerSyncError) -> None:
        self._findings.append(Finding(grade=Grade.FAILS, subject=subject, text=str(error)))
        self._status = self._status or error.exit_code

    def _found(self, grade: Grade, subject: str, text: str) -> None:
        self._findings.append(Finding(grade=grade, subject=subject, text=text))

    async def _try(self, subject: str, ask: Callable[[], Awaitable[None]]) -> None:
        try:
            await ask()
        except BrokerSyncError as error:
            self._failed(subject, error)

    async def _ask_keys(self) -> None:
        await find_keys(self._client, [_NOBODYS_KEY])
        self._found(Grade.WORKS, "keys of rows", "the server says which it has, so nothing is written twice")

    async def _look_at_all(self, wanted: Sequence[Account], info: ServerInfo) -> None:
        known = await all_accounts(self._client)
        for each in wanted:
            subject = f"account {each.provider_account_id or 'of the statements'}"
            await self._try(subject, partial(self._look, subject, each, known, info))

    async def _look(
        self, subject: str, wanted: Account, known: Sequence[WireAccount], info: ServerInfo
    ) -> None:
        if not (wanted.id or wanted.provider_account_id):
            made = [each for each in known if made_for(each) is not None and not each.is_archived]
            for each in made:
                await self._account(f"account {each.name}", made_for(each), "by its mark", each, info)
            if not made:
                self._absent(subject, wanted, known)
            return
        found = choose(known, wanted)
        if found is None:
            self._absent(subject, wanted, known)
            return
        for note in notes_on(found, wanted):
            self._found(Grade.CARE, subject, note)
        how = "by its id" if wanted.id else "by its mark"
        await self._account(subject, wanted.provider_account_id or made_for(found), how, found, info)

    def _absent(self, subject: str, wanted: Account, known: Sequence[WireAccount]) -> None:
        broker = wanted.provider_account_id or None
        self._accounts.append(AccountCheck(broker=broker, tracker=None, name="", found="absent"))
        if self._create or broker is None:
            advice = (
                "the next sync makes it" if self._create else "give --create-account, or set IBKR_ACCOUNT_ID"
            )
            self._found(Grade.CARE, subject, f"it is not there; {advice}")
        else:
            raise not_found(known, wanted)

    async def _account(
        self, subject: str, broker: str | None, how: str, account: WireAccount, info: ServerInfo
    ) -> None:
        book = make_book(account.id, await rows_of(self._client, account.id))
        others = [row for row in book.foreign if row.counts]
        self._accounts.append(
            AccountCheck(
                broker=broker,
                tracker=account.id,
                name=account.name,
                found=how,
                ours=sum(row.counts for entry in book.entries.values() for row in entry.rows),
                others=len(others),
                drafts=sum(not row.counts for row in book.rows),
                touched=sum(entry.touched is not None for entry in book.entries.values()),
            )
        )
        self._twins(subject, book, account, info)
        holdings = await holdings_now(self._client, account.id)
        priced = await quote_days(self._client, [each.asset_id for each in holdings.assets])
        unpriced = [each.symbol for each in holdings.assets if each.asset_id not in priced]
        valued = await latest_valuation(self._client, account.id)
        self._findings.append(valued_finding(subject, valued, unpriced, is_empty=not book.rows))
        unholdable = cannot_hold(book.activities, dt.date.max)
        self._findings += holdable_finding(subject, unholdable)

    def _twins(self, subject: str, book: Book, account: WireAccount, info: ServerInfo) -> None:
        zone = info.settings.time_zone
        how = Reckoning(zone=zone, currency=account.currency, final_amounts=info.features.final_amounts)
        assets = {key: asset for asset, named in book.instruments.items() for key in named}
        theirs = others_rows(book.foreign, entries_of(book, how))
        found = pairs(book.activities, theirs, assets=assets, zone=zone)
        if found:
            text = (
                f"{len(found)} rows of others most likely say again what ours say; a sync with --adopt takes "
            )
            self._found(Grade.CARE, subject, f"{text}over those that a person typed")
