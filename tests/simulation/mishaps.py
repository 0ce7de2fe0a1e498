"""Ways in which a tracker stops to have what the broker has, planted into simulated accounts.

Each says which records are to be named for it, or None where the account has nothing that it could befall.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from broker_sync.explain import Kind
from broker_sync.models import Activity, ActivityType
from broker_sync.results import SyncResult
from tests.simulation.books import Row
from tests.simulation.broker import after
from tests.simulation.scene import ELSEWHERE, Choosy, Scene

__all__ = ["MISHAPS", "Mishap", "several_at_once"]

Records = set[str]
Plant = Callable[[Scene], Records | None]

_DAY = dt.timedelta(days=1)
_MONEY = ("deposit", "withdraw", "interest", "charge")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """Something that goes wrong, and the cause that is to be named for it.

    `kinds` are what must happen often to an account for it to be possible.
    """

    name: str
    kind: Kind
    plant: Plant
    kinds: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


def _synced(scene: Scene) -> list[str]:
    scene.sync()
    return sorted(scene.records())


def _own(scene: Scene, names: Sequence[str]) -> str:
    """One of the records that take nothing back: of those it would be said that a trade was cancelled."""
    return scene.rng.choice([name for name in names if not _undoes(scene, name)])


def _not_imported(scene: Scene) -> Records | None:
    name = _own(scene, _in_statement(scene, _synced(scene)))
    scene.remove(scene.records()[name], forget=True)
    return {name}


def _in_statement(scene: Scene, names: Iterable[str]) -> list[str]:
    records, (first, last) = scene.records(), scene.windows[-1]
    splits = {name for name in names if any(leg.activity_type is ActivityType.SPLIT for leg in records[name])}
    return [name for name in names if name not in splits and first <= records[name][0].booked_on <= last]


def _removed(scene: Scene) -> Records | None:
    name = scene.rng.choice(_synced(scene))
    scene.remove(scene.records()[name])
    return {name}


def _twice(scene: Scene) -> Records | None:
    name = scene.rng.choice(_synced(scene))
    legs = scene.records()[name]
    scene.enter(_under(legs, "by-hand:1"))
    return {"by-hand:1"}


def _under(legs: Sequence[Activity], name: str) -> list[Activity]:
    return [replace(leg, external_id=f"{name}:{place}", record_id=name) for place, leg in enumerate(legs)]


def _entered(scene: Scene) -> Records | None:
    scene.sync()
    like = next(iter(scene.records().values()))[0]
    money = replace(
        like,
        external_id="by-hand:1",
        record_id="by-hand:1",
        activity_type=ActivityType.DEPOSIT,
        subtype=None,
        currency="USD",
        symbol=None,
        instrument=None,
        quantity=None,
        unit_price=None,
        fee=None,
        ratio=None,
        amount=Decimal(scene.rng.randrange(1, 10**7)).scaleb(-3),
    )
    scene.enter([money])
    return {"by-hand:1"}


def _changed(scene: Scene) -> Records | None:
    scene.sync()
    name, legs = scene.rng.choice(sorted(scene.records().items()))
    scene.alter(_altered(legs, scene))
    return {name}


def _altered(legs: Sequence[Activity], scene: Scene) -> Activity:
    leg = next(each for each in legs if each.amount or each.quantity)
    more = Decimal(scene.rng.randrange(1, 500))
    if leg.amount:
        return replace(leg, amount=leg.amount + more)
    return replace(leg, quantity=(leg.quantity or Decimal(0)) + more)


def _split(scene: Scene) -> Records | None:
    scene.sync()
    splits = [
        name
        for name, legs in sorted(scene.records().items())
        if legs[0].activity_type is ActivityType.SPLIT and legs[0].booked_on >= scene.windows[-1][0]
    ]
    if not splits:
        return None
    name = scene.rng.choice(splits)
    scene.remove(scene.records()[name], forget=True)
    return {name}


def _opening(scene: Scene) -> Records | None:
    scene.sync()
    openings = scene.openings()
    if not openings:
        return None
    opening = scene.rng.choice(openings)
    scene.remove([opening])
    return {opening.record_id}


def _elsewhere(scene: Scene) -> Records | None:
    name = scene.rng.choice(_in_statement(scene, _synced(scene)))
    legs = scene.records()[name]
    scene.remove(legs, forget=True)
    scene.enter(legs, ELSEWHERE)
    scene.others.append(SyncResult(account=ELSEWHERE, sink="ledger", last_day=scene.windows[-1][1]))
    return {name}


def _rejected(scene: Scene) -> Records | None:
    rows = scene.rows(*_MONEY, sections=["CashTransactions"])
    if not rows:
        return None
    row = scene.rng.choice(rows)
    scene.rewrite(row, replace(row, values={**row.values, "type": "Gift Voucher"}))
    scene.sync()
    return {f"ibkr:cash:{row.values['transactionID']}"}


def _cancelled(scene: Scene) -> Records | None:
    """The broker writes its books anew, without a row that it had."""
    rows = scene.rows(*_MONEY, sections=["CashTransactions"])
    if not rows:
        return None
    scene.sync()
    row = scene.rng.choice(rows)
    scene.rewrite(row, None)
    return {f"ibkr:cash:{row.values['transactionID']}"}


def _taken_back(scene: Scene) -> Records | None:
    """A trade and what takes it back come in one statement, and the latter is not in the tracker."""
    scene.sync()
    undoing = [name for name in _in_statement(scene, sorted(scene.records())) if _undoes(scene, name)]
    if not undoing:
        return None
    name = scene.rng.choice(undoing)
    scene.remove(scene.records()[name], forget=True)
    return {name}


def _undoes(scene: Scene, name: str) -> bool:
    return any(leg.subtype == "CANCELLATION" for leg in scene.records()[name])


def _restated(scene: Scene) -> Records | None:
    rows = scene.rows(*_MONEY, sections=["CashTransactions"])
    if not rows:
        return None
    scene.sync()
    row = scene.rng.choice(rows)
    scene.rewrite(row, _worth_more(row, Decimal(scene.rng.randrange(1, 90))))
    return {f"ibkr:cash:{row.values['transactionID']}"}


def _worth_more(row: Row, more: Decimal) -> Row:
    (money,) = row.money
    amount = money.amount + more.copy_sign(money.amount)
    return replace(row, values={**row.values, "amount": amount}, money=(replace(money, amount=amount),))


def _gap(scene: Scene) -> Records | None:
    (first, cut), (start, last) = scene.windows
    resumed = after(cut, 5)
    scene.windows = [(first, cut), (resumed, last)]
    if resumed > last or not any(row.cash or row.units for row in scene.life.within(start, resumed)):
        return None
    scene.sync()
    return {f"{start} to {resumed - _DAY}"}


def _short(scene: Scene) -> Records | None:
    scene.sync()
    scene.sink = Choosy(scene.tracker.directory)
    held = asyncio.run(scene.sink.cannot_hold("tracker-1", as_of=scene.windows[-1][1]))
    return {each.instrument.key for each in held} or None


def several_at_once(scene: Scene) -> Records:
    """Three records of which one was never imported, one is there twice and one was changed."""
    chosen = scene.rng.sample(_in_statement(scene, _synced(scene)), k=3)
    missing, again, other = (scene.records()[name] for name in chosen)
    scene.remove(missing, forget=True)
    scene.enter(_under(again, "by-hand:1"))
    scene.alter(_altered(other, scene))
    return {chosen[0], "by-hand:1", chosen[2]}


MISHAPS = (
    Mishap(name="not imported", kind=Kind.NOT_IMPORTED, plant=_not_imported),
    Mishap(name="imported twice", kind=Kind.IMPORTED_TWICE, plant=_twice),
    Mishap(name="rejected", kind=Kind.REJECTED, plant=_rejected),
    Mishap(name="changed by hand", kind=Kind.CHANGED, plant=_changed),
    Mishap(name="removed by hand", kind=Kind.REMOVED, plant=_removed),
    Mishap(name="entered by hand", kind=Kind.ENTERED, plant=_entered),
    Mishap(name="cancelled later", kind=Kind.CANCELLED, plant=_cancelled),
    Mishap(name="taken back later", kind=Kind.CANCELLED, plant=_taken_back, kinds=("cancel",) * 9),
    Mishap(name="restated later", kind=Kind.RESTATED, plant=_restated),
    Mishap(name="split not applied", kind=Kind.SPLIT_NOT_APPLIED, plant=_split, kinds=("split",) * 3),
    Mishap(name="opening balance", kind=Kind.OPENING_BALANCE, plant=_opening),
    Mishap(name="outside every window", kind=Kind.OUTSIDE_WINDOWS, plant=_gap),
    Mishap(name="wrong account", kind=Kind.WRONG_ACCOUNT, plant=_elsewhere),
    Mishap(name="cannot be held", kind=Kind.CANNOT_HOLD, plant=_short),
)
