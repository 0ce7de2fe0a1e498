"""What a process is told to do: a night, a backfill, a backup and so on, each as of a day."""

from __future__ import annotations

import datetime as dt
import errno
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from broker_sync.changes import Keep
from broker_sync.cli.clock import Clock
from tests.cli.nights import FakeTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One command, at noon (UTC) of `day` (ISO 8601).

    `statuses` are the exit statuses that are right. `no_links` is a volume that gives no file a second name,
    `beats` a run that is slow enough to give signs of life.
    """

    do: str
    day: str
    since: str | None = None
    files: tuple[str, ...] = ()
    folder: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    statuses: tuple[int, ...] = (0,)
    no_links: bool = False
    beats: bool = False

    def at(self, data: Path) -> Stage:
        """The stage for a data directory; ``{data}`` stands for it in texts."""
        settings = {name: text.format(data=data) for name, text in self.settings.items()}
        return replace(self, folder=self.folder.format(data=data), settings=settings)

    def as_fields(self) -> dict[str, Any]:
        """What makes an equal stage."""
        return asdict(self)


def run_stage(stage: Stage) -> int:
    """Do it; the exit status."""
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415  # late, as in the program

    if stage.no_links:
        os.link = _no_links
    if stage.beats:
        _hurry()
    clock = FakeTime(dt.date.fromisoformat(stage.day)).clock
    _wait_by(clock)
    return status_of(lambda: _done(stage, clock))


def _done(stage: Stage, clock: Clock) -> int:
    # Each command imports what it needs when it is called, as from the command line.
    from broker_sync.cli.backfill import run_backfill  # noqa: PLC0415
    from broker_sync.cli.backup import run_backup, run_restore  # noqa: PLC0415
    from broker_sync.cli.conflicts import run_conflicts  # noqa: PLC0415
    from broker_sync.cli.ibkr import run_ibkr  # noqa: PLC0415
    from broker_sync.cli.request import Request  # noqa: PLC0415

    match stage.do:
        case "night" | "files":
            return run_ibkr(Request(files=tuple(map(Path, stage.files)), as_json=True), clock)
        case "backfill":
            since = dt.date.fromisoformat(stage.since or "")
            return run_backfill(since=since, account=None, sink=None, as_json=True, clock=clock)
        case "conflicts":
            return run_conflicts([], keep=Keep.BROKER, everything=True, as_json=False, clock=clock)
        case "backup":
            return run_backup(to=Path(stage.folder), keep=1, clock=clock)
        case "restore":
            (backup,) = Path(stage.folder).glob("broker-sync-*")
            return run_restore(backup=backup, into=None, force=True, clock=clock)
        case _:
            return _aged()


def _wait_by(clock: Clock) -> None:
    """Let the sink wait by the same time as the commands, which is over at once."""
    from broker_sync.sinks.wealthfolio import WealthfolioSink  # noqa: PLC0415  # as above

    defaults = WealthfolioSink.__init__.__kwdefaults__
    assert defaults is not None
    defaults.update(sleep=clock.sleep, clock=clock.seconds)


def _no_links(*_: object, **__: object) -> None:
    raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))


def _hurry() -> None:
    """Give signs of life all the time, and wait for those of others for a moment only."""
    from broker_sync.lock import RunLock  # noqa: PLC0415  # as above

    defaults = RunLock.__init__.__kwdefaults__
    assert defaults is not None
    defaults.update(beat=0.002, lease=0.5)


def _aged() -> int:
    """A data directory that is years old: with what dead runs have left, and a database as it was then."""
    from alembic import command  # noqa: PLC0415  # as above
    from alembic.config import Config  # noqa: PLC0415

    from broker_sync.dedup.tables import SCHEMA  # noqa: PLC0415
    from broker_sync.storage.engine import open_database, writing  # noqa: PLC0415

    data = Path(os.environ["BROKER_SYNC_DATA_DIR"])  # noqa: TID251  # as the program does
    engine = open_database(data / "sync.db")
    config = Config()
    config.set_main_option("script_location", str(SCHEMA.scripts))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, SCHEMA.revisions[0])
    engine.dispose()
    for name in (".incoming-1/half.xml", "archive/ibkr/.unfinished-1", ".run.lock.1"):
        litter = data / name
        litter.parent.mkdir(parents=True, exist_ok=True)
        litter.touch()
        os.utime(litter, (0, 0))
        os.utime(litter.parent, (0, 0))
    return 0
