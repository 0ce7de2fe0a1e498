"""Explains what differs after a run, or without one; nothing is downloaded or written."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Final

from broker_sync.archive import Archive
from broker_sync.cli.evidence import Gatherer
from broker_sync.cli.parting import PartingFinder
from broker_sync.cli.statements import Statements
from broker_sync.contracts import Sink
from broker_sync.dedup import SyncRecordStore
from broker_sync.errors import BrokerSyncError
from broker_sync.explain import Explanation, explain, explain_nav, with_parting
from broker_sync.reconcile import CashDrift, PositionDrift
from broker_sync.registry import open_sink
from broker_sync.report import Run
from broker_sync.results import SyncResult
from broker_sync.settings import Settings

__all__ = ["Explainer", "explained", "with_explanations"]

_log: Final = logging.getLogger(__name__)


async def with_explanations(
    run: Run, found: Mapping[str, Statements], settings: Settings, archive: Archive
) -> Run:
    """`run` with why both sides differ; what was synced is told even where that cannot be found out."""
    try:
        told = await explained(run.results, found, settings, archive)
    except BrokerSyncError as error:
        _log.warning("why both sides differ could not be found out: %s", error)
        return run
    return replace(run, explanations=told)


async def explained(
    results: Sequence[SyncResult], found: Mapping[str, Statements], settings: Settings, archive: Archive
) -> dict[str, list[Explanation]]:
    """Why each of `results` has drift, by the broker's id of the account; nothing for those without.

    `found` has the statements that were compared with. Everything is opened to be read only.
    """
    if not any(_differs(result) for result in results):
        return {}
    async with AsyncExitStack() as stack:
        store = stack.enter_context(SyncRecordStore.read_only(settings.data_dir))
        sinks: dict[str, Sink] = {}
        for name in {result.sink for result in results}:
            sinks[name] = open_sink(name, settings, read_only=True)
            stack.push_async_callback(sinks[name].close)
            await sinks[name].login()
        gatherer = Gatherer(store=store, sinks=sinks, found=found)
        explainer = Explainer(gatherer=gatherer, archive=archive, settings=settings)
        return await explainer.explain(results)


def _differs(result: SyncResult) -> bool:
    return result.has_drift or result.nav is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explainer:
    """Explains with what `gatherer` knows, and looks into `archive` for what nothing accounts for."""

    gatherer: Gatherer
    archive: Archive
    settings: Settings

    async def explain(self, results: Sequence[SyncResult]) -> dict[str, list[Explanation]]:
        """Why each of `results` has drift, by the broker's id of the account; nothing for those without."""
        told: dict[str, list[Explanation]] = {}
        for result in results:
            found = await self._of(result, results)
            if found:
                told[result.account.provider_account_id] = found
        return told

    async def _of(self, result: SyncResult, results: Sequence[SyncResult]) -> list[Explanation]:
        found: list[Explanation] = []
        if result.has_drift:
            evidence = await self.gatherer.gather(result, results)
            compared: list[PositionDrift | CashDrift] = [*(result.positions or ()), *(result.cash or ())]
            found = await self._parted(explain(compared, evidence), result)
        nav = explain_nav(result.nav, positions=result.positions, cash=result.cash)
        return found if nav is None else [*found, nav]

    async def _parted(self, found: Iterable[Explanation], result: SyncResult) -> list[Explanation]:
        """`found`, with the days between which came about what nothing is sure to account for."""
        told = list(found)
        if result.last_day is None or all(each.is_proven for each in told):
            return told
        finder = PartingFinder(
            archive=self.archive,
            sink=self.gatherer.sinks[result.sink],
            account=result.account,
            tolerances=self.settings.tolerances,
            until=result.last_day,
        )
        return [await _with_parting(each, finder) for each in told]


async def _with_parting(explanation: Explanation, finder: PartingFinder) -> Explanation:
    drift = explanation.drift
    if explanation.is_proven or not isinstance(drift, PositionDrift | CashDrift):
        return explanation
    parting = await finder.find(drift.side)
    return explanation if parting is None else with_parting(explanation, parting)
