"""The two trackers of a walk, from outside: what is in them, and how they lose it or get it back."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from broker_sync.contracts import Sink
from tests.exactly_once.moods import InProcess, Moods, MoodyLedger, wealthfolio
from tests.standins.wealthfolio import ManualClock, Service
from tests.standins.wealthfolio.store import Row, Store

_DAY = 86400.0


class Tracker(Protocol):
    """What a walk does to either of them, whichever process is at work."""

    def open(self) -> Sink:
        """As a new process would."""

    def names(self) -> list[str]:
        """The external id of everything of ours that is there; of two rows for one, the main one."""

    def content(self) -> Mapping[str, object]:
        """What is said of each of those."""

    def restart(self) -> None:
        """The tracker itself is another process: nobody is logged in."""

    def pass_a_day(self) -> None:
        """Nobody asks it anything for a day."""

    def forget(self) -> None:
        """It is a new one, in which nothing is; no process has it open."""

    def keep_copy(self) -> None:
        """Copy it, as a backup of the tracker does."""

    def put_copy_back(self) -> None:
        """Put that copy back; no process has it open."""


@dataclass(slots=True)
class OfLedger:
    """The embedded ledger in `folder`; nobody can edit it."""

    folder: Path
    moods: Moods
    _sink: MoodyLedger = field(init=False)

    def open(self) -> Sink:
        """As a new process would."""
        self._sink = MoodyLedger(self.folder / "portfolio.db", self.moods)
        return self._sink

    def names(self) -> list[str]:
        """The external id of each activity."""
        return [activity.external_id for _, activity in self._sink.activities()]

    def content(self) -> Mapping[str, object]:
        """The activities."""
        return {activity.external_id: activity for _, activity in self._sink.activities()}

    def restart(self) -> None:
        """It is no process of its own."""

    def pass_a_day(self) -> None:
        """It has no time of its own."""

    def forget(self) -> None:
        """The file is gone."""
        for file in self.folder.glob("portfolio.db*"):
            if file != self._copy:
                file.unlink()

    def keep_copy(self) -> None:
        """Copy the file, which has all once it is closed."""
        if (self.folder / "portfolio.db").exists():
            shutil.copyfile(self.folder / "portfolio.db", self._copy)

    def put_copy_back(self) -> None:
        """Put the file back."""
        self.forget()
        shutil.copyfile(self._copy, self.folder / "portfolio.db")

    @property
    def _copy(self) -> Path:
        return self.folder / "portfolio.db.copy"


@dataclass(slots=True)
class OfWealthfolio:
    """The stand-in, whose time moves only when somebody waits; people edit it."""

    folder: Path
    moods: Moods
    clock: ManualClock = field(default_factory=ManualClock)
    service: Service = field(init=False)
    _copy: Store | None = None

    def __post_init__(self) -> None:
        """Start it."""
        self.service = Service(clock=self.clock, settle_after=0)

    def open(self) -> Sink:
        """As a new process would."""
        return wealthfolio(self.folder, InProcess(self.service, self.moods), self.clock)

    def names(self) -> list[str]:
        """The part of the key that is the external id."""
        return [_name(row) for row in self._main_rows()]

    def content(self) -> Mapping[str, object]:
        """The rows."""
        return self.rows()

    def rows(self) -> dict[str, Row]:
        """The main row of each activity, by its external id."""
        return {_name(row): row for row in self._main_rows()}

    def _main_rows(self) -> list[Row]:
        return [row for row in self.service.store.rows.values() if "#" not in (row.key or "")]

    def changed(self, rows: list[Row]) -> None:
        """Reckon with what somebody has done to `rows`, as the server does for whoever uses the browser."""
        for row in rows:
            row.user_modified, row.changed = True, self.service.store.now()
        self.service._parts.portfolio.rows_changed(rows)  # noqa: SLF001  # our own stand-in

    def restart(self) -> None:
        """Whoever was logged in is so no more."""
        self.service.sessions.forget()

    def pass_a_day(self) -> None:
        """A session may end, and who logged in too often may do so again."""
        self.clock.advance(_DAY)

    def forget(self) -> None:
        """A server with an empty database."""
        self._become(Store(clock=self.clock))

    def keep_copy(self) -> None:
        """Copy its database."""
        self._copy = self._copied(self.service.store)

    def put_copy_back(self) -> None:
        """Put its database back."""
        if self._copy is None:
            raise ValueError("nothing was copied")
        self._become(self._copied(self._copy))

    def _copied(self, store: Store) -> Store:
        return copy.deepcopy(store, {id(self.clock): self.clock})

    def _become(self, store: Store) -> None:
        mine = self.service.store
        for name in ("accounts", "assets", "rows", "quoted_in", "rates", "quotes"):
            setattr(mine, name, getattr(store, name))
        self.service.sessions.forget()
        self.service._parts.portfolio.recalculate(None)  # noqa: SLF001  # our own stand-in


def _name(row: Row) -> str:
    return (row.key or "").split(":", 2)[-1]
