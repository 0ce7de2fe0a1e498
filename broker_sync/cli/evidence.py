"""Gathers what is known of an account whose two sides differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from broker_sync.abilities import Limits, Rows
from broker_sync.cli.statements import Statements
from broker_sync.contracts import Rejection, Sink, Truth
from broker_sync.dedup import SyncRecordStore
from broker_sync.explain import Entry, Evidence, Limit, RejectedRecord, Told, entry_of
from broker_sync.models import Account
from broker_sync.providers.ibkr import IBKRProvider
from broker_sync.providers.ibkr.rejected_cash import rejected_cash
from broker_sync.received import Days
from broker_sync.results import SyncResult
from broker_sync.sinks.ledger import LedgerSink
from broker_sync.windows import window_of

__all__ = ["Gatherer"]

_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What the statements of an account say."""

    entries: Sequence[Entry] = ()
    rejections: Sequence[Rejection] = ()
    truths: Sequence[Truth] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gatherer:
    """Reads `store`, the `sinks` (by name), and `found`, the statements by the broker's id of the account."""

    store: SyncRecordStore
    sinks: Mapping[str, Sink]
    found: Mapping[str, Statements]

    async def gather(self, result: SyncResult, others: Sequence[SyncResult]) -> Evidence:
        """All that is known of the account of `result`, with the accounts of `others` beside it."""
        elsewhere = {
            other.account.provider_account_id: await self._evidence(other)
            for other in others
            if other.account.id != result.account.id and other.sink == result.sink
        }
        return replace(await self._evidence(result), elsewhere=elsewhere)

    async def _evidence(self, result: SyncResult) -> Evidence:
        account, sink = result.account, self.sinks[result.sink]
        scope = (sink.name, account.id)
        as_of = result.last_day or dt.date.max
        read = await self._read(account, as_of)
        planned = [entry_of(activity) for activity in result.planned]
        rows = await _rows_of(sink, account)
        return Evidence(
            account=account.provider_account_id,
            as_of=as_of,
            told=_told(read),
            booked=[*map(entry_of, self.store.booked_activities(*scope)), *planned],
            held=None if rows is None else [*rows, *planned],
            rejected=_rejected([*self._known_rejections(scope), *read.rejections, *result.rejected]),
            refused=self.store.refusals(*scope) | {each.external_id: each.reason for each in result.failures},
            windows=self.store.windows(*scope) or [window_of(truth) for truth in read.truths],
            limits=await _limits_of(sink, account, as_of),
        )

    def _known_rejections(self, scope: tuple[str, str]) -> list[Rejection]:
        return [saved.rejection for saved in self.store.rejections(*scope)]

    async def _read(self, account: Account, as_of: dt.date) -> _Read:
        statements = self.found.get(account.provider_account_id)
        if statements is None:
            return _Read()
        provider = IBKRProvider(
            admitted=statements.admitted,
            wf_account_id=account.id,
            upstream_account_id=account.provider_account_id,
            account_type=account.account_type,
            zone=statements.settings.time_zone,
        )
        before = None if as_of == dt.date.max else as_of + _DAY
        entries = [entry_of(activity) async for activity in provider.fetch(before=before)]
        return _Read(entries=entries, rejections=provider.rejections(), truths=provider.truths())


def _told(read: _Read) -> Told | None:
    if not read.truths:
        return None
    latest = read.truths[-1]
    return Told(
        days=Days(first=latest.first_day, last=latest.last_day), entries=read.entries, kinds=latest.lists
    )


def _rejected(rejections: Sequence[Rejection]) -> list[RejectedRecord]:
    """The later word on each."""
    latest = {rejection.external_id: rejection for rejection in rejections}
    return [
        RejectedRecord(rejection=rejection, cash=rejected_cash(rejection)) for rejection in latest.values()
    ]


async def _rows_of(sink: Sink, account: Account) -> Sequence[Entry] | None:
    if isinstance(sink, Rows):
        return await sink.entries(account.id)
    if isinstance(sink, LedgerSink):
        return [
            entry_of(activity) for there, activity in sink.activities(account.id) if there.id == account.id
        ]
    return None


async def _limits_of(sink: Sink, account: Account, as_of: dt.date) -> list[Limit]:
    if not isinstance(sink, Limits):
        return []
    return [
        Limit(instrument=each.instrument, quantity=each.quantity, reason=each.reason)
        for each in await sink.cannot_hold(account.id, as_of=as_of)
    ]
