"""Runs: when each began and ended, and what came of it."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, insert, select, update

from broker_sync.dedup.tables import runs
from broker_sync.dedup.types import RunCounts

__all__ = ["begin", "end", "provider_of"]


def begin(connection: Connection, *, provider: str, version: str, at: str) -> int:
    """Write down that a run has begun; its id."""
    new = insert(runs).values(provider=provider, version=version, started_at=at).returning(runs.c.id)
    run_id: int = connection.scalars(new).one()
    return run_id


def end(connection: Connection, run_id: int, *, outcome: str, counts: RunCounts, at: str) -> None:
    """Write down how a run ended."""
    provider_of(connection, run_id)
    ended = update(runs).where(runs.c.id == run_id).values(ended_at=at, outcome=outcome, **asdict(counts))
    connection.execute(ended)


def provider_of(connection: Connection, run_id: int) -> str:
    """The provider of a run; ValueError for a run that never began."""
    provider: str | None = connection.scalar(select(runs.c.provider).where(runs.c.id == run_id))
    if provider is None:
        raise ValueError(f"run {run_id} never began")
    return provider
