"""Gathers what is known of an account whose two sides differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Final

from broker_sync.abilities import Limits, Overrides, Rows
from broker_sync.cli.cash_kinds import cash_kinds
from broker_sync.cli.statements import Statements
from broker_sync.contracts import Rejection, Sink, Truth
from broker_sync.dedup import SyncRecordStore
from broker_sync.explain import Entry, Evidence, Fold, Limit, RejectedRecord, Told, entry_of
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
        provider = self._provider(account)
        fold = Fold((drift.instrument for drift in result.positions or ()), as_of=as_of)
        booked = partial(self._booked, result)
        for entry in booked(None):
            fold.booked(entry)
        rows = await _rows_of(sink, account)
        replaced = _replaced(result)
        standing = (entry for entry in rows or () if entry.external_id not in replaced)
        for entry in chain(standing, map(entry_of, result.planned)):
            fold.held(entry)
        truths = await _told_to(fold, provider, as_of)
        windows = self.store.windows(*scope) or [window_of(truth) for truth in truths]
        told = _told(truths)
        folded = fold.folded(
            booked, days=None if told is None else told.days, edges=[window.first_day for window in windows]
        )
        rejections = [] if provider is None else provider.rejections()
        return Evidence(
            account=account.provider_account_id,
            as_of=as_of,
            told=None if told is None else replace(told, entries=folded.told),
            booked=folded.booked,
            held=None if rows is None else folded.held,
            rejected=_rejected([*self._known_rejections(scope), *rejections, *result.rejected]),
            refused=self.store.refusals(*scope) | {each.external_id: each.reason for each in result.failures},
            windows=windows,
            limits=await _limits_of(sink, account, as_of),
            conflicts={each.conflict.external_id for each in self.store.conflicts(*scope)}
            | {each.external_id for each in result.conflicts},
            kept=await _kept_in(sink, account, folded.booked, () if rows is None else folded.held),
            settled=folded.settled,
            instruments=folded.instruments,
        )

    def _booked(self, result: SyncResult, external_ids: Collection[str] | None) -> Iterator[Entry]:
        replaced = _replaced(result)
        known = self.store.booked_activities(result.sink, result.account.id, external_ids)
        booked = (each for each in known if each.external_id not in replaced)
        planned = (
            each for each in result.planned if external_ids is None or each.external_id in external_ids
        )
        return map(entry_of, chain(booked, planned))

    def _known_rejections(self, scope: tuple[str, str]) -> list[Rejection]:
        return [saved.rejection for saved in self.store.rejections(*scope)]

    def _provider(self, account: Account) -> IBKRProvider | None:
        statements = self.found.get(account.provider_account_id)
        if statements is None:
            return None
        return IBKRProvider(
            admitted=statements.admitted,
            wf_account_id=account.id,
            upstream_account_id=account.provider_account_id,
            account_type=account.account_type,
            zone=statements.settings.time_zone,
            cash_kinds=cash_kinds(statements.settings),
        )


def _replaced(result: SyncResult) -> set[str]:
    """What a dry run would have given another content, or removed; after a run there is no such thing."""
    removed = {each.external_id for each in result.changes if each.new is None}
    return removed.union(each.external_id for each in result.planned)


async def _told_to(fold: Fold, provider: IBKRProvider | None, as_of: dt.date) -> Sequence[Truth]:
    """Tell `fold` the records of the statements; what these say of balances."""
    if provider is None:
        return []
    before = None if as_of == dt.date.max else as_of + _DAY
    async for activity in provider.fetch(before=before):
        fold.told(entry_of(activity))
    return provider.truths()


def _told(truths: Sequence[Truth]) -> Told | None:
    if not truths:
        return None
    latest = truths[-1]
    return Told(days=Days(first=latest.first_day, last=latest.last_day), kinds=latest.lists)


def _rejected(rejections: Sequence[Rejection]) -> list[RejectedRecord]:
    """The later word on each."""
    latest = {rejection.external_id: rejection for rejection in rejections}
    return [
        RejectedRecord(rejection=rejection, cash=rejected_cash(rejection)) for rejection in latest.values()
    ]


async def _rows_of(sink: Sink, account: Account) -> Iterable[Entry] | None:
    if isinstance(sink, Rows):
        return await sink.entries(account.id)
    if isinstance(sink, LedgerSink):
        return (
            entry_of(activity) for there, activity in sink.activities(account.id) if there.id == account.id
        )
    return None


async def _kept_in(
    sink: Sink, account: Account, booked: Iterable[Entry], held: Iterable[Entry]
) -> dict[str, str]:
    """What of `booked` a person has put where it does not count, and how."""
    counts = {each.external_id for each in held}
    lacking = [each.external_id for each in booked if each.external_id and each.external_id not in counts]
    if not lacking or not isinstance(sink, Overrides):
        return {}
    return {each.external_id: each.reason for each in await sink.edited(account.id, lacking)}


async def _limits_of(sink: Sink, account: Account, as_of: dt.date) -> list[Limit]:
    if not isinstance(sink, Limits):
        return []
    return [
        Limit(instrument=each.instrument, quantity=each.quantity, reason=each.reason)
        for each in await sink.cannot_hold(account.id, as_of=as_of)
    ]
