"""A simulated account whose statements were synced, and the question why its two sides differ."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

from broker_sync.accounting import total_cash, total_positions
from broker_sync.cli.evidence import Gatherer
from broker_sync.cli.statements import Statements
from broker_sync.comparison import compare
from broker_sync.contracts import Holding, Sink, Stored
from broker_sync.dedup import ToDelete
from broker_sync.explain import Explanation, explain
from broker_sync.models import OPENING_BALANCE, Account, AccountType, Activity
from broker_sync.providers.ibkr import IBKRProvider
from broker_sync.providers.ibkr.admission import admit
from broker_sync.reconcile import CashDrift, PositionDrift
from broker_sync.results import SyncResult
from broker_sync.settings import IBKRAccountSettings
from broker_sync.sinks.ledger import LedgerSink
from broker_sync.tracker_view import TrackerView
from tests.providers.ibkr.builders import Text
from tests.simulation.books import Row
from tests.simulation.broker import ACCOUNT, after
from tests.simulation.checks import Tracker
from tests.simulation.kinds import KINDS
from tests.simulation.life import Life, live
from tests.simulation.query import Query
from tests.simulation.statement import write
from tests.simulation.strategies import Step

__all__ = ["ELSEWHERE", "TRACKED", "Choosy", "Scene"]

TRACKED = "tracker-1"
ELSEWHERE = Account(
    id="tracker-2",
    provider="ibkr",
    provider_account_id="U1111111",
    account_type=AccountType.GIA,
    currency=None,
)
_SETTINGS = IBKRAccountSettings(
    upstream_account_id=ACCOUNT,
    tracker_account_id=TRACKED,
    account_type=AccountType.GIA,
    time_zone=None,
    flex_token=None,
    flex_query_ids=(),
    flex_base_url=None,
    token_expires=None,
    sink=None,
    described_in="a test",
)
_DAY = dt.timedelta(days=1)
_USUAL = (
    "buy", "sell", "sell-short", "deposit", "withdraw", "interest", "charge", "convert", "pay-dividend",
    "split", "cancel", "buy-fraction", "spin-off", "write-option", "buy-bond", "transaction-tax",
)  # fmt: skip

Window = tuple[dt.date, dt.date]


class Choosy(LedgerSink):
    """A ledger that cannot show what is short, and says so."""

    async def holdings(self, account_id: str, *, as_of: dt.date) -> Sequence[Holding]:
        """What is not short."""
        return [each for each in await super().holdings(account_id, as_of=as_of) if each.quantity > 0]

    async def cannot_hold(self, account_id: str, *, as_of: dt.date) -> list[Short]:
        """What is."""
        held = await super().holdings(account_id, as_of=as_of)
        return [
            Short(instrument=each.instrument, quantity=each.quantity) for each in held if each.quantity < 0
        ]


@dataclass(frozen=True, kw_only=True)
class Short(Holding):
    """A position that cannot be shown."""

    reason: str = "it is short"


@dataclass(slots=True, kw_only=True)
class Scene:
    """A life, the windows of it that are synced, and the tracker that they are synced into."""

    rng: Random
    life: Life
    tracker: Tracker
    windows: list[Window]
    others: list[SyncResult] = field(default_factory=list)
    sink: LedgerSink | None = None

    @classmethod
    def of(cls, seed: int, tracker: Tracker, *, more: Sequence[str] = ()) -> Scene:
        """What a seed stands for: two windows, the first of which begins after the account did.

        The kinds in `more` happen more often, once more for each time that they are named.
        """
        rng, days, events = Random(seed), 30, 40
        kinds = [KINDS[name] for name in (*_USUAL, *more)]
        first_day = after(dt.date(2025, 1, 1), rng.randrange(200))
        life = live(rng, kinds, KINDS, first_day=first_day, days=days, events=events)
        first, cut = after(first_day, days // 4), after(first_day, days * 2 // 3)
        return cls(rng=rng, life=life, tracker=tracker, windows=[(first, cut), (cut + _DAY, life.last_day)])

    # --- what is synced ---

    def sync(self, windows: Iterable[Window] | None = None) -> None:
        """Sync the statements of `windows` (all)."""
        for window in windows or self.windows:
            self.tracker.sync(self._text(window), Step(query=Query(), first=window[0], last=window[1]))

    def _text(self, window: Window) -> str:
        return write(self.life, Query(), *window).text

    def rows(self, *kinds: str, sections: Iterable[str] = ("CashTransactions", "Trades")) -> list[Row]:
        """The rows of some kinds in the latest window that have a number and moved money."""
        first, last = self.windows[-1]
        return [
            row
            for row in self.life.within(first, last)
            if row.kind in kinds and row.section in sections and row.cash and row.values.get("transactionID")
        ]

    def rewrite(self, row: Row, changed: Row | None) -> None:
        """The broker writes `changed` in place of `row` from now on, or nothing."""
        rows = [changed if each is row else each for each in self.life.rows]
        self.life = replace(self.life, rows=[each for each in rows if each is not None])

    # --- what is in the tracker ---

    def records(self) -> dict[str, list[Activity]]:
        """What was booked and did something, by record, opening balances apart."""
        found: dict[str, list[Activity]] = {}
        for activity in self._activities():
            if activity.subtype != OPENING_BALANCE:
                found.setdefault(activity.record_id, []).append(activity)
        return {name: legs for name, legs in found.items() if _does(legs)}

    def openings(self) -> list[Activity]:
        """The opening balances."""
        return [activity for activity in self._activities() if activity.subtype == OPENING_BALANCE]

    def _activities(self) -> list[Activity]:
        return [each for each in self.tracker.activities() if each.account_id == TRACKED]

    def account(self) -> Account:
        """The account, as the tracker knows it."""
        return next(account for account, _ in self.tracker.sink.activities(TRACKED))

    def remove(self, legs: Iterable[Activity], *, forget: bool = False) -> None:
        """Take rows out of the tracker; to `forget` them, out of what we know, too."""
        ids = [leg.external_id for leg in legs]
        asyncio.run(self.tracker.sink.delete(self.account(), ids))
        if forget:
            store = self.tracker.store
            run_id = store.begin_run(provider="ibkr", version="0")
            store.intend("ledger", TRACKED, [ToDelete(external_id=each) for each in ids], run_id=run_id)
            gone = [Stored(external_id=each, tracker_id="1", created=False) for each in ids]
            store.settle("ledger", TRACKED, gone)

    def enter(self, legs: Iterable[Activity], account: Account | None = None) -> None:
        """Add rows that we know nothing of."""
        whose = account or self.account()
        asyncio.run(self.tracker.sink.create(whose, [replace(leg, account_id=whose.id) for leg in legs]))

    def alter(self, leg: Activity) -> None:
        """Give a row another content."""
        asyncio.run(self.tracker.sink.update(self.account(), [leg]))

    # --- the question ---

    def asked(self) -> list[Explanation]:
        """Why both sides differ by the latest statement."""
        return asyncio.run(self._asked())

    async def _asked(self) -> list[Explanation]:
        sink = self.sink or self.tracker.sink
        statements = Statements(
            settings=_SETTINGS, admitted=admit([Text(self._text(self.windows[-1]))], configured=ACCOUNT)
        )
        result = await _compared(statements, sink)
        sinks: Mapping[str, Sink] = {"ledger": sink}
        gatherer = Gatherer(store=self.tracker.store, sinks=sinks, found={ACCOUNT: statements})
        evidence = await gatherer.gather(result, self.others)
        compared: list[PositionDrift | CashDrift] = [*(result.positions or ()), *(result.cash or ())]
        return explain(compared, evidence)


async def _compared(statements: Statements, sink: LedgerSink) -> SyncResult:
    provider = IBKRProvider(wf_account_id=TRACKED, upstream_account_id=ACCOUNT, admitted=statements.admitted)
    async for _ in provider.fetch():
        pass
    truth = provider.truths()[-1]
    told = await compare([truth], TrackerView(sink=sink, account=truth.account))
    return SyncResult(
        account=truth.account,
        sink="ledger",
        first_day=truth.first_day,
        last_day=truth.last_day,
        positions=told.positions,
        cash=told.cash,
    )


def _does(legs: Sequence[Activity]) -> bool:
    zero = Decimal(0)
    return any(amount != zero for amount in (*total_cash(legs).values(), *total_positions(legs).values()))
