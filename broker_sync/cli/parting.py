"""Finds in the archive the day on which both sides part; of n statements about log2 n are read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from broker_sync.archive import Archive
from broker_sync.comparison import Comparison, compare
from broker_sync.contracts import Sink, Truth
from broker_sync.errors import BrokerSyncError
from broker_sync.explain import Parting, bisection
from broker_sync.models import Account
from broker_sync.providers.ibkr.admission import admit
from broker_sync.providers.ibkr.archived import ArchivedDocument
from broker_sync.providers.ibkr.identity import PROVIDER
from broker_sync.providers.ibkr.truth import cash_truth, position_truth
from broker_sync.received import Booked, Entry
from broker_sync.reconcile import Side, SideKind
from broker_sync.settings import Tolerances
from broker_sync.tracker_view import TrackerView

__all__ = ["PartingFinder", "statements_by_day"]


def statements_by_day(archive: Archive, account: str, *, sink: str) -> dict[dt.date, Entry]:
    """By its last day the statement of `account` that came last and was booked into `sink`, days in order."""
    found: dict[dt.date, Entry] = {}
    for entry in sorted(archive.catalogue(PROVIDER).entries, key=lambda each: each.last_received_at):
        found |= dict.fromkeys(_last_days(entry, account, sink), entry)
    return {day: found[day] for day in sorted(found)}


def _last_days(entry: Entry, account: str, sink: str) -> Iterator[dt.date]:
    if entry.body_removed_at is None and isinstance(entry.verdict, Booked):
        # Of a statement of many days what is held is known for the last of them alone.
        days = [each.days.last for each in entry.verdict.days if (each.account, each.sink) == (account, sink)]
        facts = None if entry.contents is None else entry.contents.of(account)
        last = max((each.last for each in facts.days), default=None) if facts is not None else None
        yield from (day for day in days if day == last)


@dataclass(slots=True, kw_only=True)
class PartingFinder:
    """Looks at `account`, the tracker's side of which is in `sink`, up to and with the day `until`."""

    archive: Archive
    sink: Sink
    account: Account
    tolerances: Tolerances
    until: dt.date
    read: int = 0
    _known: dict[dt.date, Comparison | None] = field(default_factory=dict)

    async def find(self, side: Side) -> Parting | None:
        """Where `side` parts; None where fewer than two statements can tell."""
        statements = statements_by_day(self.archive, self.account.provider_account_id, sink=self.sink.name)
        days = [day for day in statements if day <= self.until]
        while len(days) > 1:
            found = await self._bisected(days, statements, side)
            if isinstance(found, Parting):
                return found
            days.remove(found)
        return None

    async def _bisected(
        self, days: list[dt.date], statements: Mapping[dt.date, Entry], side: Side
    ) -> Parting | dt.date:
        """Where it parts, or a day of which the statement does not tell."""
        asking = bisection(days)
        try:
            day = next(asking)
            while True:
                differs = _differs(await self._compared(day, statements[day]), side)
                if differs is None:
                    return day
                day = asking.send(differs)
        except StopIteration as finished:
            parting: Parting = finished.value
            return parting

    async def _compared(self, day: dt.date, entry: Entry) -> Comparison | None:
        if day not in self._known:
            self.read += 1
            truth = _truth(self.archive, entry, self.account, day)
            view = TrackerView(sink=self.sink, account=self.account)
            self._known[day] = None if truth is None else await compare([truth], view, self.tolerances)
        return self._known[day]


def _truth(archive: Archive, entry: Entry, account: Account, day: dt.date) -> Truth | None:
    """What a statement says of the balances at its end; None if it can no longer be read."""
    try:
        (admitted,) = admit([ArchivedDocument(archive, entry)], configured=None)
    except BrokerSyncError:
        # The check of the archive says why; here the other statements tell as much.
        return None
    survey = admitted.survey
    found = survey.accounts[account.provider_account_id]
    return Truth(
        account=account,
        first_day=day,
        last_day=day,
        document=admitted.digest,
        positions=position_truth(found, survey.directory, order=survey.order),
        opening_positions=(),
        cash=cash_truth(found, order=survey.order),
    )


def _differs(compared: Comparison | None, side: Side) -> bool | None:
    """Whether `side` differs; None where nobody says."""
    if compared is None:
        return None
    drifts = compared.positions if side.kind is SideKind.POSITION else compared.cash
    return None if drifts is None else any(drift.side == side and drift.exceeds() for drift in drifts)
