"""Interactive Brokers as a provider: wires documents, mapping and truth together for one account."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Sequence
from decimal import Decimal

from broker_sync.contracts import Rejection, Truth
from broker_sync.errors import SettingsError, ValueFormatError
from broker_sync.models import Account, AccountType, Activity
from broker_sync.providers.ibkr.admission import Admitted, admit
from broker_sync.providers.ibkr.bookings import bookings
from broker_sync.providers.ibkr.chapter import Chapter
from broker_sync.providers.ibkr.document import Document
from broker_sync.providers.ibkr.errors import IBKRError
from broker_sync.providers.ibkr.identity import PROVIDER
from broker_sync.providers.ibkr.statement import groups
from broker_sync.values import CurrencyCode

__all__ = ["IBKRProvider"]


class IBKRProvider:
    """One IBKR account out of Flex statements.

    `wf_account_id` is the tracker's account, `upstream_account_id` the broker's (``U…``). The statements are
    `documents`, or, already looked through, `admitted`. `zone` is the one in which the account's statements
    write times that name none; without it their dividends tell it, else it is New York's.
    """

    name = PROVIDER

    def __init__(
        self,
        *,
        token: str | None = None,
        query_id: str | None = None,
        wf_account_id: str,
        upstream_account_id: str,
        documents: Sequence[Document] = (),
        admitted: Sequence[Admitted] | None = None,
        account_type: AccountType = AccountType.GIA,
        zone: dt.tzinfo | None = None,
    ) -> None:
        self._token = token
        self._query_id = query_id
        self._wf_account_id = wf_account_id
        self._upstream = upstream_account_id
        self._documents = documents
        self._admitted = admitted
        self._account_type = account_type
        self._zone = zone
        self._chapters: list[Chapter] = []

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

        Raises :class:`IBKRError` (refused statement, another account's) before the first activity.
        """
        self._look_through()
        account = self.accounts()[0]
        self._chapters = sorted(
            (
                Chapter(admitted=admitted, account=account, zone=self._zone, since=since, before=before)
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
        for booked in bookings(groups(document.chunks()), chapter.context, chapter.tally):
            yield from chapter.take(booked)
        if document.digest() != chapter.admitted.digest:
            raise IBKRError(f"{document.name} changed while it was read; run again")

    def _look_through(self) -> None:
        if self._admitted is not None:
            return
        if not self._documents:
            raise SettingsError("There is no statement to read: give one with --file PATH.")
        self._admitted = admit(self._documents, configured=self._upstream)

    def open_positions(self) -> list[tuple[str, Decimal]]:
        """Canonical symbol and signed quantity of the latest statement; empty before the first fetch."""
        told = [truth.positions for truth in self.truths() if truth.positions is not None]
        return [(position.instrument.symbol, position.quantity) for position in told[-1]] if told else []

    def rejections(self) -> Sequence[Rejection]:
        """The records of the last fetch that were not booked, in the order of the statements."""
        return [rejection for chapter in self._chapters for rejection in chapter.rejections]

    def truths(self) -> Sequence[Truth]:
        """What the broker says the account held, by statement, the latest last."""
        return [truth for chapter in self._chapters if (truth := chapter.truth()) is not None]

    async def close(self) -> None:
        """Nothing is held open between calls."""


def _currency(text: str) -> CurrencyCode | None:
    try:
        return CurrencyCode(text)
    except ValueFormatError:
        return None
