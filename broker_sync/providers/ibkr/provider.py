"""Interactive Brokers as a provider: wires documents, mapping and truth together for one account."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from broker_sync.contracts import Rejection, Truth
from broker_sync.coverage import MIN_OVERLAP, next_window
from broker_sync.errors import SettingsError, ValueFormatError
from broker_sync.models import Account, AccountType, Activity
from broker_sync.providers.ibkr.admission import Admitted, admit
from broker_sync.providers.ibkr.cash_kind import CashKind
from broker_sync.providers.ibkr.chapter import Chapter
from broker_sync.providers.ibkr.document import Document
from broker_sync.providers.ibkr.editions import LastWords
from broker_sync.providers.ibkr.errors import IBKRError
from broker_sync.providers.ibkr.formats import NEW_YORK
from broker_sync.providers.ibkr.identity import PROVIDER
from broker_sync.received import Days
from broker_sync.values import CurrencyCode

if TYPE_CHECKING:
    import httpx

__all__ = ["IBKRProvider"]

_DAY = dt.timedelta(days=1)


class IBKRProvider:
    """One IBKR account out of Flex statements.

    `wf_account_id` is the tracker's account, `upstream_account_id` the broker's (``U…``). The statements are
    `documents`, or, already looked through, `admitted`; where there are none they are downloaded with `token`
    and `query_id` from `base_url` (None: IBKR's), through `transport` if it is given. `zone` is the one in
    which the account's statements write times that name none; without it their dividends tell it, else it is
    New York's. `cash_kinds` says how types of cash rows are booked, before the built-in table does.
    """

    name = PROVIDER

    def __init__(
        self,
        *,
        token: str | None = None,
        query_id: str | None = None,
        base_url: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        wf_account_id: str,
        upstream_account_id: str,
        documents: Sequence[Document] = (),
        admitted: Sequence[Admitted] | None = None,
        account_type: AccountType = AccountType.GIA,
        zone: dt.tzinfo | None = None,
        cash_kinds: Mapping[str, CashKind] | None = None,
    ) -> None:
        self._token = token
        self._query_id = query_id
        self._base_url = base_url
        self._transport = transport
        self._folder: TemporaryDirectory[str] | None = None
        self._wf_account_id = wf_account_id
        self._upstream = upstream_account_id
        self._documents = documents
        self._admitted = admitted
        self._account_type = account_type
        self._zone = zone
        self._cash_kinds = cash_kinds or {}
        self._chapters: list[Chapter] = []
        self._words = LastWords()

    def __repr__(self) -> str:
        """Names the account; never the token."""
        return f"IBKRProvider(upstream_account_id={self._upstream!r})"

    def accounts(self) -> Sequence[Account]:
        """The one account; its currency is known once the statements have been looked through."""
        currencies = [
            found.base_currency
            for admitted in self._admitted or ()
            if (found := admitted.survey.accounts.get(self._upstream)) is not None and found.base_currency
        ]
        return [
            Account(
                id=self._wf_account_id,
                provider=PROVIDER,
                provider_account_id=self._upstream,
                account_type=self._account_type,
                currency=_currency(currencies[-1]) if currencies else None,
            )
        ]

    async def fetch(
        self, *, since: dt.date | None = None, before: dt.date | None = None
    ) -> AsyncIterator[Activity]:
        """Yield the activities booked from `since` to the day before `before`, statement by statement.

        Of a record that comes twice, what is yielded last is from the statement that the broker made last.
        Raises :class:`IBKRError` (refused statement, another account's) before the first activity.
        """
        await self._look_through(since, before)
        account = self.accounts()[0]
        self._words = LastWords()
        self._chapters = sorted(
            (
                Chapter(
                    admitted=admitted,
                    account=account,
                    zone=self._zone,
                    since=since,
                    before=before,
                    cash_kinds=self._cash_kinds,
                )
                for admitted in self._admitted or ()
                if self._upstream in admitted.survey.accounts
            ),
            key=lambda chapter: chapter.sort_key,
        )
        for chapter in self._chapters:
            for activity in self._read(chapter):
                yield activity

    def _read(self, chapter: Chapter) -> Iterator[Activity]:
        document = chapter.admitted.document
        for edition, outcome in chapter.read():
            if self._words.hear(edition, outcome) and not isinstance(outcome, Rejection):
                yield from outcome
        if document.digest() != chapter.admitted.digest:
            raise IBKRError(f"{document.name} changed while it was read; run again")

    async def _look_through(self, since: dt.date | None, before: dt.date | None) -> None:
        if self._admitted is not None:
            return
        if self._documents:
            self._admitted = admit(self._documents, configured=self._upstream)
        elif self._token is not None and self._query_id is not None:
            self._admitted = await self._downloaded(self._token, self._query_id, since, before)
        else:
            raise SettingsError(
                "There is no statement to read: give one with --file PATH, or a Flex token and a query id."
            )

    async def _downloaded(
        self, token: str, query_id: str, since: dt.date | None, before: dt.date | None
    ) -> list[Admitted]:
        # What speaks HTTP takes longer to import than a small statement takes to read.
        from broker_sync.providers.ibkr.client import FlexClient  # noqa: PLC0415
        from broker_sync.providers.ibkr.downloads import Downloads  # noqa: PLC0415
        from broker_sync.providers.ibkr.flex_address import IBKR_BASE_URL  # noqa: PLC0415

        self._folder = TemporaryDirectory(prefix="broker-sync-")
        async with FlexClient(
            token=_Revealed(token),
            now=_utc_now,
            base_url=self._base_url or IBKR_BASE_URL,
            transport=self._transport,
        ) as client:
            downloads = Downloads(
                gateway=client,
                archive=None,
                folder=Path(self._folder.name),
                query_id=query_id,
                accounts=(self._upstream,),
                now=_utc_now,
            )
            return [each.admitted for each in await downloads.fetch(_asked(since, before))]

    def open_positions(self) -> list[tuple[str, Decimal]]:
        """Canonical symbol and signed quantity of the latest statement; empty before the first fetch."""
        told = [truth.positions for truth in self.truths() if truth.positions is not None]
        return [(position.instrument.symbol, position.quantity) for position in told[-1]] if told else []

    def rejections(self) -> Sequence[Rejection]:
        """The records of the last fetch that were not booked, each once, in the order of the statements."""
        return self._words.rejections

    def truths(self) -> Sequence[Truth]:
        """What the broker says the account held, by statement, the one with the latest last day last."""
        return [truth for chapter in self._chapters if (truth := chapter.truth()) is not None]

    def made_at(self, record_id: str) -> dt.datetime | None:
        """When the statement was made (in UTC) out of which a record came last; None if it does not say."""
        return self._words.made_at(record_id)

    async def close(self) -> None:
        """Remove what was downloaded."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


class _Revealed:
    """A token that was given as it is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text


def _utc_now() -> dt.datetime:
    # The contract lets a provider be made of its settings alone.
    return dt.datetime.now(dt.UTC)  # noqa: TID251


def _asked(since: dt.date | None, before: dt.date | None) -> Days:
    """The days to ask for: up to yesterday, and 90 where nothing says since when."""
    usual = next_window(None, now=_utc_now(), zone=NEW_YORK, first_days=MIN_OVERLAP + 1)
    last = usual.last if before is None else min(usual.last, before - _DAY)
    first = usual.first if since is None else since
    return Days(first=min(first, last), last=last)


def _currency(text: str) -> CurrencyCode | None:
    try:
        return CurrencyCode(text)
    except ValueFormatError:
        return None
