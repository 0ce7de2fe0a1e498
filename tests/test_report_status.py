from __future__ import annotations

import datetime as dt

from broker_sync.coverage import Covered, coverage
from broker_sync.received import Days
from broker_sync.report.blocks import Line, Table, text_of
from broker_sync.report.status_text import (
    AccountStatus,
    QueryStatus,
    RunStatus,
    Status,
    status_blocks,
    status_object,
)

NIGHT = dt.datetime(2026, 5, 20, 2, 0, tzinfo=dt.UTC)


def days(first: str, last: str) -> Days:
    return Days(first=dt.date.fromisoformat(first), last=dt.date.fromisoformat(last))


def covered(section: str, first: str, last: str) -> Covered:
    return Covered(
        account="U1234567", section=section, days=days(first, last), received_at=NIGHT, has_rows=True
    )


KNOWN = coverage(
    [
        covered("Trades", "2026-01-01", "2026-03-31"),
        covered("Trades", "2026-04-06", "2026-05-18"),
        covered("Transfers", "2026-04-06", "2026-05-18"),
    ]
)[0]

FREE = QueryStatus(
    query_id="123456",
    accounts=("U1234567",),
    due=days("2026-02-17", "2026-05-19"),
    locked_until=None,
    why="",
    token_expires=dt.date(2027, 1, 1),
)
HELD = QueryStatus(
    query_id="654321",
    accounts=("(any)",),
    due=days("2026-02-17", "2026-05-19"),
    locked_until=NIGHT,
    why="too many failed attempts",
    token_expires=None,
)
STATUS = Status(
    queries=(FREE, HELD),
    accounts=(
        AccountStatus(coverage=KNOWN, sink="ledger", received_at=NIGHT),
        AccountStatus(coverage=KNOWN, sink="other", received_at=None),
    ),
    runs=(
        RunStatus(started_at=NIGHT, ended_at=None, outcome=None),
        RunStatus(started_at=NIGHT, ended_at=NIGHT + dt.timedelta(seconds=1.25), outcome="ok"),
    ),
)


def told(status: Status) -> list[str]:
    lines = []
    for block in status_blocks(status):
        if isinstance(block, Line):
            lines.append(block.text)
        elif isinstance(block, Table):
            lines += [" | ".join(text_of(cell) for cell in row) for row in block.rows]
    return [line for line in lines if line]


def test_a_person_reads_what_comes_next_what_is_missing_and_how_runs_ended() -> None:
    assert told(STATUS) == [
        "Query 123456 for U1234567",
        "The next run asks for 2026-02-17 to 2026-05-19.",
        "Its token expires on 2027-01-01.",
        "Query 654321 for (any)",
        "Nothing is sent before 2026-05-20 02:00 UTC: too many failed attempts",
        "Account U1234567 to ledger",
        "The last statement came at 2026-05-20 02:00 UTC.",
        "all | 2026-01-01 | 2026-05-18 | 2026-04-01 to 2026-04-05",
        "Trades | 2026-01-01 | 2026-05-18 | 2026-04-01 to 2026-04-05",
        "Transfers | 2026-04-06 | 2026-05-18 | 2026-01-01 to 2026-04-05",
        "Account U1234567 to other",
        "all | 2026-01-01 | 2026-05-18 | 2026-04-01 to 2026-04-05",
        "Trades | 2026-01-01 | 2026-05-18 | 2026-04-01 to 2026-04-05",
        "Transfers | 2026-04-06 | 2026-05-18 | 2026-01-01 to 2026-04-05",
        "Runs, the latest first",
        "2026-05-20 02:00 UTC | - | no end: at work, or died",
        "2026-05-20 02:00 UTC | 1.2 s | ok",
    ]


def test_what_is_whole_has_nothing_missing() -> None:
    whole = coverage([covered("Trades", "2026-01-01", "2026-03-31")])[0]
    status = Status(accounts=(AccountStatus(coverage=whole, sink="ledger", received_at=None),))
    assert told(status)[-1] == "Trades | 2026-01-01 | 2026-03-31 | -"


def test_where_nothing_is_known_that_is_said() -> None:
    assert told(Status()) == ["Nothing was synced yet, and no query is set."]


def test_scripts_read_the_same() -> None:
    told = status_object(STATUS)
    assert told["queries"][0] == {
        "query_id": "123456",
        "accounts": ["U1234567"],
        "next": {"from": "2026-02-17", "to": "2026-05-19"},
        "breaker": {"open": False, "until": None, "why": None},
        "token_expires": "2027-01-01",
    }
    held = {"open": True, "until": "2026-05-20T02:00:00+00:00", "why": "too many failed attempts"}
    assert told["queries"][1]["breaker"] == held
    assert told["accounts"][0]["received_at"] == "2026-05-20T02:00:00+00:00"
    assert told["accounts"][0]["coverage"]["gaps"] == [{"from": "2026-04-01", "to": "2026-04-05"}]
    assert told["accounts"][0]["coverage"]["sections"][1] == {
        "section": "Transfers",
        "from": "2026-04-06",
        "to": "2026-05-18",
        "gaps": [{"from": "2026-01-01", "to": "2026-04-05"}],
    }
    assert told["runs"][0]["ended_at"] is None
    assert told["runs"][1]["outcome"] == "ok"
