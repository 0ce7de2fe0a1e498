"""The day on which both sides part is found in the archive, whatever day it is, by reading few statements."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from math import ceil, log2
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from broker_sync.accounting import total_cash, total_positions
from broker_sync.archive import Archive
from broker_sync.cli.parting import PartingFinder, statements_by_day
from broker_sync.explain import Parting
from broker_sync.models import Activity
from broker_sync.providers.ibkr.admission import admit
from broker_sync.providers.ibkr.facts import facts
from broker_sync.received import Booked, BookedDays, Days, FileSource
from broker_sync.reconcile import Side, SideKind
from broker_sync.settings import Tolerances
from tests.providers.ibkr.builders import Text
from tests.simulation.broker import ACCOUNT, after
from tests.simulation.checks import Empty
from tests.simulation.query import Query
from tests.simulation.scene import TRACKED, Scene
from tests.simulation.statement import write

pytestmark = pytest.mark.slow

TOLERANCES = Tolerances(shares=Decimal("0.0001"), cash=Decimal("0.01"))
_NOW = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
_BACK = dt.timedelta(days=20)


@pytest.fixture(scope="module")
def empty() -> Iterator[Empty]:
    in_memory = Path("/dev/shm")  # noqa: S108 - as in test_simulation
    with TemporaryDirectory(dir=in_memory if in_memory.is_dir() else None) as folder:
        yield Empty(Path(folder))


def archived(scene: Scene, folder: Path) -> Archive:
    """A statement a night, each of the days before it, all of them booked."""
    archive = Archive(folder, now=lambda: _NOW)
    (start, _), (_, last) = scene.windows
    night = start
    while night <= last:
        first = max(start, night - _BACK)
        statement = Text(write(scene.life, Query(), first, night).text)
        (admitted,) = admit([statement], configured=ACCOUNT)
        entry = archive.keep(
            statement.chunks(),
            provider="ibkr",
            source=FileSource(name="x.xml"),
            contents=facts(admitted.survey),
        )
        days = BookedDays(account=ACCOUNT, sink="ledger", days=Days(first=first, last=night), run_at=_NOW)
        archive.mark(entry.sha256, Booked(days=(days,)))
        night = after(night, 1)
    return archive


def side_of(legs: list[Activity]) -> Side:
    positions, cash = total_positions(legs), total_cash(legs)
    moved = [Side(SideKind.POSITION, name) for name, amount in positions.items() if amount]
    paid = [Side(SideKind.CASH, name) for name, amount in cash.items() if abs(amount) > TOLERANCES.cash]
    return (moved + paid)[0]


def does(legs: list[Activity]) -> bool:
    return any(total_positions(legs).values()) or any(
        abs(amount) > TOLERANCES.cash for amount in total_cash(legs).values()
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_day_of_every_record_that_is_missing_is_found(seed: int, empty: Empty, tmp_path: Path) -> None:
    tracker = empty.tracker()
    scene = Scene.of(seed, tracker)
    scene.sync()
    archive = archived(scene, tmp_path)
    days = list(statements_by_day(archive, ACCOUNT, sink="ledger"))
    planted = 0
    for legs in scene.records().values():
        if not does(legs):
            continue
        scene.remove(legs)
        finder = PartingFinder(
            archive=archive, sink=tracker.sink, account=scene.account(), tolerances=TOLERANCES, until=days[-1]
        )
        found = asyncio.run(finder.find(side_of(legs)))
        place = next(number for number, day in enumerate(days) if day >= legs[0].booked_on)
        assert found == Parting(agreed=days[place - 1] if place else None, differs=days[place])
        assert finder.read <= ceil(log2(len(days) + 1))
        scene.enter(legs)
        planted += 1
    assert planted >= 10
    assert scene.account().id == TRACKED
    empty.remove(tracker)
