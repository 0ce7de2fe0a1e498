"""Runs: when each began and ended, and what came of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, fields
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from broker_sync.dedup.tables import runs
from broker_sync.dedup.types import RunCounts

__all__ = ["PastRun", "begin", "end", "latest", "provider_of"]

_PROVIDER: Final = select(runs.c.provider).where(runs.c.id == bindparam("run_id"))
_BEGIN: Final = insert(runs).returning(runs.c.id)
_ENDED: Final = ("ended_at", "outcome", *(each.name for each in fields(RunCounts)))
_END: Final = (
    update(runs)
    .where(runs.c.id == bindparam("run_id"))
    .values({name: bindparam(f"to_{name}") for name in _ENDED})
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """A run: when it began and ended (UTC; None if it has not, or died), and what came of it."""

    started_at: dt.datetime
    ended_at: dt.datetime | None
    outcome: str | None


def latest(connection: Connection, *, provider: str, most: int) -> list[PastRun]:
    """The last runs of a provider, the latest first."""
    query = select(runs).where(runs.c.provider == provider).order_by(runs.c.id.desc()).limit(most)
    return [
        PastRun(
            started_at=dt.datetime.fromisoformat(row.started_at),
            ended_at=None if row.ended_at is None else dt.datetime.fromisoformat(row.ended_at),
            outcome=row.outcome,
        )
        for row in connection.execute(query)
    ]


def begin(connection: Connection, *, provider: str, version: str, at: str) -> int:
    """Write down that a run has begun; its id."""
    row = {"provider": provider, "version": version, "started_at": at}
    run_id: int = connection.scalars(_BEGIN, row).one()
    return run_id


def end(connection: Connection, run_id: int, *, outcome: str, counts: RunCounts, at: str) -> None:
    """Write down how a run ended."""
    provider_of(connection, run_id)
    values = {"ended_at": at, "outcome": outcome, **asdict(counts)}
    connection.execute(_END, {"run_id": run_id, **{f"to_{name}": values[name] for name in _ENDED}})


def provider_of(connection: Connection, run_id: int) -> str:
    """The provider of a run; ValueError for a run that never began."""
    provider: str | None = connection.scalar(_PROVIDER, {"run_id": run_id})
    if provider is None:
        raise ValueError(f"run {run_id} never began")
    return provider
