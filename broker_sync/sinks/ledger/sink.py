"""The ledger as a sink."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

from broker_sync.contracts import Held, Holding, WriteOutcome
from broker_sync.models import Account, Activity
from broker_sync.sinks.ledger import reads, writes
from broker_sync.sinks.ledger.tables import SCHEMA
from broker_sync.storage import Database, database_file

__all__ = ["LedgerSink"]


class LedgerSink:
    """The ledger in `path`, a file or the directory of ``portfolio.db``; opened, and made, at the first use.

    Every call is one transaction. All raise :class:`~broker_sync.errors.StoreError`, and
    :class:`~broker_sync.errors.TransientError` while another program writes.

    The methods of the contract are coroutines but work in the calling thread: each is over in milliseconds, a
    sync awaits them one by one, and an interrupt then never leaves one running behind its back.
    """

    def __init__(self, path: Path | str, *, read_only: bool = False) -> None:
        file = database_file(Path(path), name="portfolio.db")
        self._database = Database(file, schema=SCHEMA, read_only=read_only)

    @classmethod
    def read_only(cls, path: Path | str) -> Self:
        """The ledger in `path`, where nothing is changed or made; an absent file reads as empty."""
        return cls(path, read_only=True)

    @property
    def name(self) -> str:
        """The ledger's name among the sinks."""
        return "ledger"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    async def login(self) -> None:
        """Open the ledger, so that what is wrong with it shows before anything is sent."""
        with self._database.reading():
            pass

    async def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    async def find(self, account_id: str, external_ids: Sequence[str]) -> Mapping[str, str]:
        """Which of `external_ids` the ledger has, with its own id of each."""
        with self._database.reading() as connection:
            return writes.find_all(connection, account_id, external_ids)

    async def held(self, account_id: str, external_ids: Sequence[str] | None = None) -> AsyncIterator[Held]:
        """The activities that the ledger has: of these ids, or (None) all; nobody changes them but us."""
        if external_ids is not None:
            with self._database.reading() as connection:
                found = reads.held_named(connection, account_id, external_ids)
            for each in found:
                yield each
            return
        last = ""
        while True:
            with self._database.reading() as connection:
                page = reads.held_after(connection, account_id, last)
            for each in page:
                yield each
            if len(page) < reads.PAGE:
                return
            last = page[-1].external_id

    async def create(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        """Add activities; one that is there already is left as it is. Outcomes in the order given."""
        with self._database.writing() as connection:
            return writes.create_all(connection, account, activities)

    async def update(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        """Overwrite activities; one that is not there is refused. Outcomes in the order given."""
        with self._database.writing() as connection:
            return writes.update_all(connection, account, activities)

    async def delete(self, account: Account, external_ids: Sequence[str]) -> Sequence[WriteOutcome]:
        """Remove activities; one that is not there counts as removed. Outcomes in the order given."""
        with self._database.writing() as connection:
            return writes.delete_all(connection, account.id, external_ids)

    async def holdings(self, account_id: str, *, as_of: dt.date) -> Sequence[Holding]:
        """Signed quantities at the end of `as_of` by booking day, zeros left out."""
        with self._database.reading() as connection:
            return reads.holdings_of(reads.activities_of(connection, account_id, as_of=as_of))

    async def cash(self, account_id: str, *, as_of: dt.date) -> Mapping[str, Decimal]:
        """Signed cash by currency at the end of `as_of` by booking day, zeros left out."""
        with self._database.reading() as connection:
            return reads.cash_of(reads.activities_of(connection, account_id, as_of=as_of))

    async def compute_position_qty(self, account_id: str) -> dict[str, Decimal]:
        """Signed quantity by canonical symbol over everything, zeros left out."""
        with self._database.reading() as connection:
            return reads.quantities_of(reads.activities_of(connection, account_id))

    def activities(self, account: str | None = None) -> Iterator[tuple[Account, Activity]]:
        """Every activity with its account, by account id, date and external id.

        `account` is the tracker's or the broker's name of one; None means all, a name that is not there none.
        The ledger is read page by page and is free for writers in between, however slowly this is consumed.
        """
        with self._database.reading() as connection:
            named = reads.accounts_named(connection, account)
        for each in named:
            for activity in self._of(each):
                yield each, activity

    def _of(self, account: Account) -> Iterator[Activity]:
        last: Activity | None = None
        while True:
            with self._database.reading() as connection:
                page = reads.page_after(connection, account.id, last)
            yield from page
            if len(page) < reads.PAGE:
                return
            last = page[-1]
