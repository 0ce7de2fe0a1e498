"""What is known of downloads and coverage, for people and for scripts; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from broker_sync.coverage import AccountCoverage, SectionCoverage
from broker_sync.received import Days
from broker_sync.report.blocks import BLANK, Block, Cell, Column, Line, Table, Tone
from broker_sync.report.json_form import coverage_object

__all__ = ["AccountStatus", "QueryStatus", "RunStatus", "Status", "status_blocks", "status_object"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryStatus:
    """A query that is downloaded; `due` are the days that the next run asks for.

    Nothing is sent before `locked_until` (aware), for the reason `why`; None when it is free to go.
    """

    query_id: str
    accounts: tuple[str, ...]
    due: Days
    locked_until: dt.datetime | None
    why: str
    token_expires: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatus:
    """What has been booked of an account into `sink`; a statement came last at `received_at` (UTC)."""

    coverage: AccountCoverage
    sink: str
    received_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """A run: when it began and ended (UTC), None while it is at work or if it died, and what came of it."""

    started_at: dt.datetime
    ended_at: dt.datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything; `runs` are the last ones, the latest first."""

    queries: tuple[QueryStatus, ...] = ()
    accounts: tuple[AccountStatus, ...] = ()
    runs: tuple[RunStatus, ...] = ()


def status_object(status: Status) -> Mapping[str, Any]:
    """The one object of ``--json``; times are ISO 8601 in UTC."""
    return {
        "queries": [
            {
                "query_id": each.query_id,
                "accounts": list(each.accounts),
                "next": {"from": each.due.first.isoformat(), "to": each.due.last.isoformat()},
                "breaker": {
                    "open": each.locked_until is not None,
                    "until": _time(each.locked_until),
                    "why": each.why or None,
                },
                "token_expires": None if each.token_expires is None else each.token_expires.isoformat(),
            }
            for each in status.queries
        ],
        "accounts": [
            {
                "account": each.coverage.account,
                "sink": each.sink,
                "received_at": _time(each.received_at),
                "coverage": coverage_object(each.coverage),
            }
            for each in status.accounts
        ],
        "runs": [
            {
                "started_at": _time(each.started_at),
                "ended_at": _time(each.ended_at),
                "outcome": each.outcome,
            }
            for each in status.runs
        ],
    }


def _time(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def status_blocks(status: Status) -> list[Block]:
    """The same for a person to read."""
    blocks = [*_queries(status.queries), *_accounts(status.accounts), *_runs(status.runs)]
    return blocks or [Line("Nothing was synced yet, and no query is set.")]


def _queries(queries: Sequence[QueryStatus]) -> Iterator[Block]:
    for each in queries:
        yield Line(f"Query {each.query_id} for {', '.join(each.accounts)}", Tone.TITLE)
        if each.locked_until is None:
            yield Line(f"The next run asks for {each.due}.", Tone.GOOD)
        else:
            yield Line(f"Nothing is sent before {_shown(each.locked_until)}: {each.why}", Tone.BAD)
        if each.token_expires is not None:
            yield Line(f"Its token expires on {each.token_expires}.")
        yield BLANK


def _accounts(accounts: Sequence[AccountStatus]) -> Iterator[Block]:
    for each in accounts:
        known = each.coverage
        yield Line(f"Account {known.account} to {each.sink}", Tone.TITLE)
        if each.received_at is not None:
            yield Line(f"The last statement came at {_shown(each.received_at)}.")
        yield Table(
            columns=(Column("Section"), Column("from"), Column("to"), Column("missing")),
            rows=[_row("all", known.span, known.gaps), *(_section(section) for section in known.sections)],
        )
        yield BLANK


def _section(section: SectionCoverage) -> list[Cell]:
    span = Days(first=section.ranges[0].first, last=section.ranges[-1].last)
    return _row(section.section, span, section.gaps)


def _row(name: str, span: Days, gaps: Sequence[Days]) -> list[Cell]:
    missing = Line(", ".join(map(str, gaps)), Tone.BAD) if gaps else "-"
    return [name, str(span.first), str(span.last), missing]


def _runs(runs: Sequence[RunStatus]) -> Iterator[Block]:
    if not runs:
        return
    yield Line("Runs, the latest first", Tone.TITLE)
    rows: list[list[Cell]] = [
        [_shown(each.started_at), _took(each), each.outcome or Line("no end: at work, or died", Tone.BAD)]
        for each in runs
    ]
    yield Table(
        columns=(Column("began", whole=True), Column("took", right=True), Column("outcome")), rows=rows
    )


def _took(run: RunStatus) -> str:
    return "-" if run.ended_at is None else f"{(run.ended_at - run.started_at).total_seconds():.1f} s"


def _shown(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
