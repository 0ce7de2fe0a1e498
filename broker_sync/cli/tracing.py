"""Finds the rows that a record was, in the statements of the archive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from broker_sync.archive import Archive
from broker_sync.cli.fetching import say
from broker_sync.errors import BrokerSyncError
from broker_sync.models import Account, AccountType
from broker_sync.providers.ibkr.admission import Admitted, admit
from broker_sync.providers.ibkr.archived import ArchivedDocument
from broker_sync.providers.ibkr.chapter import Chapter
from broker_sync.providers.ibkr.identity import PROVIDER
from broker_sync.providers.ibkr.rows import rows_of
from broker_sync.providers.ibkr.statement import groups
from broker_sync.received import Entry
from broker_sync.report.explain_id import TracedRow, TracedStatement

__all__ = ["Finder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """Looks into the statements of `archive`."""

    archive: Archive

    def find(
        self, record_id: str, *, day: dt.date | None, accounts: Collection[str]
    ) -> list[TracedStatement]:
        """The statements that may have a record of one of `accounts` (none: any), by when they came first.

        Those are the ones that cover `day`, or do not say which days they cover; all of them for None.
        """
        entries = [
            entry
            for entry in self.archive.catalogue(PROVIDER).entries
            if _may_have(entry, day=day, accounts=accounts)
        ]
        found = []
        for number, entry in enumerate(entries, start=1):
            say(f"Looking into statement {number} of {len(entries)}: {entry.sha256[:12]}")
            found.append(self._looked_into(entry, record_id, accounts))
        return found

    def origin(self, sha256: str) -> list[TracedStatement]:
        """The statement of this hash, unread; none if the archive does not have it."""
        entries = self.archive.catalogue(PROVIDER).entries
        return [TracedStatement(entry=entry) for entry in entries if entry.sha256 == sha256]

    def _looked_into(self, entry: Entry, record_id: str, accounts: Collection[str]) -> TracedStatement:
        if entry.body_removed_at is not None:
            removed = f"its bytes were removed on {entry.body_removed_at.date()}, as the settings say"
            return TracedStatement(entry=entry, problem=removed)
        try:
            (admitted,) = admit([ArchivedDocument(self.archive, entry)], configured=None)
            return TracedStatement(entry=entry, rows=tuple(_rows(admitted, record_id, accounts)))
        except BrokerSyncError as error:
            return TracedStatement(entry=entry, problem=str(error))


def _may_have(entry: Entry, *, day: dt.date | None, accounts: Collection[str]) -> bool:
    if entry.contents is None:
        return True
    return any(
        day is None or not facts.days or any(days.first <= day <= days.last for days in facts.days)
        for facts in entry.contents.accounts
        if not accounts or facts.account in accounts
    )


def _rows(admitted: Admitted, record_id: str, accounts: Collection[str]) -> Iterator[TracedRow]:
    for name in admitted.survey.accounts:
        if accounts and name not in accounts:
            continue
        account = Account(
            id=name, provider=PROVIDER, provider_account_id=name, account_type=AccountType.GIA, currency=None
        )
        context = Chapter(admitted=admitted, account=account).context
        for row in rows_of(groups(admitted.document.chunks()), context, {record_id}):
            yield TracedRow(account=name, section=row.section, number=row.number, raw=row.raw)
