"""A data directory with a little of everything in it."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from broker_sync.dedup import SyncRecordStore, ToCreate
from broker_sync.fingerprint import content_hash
from broker_sync.models import Activity
from broker_sync.received import Booked
from broker_sync.sinks.ledger import LedgerSink
from tests.archive.samples import archive_in, booked, contents, kept
from tests.storage.samples import ACCOUNT, buy

NOW = dt.datetime(2026, 6, 2, 6, 30, tzinfo=dt.UTC)
BREAKER = '{"version": 1, "tokens": {}}\n'
HERE = ("ledger", ACCOUNT.id)


def book(folder: Path, activities: Sequence[Activity]) -> None:
    """Book `activities` as a run does."""
    with SyncRecordStore(folder / "sync.db") as store, LedgerSink(folder / "portfolio.db") as ledger:
        run_id = store.begin_run(provider="ibkr", version="1")
        intents = [ToCreate(activity=each, content_hash=content_hash(each)) for each in activities]
        store.intend(*HERE, intents, run_id=run_id)
        store.settle(*HERE, asyncio.run(ledger.create(ACCOUNT, activities)))


def filled(folder: Path, *, most: int = 3) -> Path:
    """`folder` with that many trades, a statement, and a memory of failures."""
    folder.mkdir(exist_ok=True)
    book(folder, [buy(number) for number in range(most)])
    archive = archive_in(folder)
    archive.mark(kept(archive, within=contents()).sha256, Booked(days=(booked(),)))
    (folder / "ibkr-breaker.json").write_text(BREAKER)
    (folder / "wealthfolio_session.json").write_text("secret")
    return folder


def told(folder: Path) -> list[str]:
    """What the embedded ledger in `folder` has."""
    with LedgerSink.read_only(folder) as ledger:
        return [activity.external_id for _, activity in ledger.activities()]
