"""The whole way of a record, for a person to read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from broker_sync.models import Activity
from broker_sync.received import Booked, Entry, FileSource, FlexSource, Refused, Source
from broker_sync.report.blocks import BLANK, Block, Cell, Column, Line, Table, Tone
from broker_sync.report.changes_text import field_texts
from broker_sync.report.explain_id import (
    Absent,
    NotAsked,
    Present,
    TracedChange,
    TracedLeg,
    TracedName,
    TracedRecord,
    TracedRejection,
    TracedRow,
    TracedStatement,
)
from broker_sync.values import decimal_text

__all__ = ["traced_blocks"]

_SHORT: Final = 12
_LEGS: Final = (
    Column("activity", whole=True),
    Column("type"),
    Column("date", whole=True),
    Column("symbol"),
    Column("quantity", right=True),
    Column("amount", right=True),
    Column(""),
    Column("state"),
    Column("tracker id"),
    Column("in the tracker now"),
)


def traced_blocks(traced: TracedName) -> list[Block]:
    """Record after record: what was booked, in which run, and the rows that say so."""
    blocks: list[Block] = []
    for record in traced.records:
        blocks += [*_record(record), BLANK]
    for rejection in traced.rejections:
        blocks += [*_rejection(rejection), BLANK]
    return blocks[:-1]


def _record(record: TracedRecord) -> Iterator[Block]:
    names = dict.fromkeys(name for name in (record.account, record.account_id) if name is not None)
    yield Line(record.record_id, Tone.TITLE)
    yield Line(f"Booked on {record.booked_on} to {record.sink}, account {' alias '.join(names)}")
    if record.legs:
        yield Table(columns=_LEGS, rows=[_leg(leg) for leg in record.legs])
    else:
        yield Line("It is not booked any more.", Tone.BAD)
    yield from (Line(text) for text in dict.fromkeys(_run(leg) for leg in record.legs))
    for leg in record.legs:
        if leg.reason is not None:
            yield Line(f"{leg.activity.external_id} was refused by {record.sink}: {leg.reason}", Tone.BAD)
        if leg.asked is not None:
            yield Line(f"{leg.activity.external_id} was to become {_said(leg.asked)}", Tone.BAD)
        if isinstance(leg.tracker, Present) and leg.tracker.activity and not leg.tracker.is_as_booked:
            now = _said(leg.tracker.activity)
            yield Line(f"{leg.activity.external_id} is {now} in {record.sink} now", Tone.BAD)
    yield from _history(record.history)
    if record.is_opening:
        yield from _origin(record.statements)
    else:
        yield from _statements(record.statements)


def _history(history: Sequence[TracedChange]) -> Iterator[Block]:
    if not history:
        return
    yield BLANK
    yield Line("What it said before:")
    yield Table(
        columns=(
            Column("when", whole=True),
            Column("run", right=True),
            Column("id"),
            Column("why"),
            Column("what"),
        ),
        rows=[
            [
                _moment(each.at),
                str(each.run),
                each.change.external_id,
                each.change.why.value,
                "; ".join(field_texts(each.change)),
            ]
            for each in history
        ],
    )


def _origin(statements: Sequence[TracedStatement]) -> Iterator[Block]:
    yield BLANK
    yield Line("An opening balance: no row of a statement, but worked out from what one of them says.")
    yield from (Line(_statement(each.entry)) for each in statements)


def _leg(leg: TracedLeg) -> list[Cell]:
    activity = leg.activity
    return [
        activity.external_id,
        activity.activity_type.value,
        activity.date.strftime("%Y-%m-%d %H:%M:%S"),
        activity.symbol or "",
        "" if activity.quantity is None else decimal_text(activity.quantity),
        "" if activity.amount is None else decimal_text(activity.amount),
        activity.currency,
        leg.state if leg.state != "intent" else f"asked to {leg.operation}",
        leg.tracker_id or "",
        _in_tracker(leg),
    ]


def _in_tracker(leg: TracedLeg) -> Line:
    there = leg.tracker
    if isinstance(there, NotAsked):
        return Line(f"not asked: {there.reason}", Tone.FAINT)
    if isinstance(there, Absent):
        return Line("not there", Tone.BAD)
    if there.is_as_booked:
        return Line("there" if there.activity is None else "as booked", Tone.GOOD)
    return Line(f"there, as {there.tracker_id}" if there.activity is None else "something else", Tone.BAD)


def _said(activity: Activity) -> str:
    numbers = [
        f"{name} {decimal_text(number)}"
        for name, number in (
            ("quantity", activity.quantity),
            ("price", activity.unit_price),
            ("fee", activity.fee),
            ("amount", activity.amount),
        )
        if number is not None
    ]
    kind = activity.activity_type.value
    return ", ".join([f"{kind} {activity.symbol or ''}".strip(), *numbers, f"{activity.currency}"])


def _run(leg: TracedLeg) -> str:
    end = "did not end" if leg.run_outcome is None else f"ended: {leg.run_outcome}"
    return (
        f"Run {leg.run} of version {leg.run_version} began {_moment(leg.run_started_at)} and {end}; "
        f"written down {_moment(leg.updated_at)}"
    )


def _rejection(rejected: TracedRejection) -> Iterator[Block]:
    rejection = rejected.rejection
    yield Line(rejection.external_id, Tone.TITLE)
    yield Line(f"Not booked to {rejected.sink}, account {rejected.account_id}: {rejection.reason}", Tone.BAD)
    yield Line(
        f"First met {_moment(rejected.first_seen)}, last {_moment(rejected.last_seen)} in run {rejected.run}"
    )
    yield BLANK
    yield Line(f"{rejection.section}, as it was last read:")
    yield _attributes(rejection.raw.items())
    yield from _statements(rejected.statements)


def _statements(statements: Sequence[TracedStatement]) -> Iterator[Block]:
    shown: list[TracedRow] = []
    having = [each for each in statements if each.rows or each.problem is not None]
    if not having:
        yield BLANK
        yield Line("No statement in the archive has it.", Tone.BAD)
    for statement in having:
        yield BLANK
        yield Line(_statement(statement.entry))
        if statement.problem is not None:
            yield Line(f"It cannot be read: {statement.problem}", Tone.BAD)
        for row in statement.rows:
            yield from _row(row, shown)
            shown.append(row)


def _statement(entry: Entry) -> str:
    receipt = entry.receipts[0]
    came = f"received {_moment(receipt.received_at)} from {_source(receipt.source)}"
    verdict = "booked" if isinstance(entry.verdict, Booked) else "not booked"
    if isinstance(entry.verdict, Refused):
        verdict = "refused"
    return f"Statement {entry.sha256[:_SHORT]}, {came}, {verdict}"


def _row(row: TracedRow, shown: Sequence[TracedRow]) -> Iterator[Block]:
    place = f"{row.section}, row {row.number}"
    before = next((each for each in reversed(shown) if each.section == row.section), None)
    if before is None:
        yield Line(f"{place}:")
        yield _attributes(row.raw.items())
        return
    changed = [
        (name, f"{before.raw.get(name, '')} -> {row.raw.get(name, '')}")
        for name in dict.fromkeys([*before.raw, *row.raw])
        if before.raw.get(name, "") != row.raw.get(name, "")
    ]
    if not changed:
        yield Line(f"{place}: the same")
        return
    yield Line(f"{place}: as before but for")
    yield _attributes(changed)


def _attributes(pairs: Iterable[tuple[str, str]]) -> Table:
    return Table(
        columns=[Column("attribute"), Column("value")],
        rows=[[name, value] for name, value in pairs if value],
    )


def _source(source: Source) -> str:
    if isinstance(source, FlexSource):
        return f"query {source.query_id}"
    return f"file {source.name}" if isinstance(source, FileSource) else "a run that died"


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
