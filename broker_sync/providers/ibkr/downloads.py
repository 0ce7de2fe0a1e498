"""Statements from the Flex Web Service, each judged before any of them is booked.

A statement that may not be booked is kept in the archive all the same, with the reason, and leaves books and
coverage as they were.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from broker_sync.archive import Archive
from broker_sync.coverage import SectionGone, changes, split, split_at_year_ends
from broker_sync.providers.ibkr.admission import Admitted, admit_of
from broker_sync.providers.ibkr.beginning import began_with_nothing
from broker_sync.providers.ibkr.delivery import Delivery, judge
from broker_sync.providers.ibkr.document import Document
from broker_sync.providers.ibkr.errors import ANEW, QueryChangedError, StatementRefusedError
from broker_sync.providers.ibkr.facts import answered, facts, is_needed
from broker_sync.providers.ibkr.flex_errors import StatementNotAvailableError
from broker_sync.providers.ibkr.identity import PROVIDER
from broker_sync.providers.ibkr.part_file import Downloaded as Fetched
from broker_sync.received import Contents, Days, FlexSource, Refused

__all__ = ["Delivered", "Downloads", "Gateway"]


class Gateway(Protocol):
    """Fetches one statement; :class:`~broker_sync.providers.ibkr.client.FlexClient` is one."""

    async def download(self, query_id: str, *, window: tuple[dt.date, dt.date] | None, to: Path) -> Fetched:
        """Write the statement of `query_id` for `window` (None: the query's own period) to the file `to`.

        Raises an :class:`~broker_sync.providers.ibkr.errors.IBKRError`, and then `to` is not there.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A statement that may be booked; `sha256` is its name in the archive."""

    admitted: Admitted
    delivery: Delivery
    asked: Days | None

    @property
    def sha256(self) -> str:
        """Its name in the archive."""
        return self.admitted.digest


class Downloads:
    """Fetches what one Flex query has of `accounts` (the broker's ids; none: whatever accounts it has).

    The files are written to `folder`, which is there and is the caller's to remove. `archive` knows what the
    query gave before, and with `keep` takes each statement as it came. With `accept_changes` the query may
    have been changed.
    """

    def __init__(
        self,
        *,
        gateway: Gateway,
        archive: Archive | None,
        folder: Path,
        query_id: str,
        accounts: Collection[str] = (),
        now: Callable[[], dt.datetime],
        keep: bool = True,
        accept_changes: bool = False,
    ) -> None:
        self._gateway = gateway
        self._archive = archive
        self._folder = folder
        self._source = FlexSource(query_id=query_id)
        self._accounts = accounts
        self._now = now
        self._keep = keep
        self._accept_changes = accept_changes

    async def fetch(self, wanted: Days, *, covered_until: dt.date | None = None) -> list[Delivered]:
        """The statements for all of `wanted`, the earliest first.

        A range that the service has nothing for is asked for year by year, and if that does not help, the
        query once for its own period. Raises the first error, and then nothing is to be booked.
        """
        found: list[Delivered] = []
        try:
            for part in split(wanted):
                found += await self.fetch_range(part)
        except StatementNotAvailableError:
            return [await self._fetch(None, covered_until=covered_until)]
        return found

    async def fetch_range(self, part: Days) -> list[Delivered]:
        """The statement for `part`, or those for its years; raises what is wrong with the latest of them."""
        try:
            return [await self.fetch_one(part)]
        except StatementNotAvailableError:
            years = split_at_year_ends(part)
            if len(years) == 1:
                raise
        found = [await self.fetch_one(years[-1])]
        for year in years[-2::-1]:
            try:
                found.insert(0, await self.fetch_one(year))
            except StatementNotAvailableError:
                break
        return found

    @property
    def query_id(self) -> str:
        """The query that is run."""
        return self._source.query_id

    async def fetch_one(self, asked: Days) -> Delivered:
        """The statement for `asked`, at most 365 days; raises what is wrong with it or with fetching it."""
        return await self._fetch(asked)

    async def _fetch(self, asked: Days | None, *, covered_until: dt.date | None = None) -> Delivered:
        path = self._folder / f"flex-{self._source.query_id}-{_label(asked)}.xml"
        window = None if asked is None else (asked.first, asked.last)
        await self._gateway.download(self._source.query_id, window=window, to=path)
        try:
            (admitted,) = admit_of([Document(path)], accounts=self._accounts)
            contents = facts(admitted.survey)
            self._refuse_changed(path.name, contents)
            delivery = judge(
                admitted,
                asked=asked,
                covered_until=covered_until,
                began_with_nothing=lambda account: began_with_nothing(admitted, account),
            )
        except StatementRefusedError as refusal:
            self._put_away(path, asked, None, refusal)
            raise
        contents = answered(contents, asked, now=self._now())
        self._put_away(path, asked, contents, None)
        return Delivered(admitted=admitted, delivery=delivery, asked=asked)

    def _refuse_changed(self, name: str, contents: Contents) -> None:
        if self._archive is None:
            return
        found = changes(self._archive.catalogue(PROVIDER).entries, contents, source=self._source)
        needed = [change for change in found if is_needed(change.section)]
        gone = [change.text for change in needed if isinstance(change, SectionGone)]
        # Records that are known by other columns would be booked once more: nobody can want that.
        renamed = [change.text for change in needed if not isinstance(change, SectionGone)]
        if renamed or (gone and not self._accept_changes):
            advice = ANEW if renamed else "If the change is meant, run once with --accept-query-change."
            reason = " ".join([*renamed, *gone]).rstrip(".")
            raise QueryChangedError(document=name, reason=reason, advice=advice)

    def _put_away(
        self,
        path: Path,
        asked: Days | None,
        contents: Contents | None,
        refusal: StatementRefusedError | None,
    ) -> None:
        if self._archive is None or not self._keep:
            return
        entry = self._archive.keep(
            path, provider=PROVIDER, source=self._source, asked=asked, contents=contents
        )
        if refusal is not None:
            self._archive.mark(entry.sha256, Refused(at=self._now(), reason=str(refusal)))


def _label(asked: Days | None) -> str:
    return "saved-period" if asked is None else f"{asked.first:%Y%m%d}-{asked.last:%Y%m%d}"
