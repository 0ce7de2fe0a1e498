"""Nights, and what comes between them: each is run whole, and then killed at every step that it takes."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random

from tests.exactly_once.stages import Stage
from tests.exactly_once.world import Broker
from tests.simulation.books import Row
from tests.simulation.kinds import KINDS
from tests.simulation.life import Life, live
from tests.standins.flex.answers import code
from tests.standins.flex.service import GET
from tests.standins.wealthfolio import Service

_KINDS = ("buy", "sell", "deposit", "withdraw", "interest", "pay-dividend", "charge", "split")
_FIRST = "2026-07-20"
_SECOND = "2026-07-24"
_THIRD = "2026-07-28"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A stage, and what the broker tells meanwhile.

    `before` is done to the data directory and the tracker before; `dies_at` ends it at the first point that
    begins so, to set the scene. What a run that died here has left `is_done_by_next`, the step after it.
    """

    stage: Stage
    broker: Broker
    dies_at: str = ""
    is_done_by_next: bool = False
    before: Callable[[Path, Service], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Steps one after the other; runs are killed in those from `victims` on, those before set the scene."""

    name: str
    sink: str
    steps: tuple[Step, ...]
    victims: int = 0

    def __str__(self) -> str:
        return f"{self.name}-{self.sink}"


# --- what the broker tells ---


@cache
def _life() -> Life:
    """An account that was opened on 2026-03-02, with a little of everything."""
    kinds = [KINDS[name] for name in _KINDS]
    return live(Random(36), kinds, KINDS, first_day=dt.date(2026, 3, 2), days=110, events=16)  # noqa: S311  # repeatable


def _cash_rows(*kinds: str) -> list[Row]:
    """Rows of the first night's window that a broker may change its mind of."""
    first, last = dt.date(2026, 4, 22), dt.date(2026, 7, 17)
    return [
        row
        for row in _life().within(first, last)
        if row.section == "CashTransactions" and row.money and row.kind in kinds
    ]


def _with(life: Life, changes: Iterable[tuple[Row, Row | None]]) -> Life:
    told = {id(row): changed for row, changed in changes}
    rows = [told.get(id(row), row) for row in life.rows]
    return replace(life, rows=[row for row in rows if row is not None])


def _unreadable(row: Row) -> Row:
    return replace(row, values={**row.values, "type": "Gift Voucher"})


def _restated(row: Row) -> Row:
    (money,) = row.money
    amount = money.amount + Decimal("1.25").copy_sign(money.amount)
    return replace(row, values={**row.values, "amount": amount}, money=(replace(money, amount=amount),))


def _changing() -> list[Row]:
    rows = _cash_rows("deposit", "withdraw", "interest", "charge", "pay-dividend")
    assert len(rows) > 3, "the life is too short for what is to happen to it"
    return rows


@cache
def _told() -> tuple[Life, Life]:
    """What the broker tells first, and what it makes of it later.

    A row that nobody can read is told again as what it is, one is restated, and one is taken back.
    """
    rows = _changing()
    first = _with(_life(), [(rows[0], _unreadable(rows[0]))])
    second = _with(_life(), [(rows[1], _restated(rows[1])), (rows[2], None)])
    return first, second


# --- what is done ---


def _night(day: str, broker: Broker, **more: object) -> Step:
    return Step(stage=Stage(do="night", day=day, **more), broker=broker)  # type: ignore[arg-type]  # its fields


def _first() -> Broker:
    return Broker(life=_told()[0])


def _later() -> Broker:
    return Broker(life=_told()[1])


def scenarios(folder: Path) -> tuple[Scenario, ...]:
    """All of them; `folder` is for what they need beside the data directory."""
    return (
        *(_of_nights(sink) for sink in SINKS),
        *(_of_the_past(sink) for sink in SINKS),
        *(_of_the_dead(sink, place) for sink in SINKS for place in _DEATHS),
        *(_of_no_memory(sink) for sink in SINKS),
        _of_people(),
        _of_what_was_refused(),
        _of_files(folder),
        _of_failures(),
        _of_age(),
        _of_copies(),
        _of_a_poor_volume(),
    )


SINKS = ("ledger", "wealthfolio")
_DEATHS = ("before dedup/store.py SyncRecordStore.intend", "after dedup/store.py SyncRecordStore.intend",
           "before dedup/store.py SyncRecordStore.settle")  # fmt: skip


def _of_nights(sink: str) -> Scenario:
    elsewhere = {"WF_SESSION_PATH": "{data}/../session/of-wealthfolio.json"}
    steps = (
        _night(_FIRST, _first(), settings=elsewhere),
        _night(_SECOND, _later(), settings=elsewhere),
        _night(_SECOND, _later(), settings=elsewhere),
    )
    return Scenario(name="nights", sink=sink, steps=steps)


def _of_the_past(sink: str) -> Scenario:
    """The first windows come last: openings move back."""
    past = Stage(do="backfill", day=_THIRD, since="2026-02-02")
    steps = (_night(_FIRST, _first()), Step(stage=past, broker=_later()), _night(_THIRD, _later()))
    return Scenario(name="past", sink=sink, steps=steps, victims=1)


def _of_the_dead(sink: str, place: str) -> Scenario:
    """A night that goes on where one has died, and may die itself."""
    steps = (
        replace(_night(_FIRST, _first()), dies_at=place),
        _night(_FIRST, _first()),
        replace(_night(_SECOND, _later()), dies_at=place),
        _night(_SECOND, _later()),
    )
    return Scenario(
        name=f"{place.partition(' ')[0]}-{place.rpartition('.')[2]}", sink=sink, steps=steps, victims=1
    )


def _of_no_memory(sink: str) -> Scenario:
    """sync.db is lost between two nights."""
    steps = (
        _night(_FIRST, _first()),
        replace(_night(_SECOND, _later()), before=lambda data, _: (data / "sync.db").unlink()),
    )
    return Scenario(name="forgotten", sink=sink, steps=steps, victims=1)


def _of_people() -> Scenario:
    """A person changes a row and removes another.

    The broker says something else, what it said before, and something else again; then the person gives in.
    """
    steps = (
        _night(_FIRST, _first()),
        replace(_night(_SECOND, _later()), before=_edited),
        _night(_SECOND, _first()),
        _night(_SECOND, _later()),
        Step(stage=Stage(do="conflicts", day=_SECOND), broker=_later(), is_done_by_next=True),
        _night(_THIRD, _later()),
    )
    return Scenario(name="people", sink="wealthfolio", steps=steps, victims=1)


def _edited(_: Path, tracker: Service) -> None:
    restated, other = (
        next(
            row for row in tracker.store.rows.values() if str(name.values["transactionID"]) in (row.key or "")
        )
        for name in (_changing()[1], _changing()[3])
    )
    restated.amount = (restated.amount or Decimal(0)) + 7
    restated.user_modified = True
    restated.changed = tracker.store.now()
    del tracker.store.rows[other.id]
    tracker._parts.portfolio.rows_changed([restated, other])  # noqa: SLF001  # our own stand-in


def _of_what_was_refused() -> Scenario:
    """The broker takes back what the tracker would not take."""
    steps = (_night(_FIRST, _first()), replace(_night(_SECOND, _later()), before=_refused))
    return Scenario(name="refused", sink="wealthfolio", steps=steps, victims=1)


def _refused(data: Path, tracker: Service) -> None:
    number = str(_changing()[2].values["transactionID"])
    (row,) = [each for each in tracker.store.rows.values() if number in (each.key or "")]
    del tracker.store.rows[row.id]
    tracker._parts.portfolio.rows_changed([row])  # noqa: SLF001  # our own stand-in
    with closing(sqlite3.connect(data / "sync.db")) as connection, connection:
        connection.execute(
            "UPDATE activities SET state = 'failed', tracker_id = NULL, reason = 'made up' "
            "WHERE external_id LIKE '%' || ?",
            [number],
        )


def _of_files(folder: Path) -> Scenario:
    days = ((dt.date(2026, 5, 1), dt.date(2026, 6, 30)), (dt.date(2026, 3, 2), dt.date(2026, 4, 30)))
    files = []
    for number, window in enumerate(days):
        file = folder / f"statement-{number}.xml"
        file.write_bytes(_later().statement(*window))
        files.append(str(file))
    stages = [Stage(do="files", day=_FIRST, files=(file,)) for file in files]
    return Scenario(
        name="files", sink="ledger", steps=tuple(Step(stage=stage, broker=_later()) for stage in stages)
    )


_TEXTFILE = {
    "BROKER_SYNC_METRICS": "textfile",
    "BROKER_SYNC_TEXTFILE": "{data}/../ibkr.prom",
    "PUSHGATEWAY_URL": "",
    "BROKER_SYNC_PING_URL": "GATEWAY",
}


def _of_failures() -> Scenario:
    """The broker says no, in several ways."""
    refused = replace(_first(), fault=code(1018))
    unfinished = replace(_first(), fault=code(1003), faulty=GET)
    steps = (
        _night("2026-07-10", refused, statuses=(75,), settings=_TEXTFILE),
        _night(_FIRST, _first(), settings=_TEXTFILE),
        _night(_SECOND, unfinished, statuses=(1,), settings=_TEXTFILE),
    )
    return Scenario(name="failures", sink="ledger", steps=steps)


def _of_age() -> Scenario:
    """Years of litter, a database of an older version, days that nobody has any more, old statements."""
    recent = replace(_later(), earliest=dt.date(2026, 8, 20))
    brief = {**_TEXTFILE, "BROKER_SYNC_ARCHIVE_KEEP_DAYS": "1"}
    steps = (
        Step(stage=Stage(do="age", day=_FIRST), broker=_first()),
        _night(_FIRST, _first(), settings=brief),
        _night("2026-11-20", recent, settings=brief),
        _night("2026-11-24", recent, settings=brief),
    )
    return Scenario(name="age", sink="ledger", steps=steps, victims=1)


def _of_copies() -> Scenario:
    backups = "{data}/../backups"
    refused = replace(_first(), fault=code(1018))
    steps = (
        _night(_FIRST, _first()),
        _night(_FIRST, refused, statuses=(75,)),
        Step(stage=Stage(do="backup", day=_FIRST, folder=backups), broker=_first()),
        _night(_SECOND, _later()),
        Step(stage=Stage(do="backup", day=_SECOND, folder=backups), broker=_later()),
        Step(stage=Stage(do="restore", day=_THIRD, folder=backups), broker=_later()),
        Step(stage=Stage(do="restore", day=_THIRD, folder=backups), broker=_later()),
    )
    return Scenario(name="copies", sink="ledger", steps=steps, victims=2)


def _of_a_poor_volume() -> Scenario:
    """One without hard links, on which the run is slow."""
    night = Stage(do="night", day=_FIRST, no_links=True, beats=True)
    return Scenario(name="volume", sink="ledger", steps=(Step(stage=night, broker=_first()),))
