"""A run may be killed at any moment: nothing is lost, nothing is there twice."""

import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from broker_sync.dedup import SyncRecordStore
from broker_sync.fingerprint import content_hash
from broker_sync.sinks.ledger import LedgerSink
from tests.storage.samples import ACCOUNT
from tests.storage.victim import HERE, NUMBERS, settle_by_asking, sync, wanted

pytestmark = pytest.mark.slow

AT_LEAST = 10
AT_MOST = 60


def run_and_kill(directory: Path, *, after: float) -> None:
    """Start a sync in a process of its own and kill it `after` so many seconds of work."""
    command = [sys.executable, "-m", "tests.storage.victim", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "ready\n"
        time.sleep(after)
        assert victim.poll() is None, victim.communicate()
        victim.kill()


def booked(store: SyncRecordStore) -> dict[str, tuple[str | None, str]]:
    """Tracker id and fingerprint of everything that the store takes for booked."""
    known = store.lookup(*HERE, [wanted(number, 1).external_id for number in NUMBERS])
    return {key: (each.tracker_id, each.content_hash) for key, each in known.items() if each.is_booked}


def listed(directory: Path) -> list[str]:
    with LedgerSink.read_only(directory / "portfolio.db") as ledger:
        return [activity.external_id for _, activity in ledger.activities(ACCOUNT.id)]


def test_after_any_number_of_kills_everything_is_booked_exactly_once(tmp_path: Path) -> None:
    moments = random.Random(20260302)  # noqa: S311  # repeatable, not secret
    unsettled = unfinished = kills = 0
    # How often a kill comes at a moment that shows something depends on the machine.
    while kills < AT_LEAST or (min(unsettled, unfinished) < 2 and kills < AT_MOST):
        kills += 1
        # The first ones die while the files are being made.
        run_and_kill(tmp_path, after=moments.uniform(0, 0.1 if kills <= 3 else 0.4))
        unfinished += any(tmp_path.glob("*-journal"))
        before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
        seen_by_reader = listed(tmp_path)
        assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
        with SyncRecordStore(tmp_path) as store, LedgerSink(tmp_path) as sink:
            unsettled += settle_by_asking(store, sink) > 0
            assert store.pending(*HERE) == []
            tracker_ids = {key: tracker_id for key, (tracker_id, _) in booked(store).items()}
            assert sorted(tracker_ids) == sorted(seen_by_reader)
            assert asyncio.run(sink.find(ACCOUNT.id, seen_by_reader)) == tracker_ids
    with SyncRecordStore(tmp_path) as store, LedgerSink(tmp_path) as sink:
        sync(store, sink, run_id=store.begin_run(provider="ibkr", version="1"), cycle=2)
        activities = [activity for _, activity in sink.activities()]
        assert activities == [wanted(number, 2) for number in NUMBERS]
        assert {key: fingerprint for key, (_, fingerprint) in booked(store).items()} == {
            activity.external_id: content_hash(activity) for activity in activities
        }
    # Otherwise the kills came at harmless moments and have shown nothing.
    assert min(unsettled, unfinished) >= 2
