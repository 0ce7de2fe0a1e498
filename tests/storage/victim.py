"""A sync that never ends, to be killed: run as ``python -m tests.storage.victim DIRECTORY``."""

import asyncio
import sys
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path

from broker_sync.contracts import Stored
from broker_sync.dedup import Intent, Operation, SyncRecordStore, ToCreate, ToDelete, ToUpdate
from broker_sync.fingerprint import content_hash
from broker_sync.models import Activity
from broker_sync.sinks.ledger import LedgerSink
from tests.storage.samples import ACCOUNT, buy

HERE = ("ledger", ACCOUNT.id)
NUMBERS = range(120)
BATCH = 20


def wanted(number: int, cycle: int) -> Activity:
    """Activity `number` as the broker tells it in `cycle`; every third is told anew each time."""
    return buy(number, quantity=str(Decimal(cycle if number % 3 == 0 else 1)))


def sync(store: SyncRecordStore, sink: LedgerSink, *, run_id: int, cycle: int) -> None:
    """Bring the ledger to what is wanted; in odd cycles every fifth activity is not."""
    for start in NUMBERS[::BATCH]:
        batch = [wanted(number, cycle) for number in range(start, start + BATCH)]
        for intents in _plan(store, batch, cycle):
            if intents:
                store.intend(*HERE, intents, run_id=run_id)
                store.settle(*HERE, _act(sink, intents))


def settle_by_asking(store: SyncRecordStore, sink: LedgerSink) -> int:
    """Settle what a dead run has left, by what the ledger has; how much that was."""
    pending = store.pending(*HERE)
    there = asyncio.run(sink.find(ACCOUNT.id, [each.external_id for each in pending]))
    done, lost = [], []
    for each in pending:
        has = each.external_id in there
        if (each.operation is Operation.CREATE and has) or (each.operation is Operation.DELETE and not has):
            done.append(Stored(external_id=each.external_id, tracker_id=there.get(each.external_id, "gone")))
        else:
            lost.append(each.external_id)
    store.settle(*HERE, done)
    store.withdraw(*HERE, lost)
    return len(pending)


def _plan(store: SyncRecordStore, batch: list[Activity], cycle: int) -> Iterator[list[Intent]]:
    known = store.lookup(*HERE, [activity.external_id for activity in batch])
    unwanted = {buy(number).external_id for number in NUMBERS[::5]} if cycle % 2 else set()
    yield [ToDelete(external_id=key) for key in known if key in unwanted]
    told = [activity for activity in batch if activity.external_id not in unwanted]
    new = [activity for activity in told if activity.external_id not in known]
    yield [ToCreate(activity=activity, content_hash=content_hash(activity)) for activity in new]
    yield [
        ToUpdate(activity=activity, content_hash=content_hash(activity))
        for activity in told
        if activity.external_id in known
        and known[activity.external_id].content_hash != content_hash(activity)
    ]


def _act(sink: LedgerSink, intents: list[Intent]) -> list[Stored]:
    activities = [intent.activity for intent in intents if isinstance(intent, ToCreate | ToUpdate)]
    if isinstance(intents[0], ToCreate):
        answers = asyncio.run(sink.create(ACCOUNT, activities))
    elif isinstance(intents[0], ToUpdate):
        answers = asyncio.run(sink.update(ACCOUNT, activities))
    else:
        answers = asyncio.run(sink.delete(ACCOUNT, [intent.external_id for intent in intents]))
    return [answer for answer in answers if isinstance(answer, Stored)]


def main(directory: Path) -> None:
    """Sync until killed."""
    print("ready", flush=True)  # noqa: T201  # the killer waits for it
    with SyncRecordStore(directory / "sync.db") as store, LedgerSink(directory / "portfolio.db") as sink:
        run_id = store.begin_run(provider="ibkr", version="1")
        settle_by_asking(store, sink)
        for cycle in count(run_id * 1000 + 1):
            sync(store, sink, run_id=run_id, cycle=cycle)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
