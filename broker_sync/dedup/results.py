"""What each run found of an account, kept as it was told: the history of runs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from broker_sync.dedup.tables import results

__all__ = ["PastResult", "found", "latest", "save"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastResult:
    """What the run `run_id` found of one account when it ended, at `ended_at` (aware).

    `account` is the broker's id of it, `account_id` the tracker's, `body` the JSON object of the account as
    ``--json`` prints it.
    """

    run_id: int
    sink: str
    account_id: str
    account: str
    ended_at: dt.datetime
    outcome: str
    body: str


def save(connection: Connection, result: PastResult) -> None:
    """Keep `result`."""
    connection.execute(
        insert(results).values(
            run_id=result.run_id,
            sink=result.sink,
            account_id=result.account_id,
            account=result.account,
            ended_at=result.ended_at.astimezone(dt.UTC).isoformat(),
            outcome=result.outcome,
            body=result.body,
        )
    )


def found(connection: Connection, *, since: dt.datetime | None, account: str | None) -> list[PastResult]:
    """The results of runs that ended at `since` or later, the earliest first."""
    query = select(results).order_by(results.c.ended_at, results.c.run_id)
    if since is not None:
        query = query.where(results.c.ended_at >= since.astimezone(dt.UTC).isoformat())
    if account is not None:
        query = query.where(results.c.account == account)
    return [_result(row) for row in connection.execute(query)]


def latest(connection: Connection) -> list[PastResult]:
    """The last result of each account in each sink, and of each that came to none; by account and sink."""
    last = select(func.max(results.c.run_id)).group_by(results.c.account, results.c.sink)
    query = select(results).where(results.c.run_id.in_(last))
    return [_result(row) for row in connection.execute(query.order_by(results.c.account, results.c.sink))]


def _result(row: Row[Any]) -> PastResult:
    return PastResult(
        run_id=row.run_id,
        sink=row.sink,
        account_id=row.account_id,
        account=row.account,
        ended_at=dt.datetime.fromisoformat(row.ended_at),
        outcome=row.outcome,
        body=row.body,
    )
