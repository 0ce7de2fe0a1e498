"""The archive for a person to read: what is there, what is known of one statement, what is wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from broker_sync.coverage import merged
from broker_sync.received import (
    Audit,
    Booked,
    BookedDays,
    Days,
    Entry,
    FileSource,
    FlexSource,
    Receipt,
    Refused,
    SectionFacts,
    Source,
)
from broker_sync.report.blocks import BLANK, Block, Cell, Column, Line, Table, Tone
from broker_sync.report.wording import counted, listed

__all__ = ["archive_blocks", "audit_blocks", "statement_blocks"]

_SHORT: Final = 12
_COLUMNS: Final = (
    Column("received", whole=True),
    Column("days", whole=True),
    Column("account"),
    Column("from"),
    Column("bytes", right=True),
    Column(""),
    Column("id", whole=True),
)


def archive_blocks(entries: Iterable[Entry]) -> list[Block]:
    """One table of `entries`, in the order given; nothing for nothing."""
    rows = [_row(entry) for entry in entries]
    return [Table(columns=_COLUMNS, rows=rows)] if rows else []


def _row(entry: Entry) -> list[Cell]:
    return [
        _moment(entry.received_at),
        _days(_all_days(entry)),
        listed(entry.accounts, most=2),
        _source(entry.receipts[0].source),
        str(entry.size),
        _state(entry),
        Line(entry.sha256[:_SHORT], Tone.FAINT),
    ]


def _state(entry: Entry) -> Line:
    gone = "" if entry.body_removed_at is None else ", bytes removed"
    if isinstance(entry.verdict, Booked):
        return Line(f"booked{gone}", Tone.GOOD)
    return Line(f"refused{gone}", Tone.BAD) if isinstance(entry.verdict, Refused) else Line(f"received{gone}")


def _all_days(entry: Entry) -> list[Days]:
    return [days for facts in (entry.contents.accounts if entry.contents else ()) for days in facts.days]


def statement_blocks(entry: Entry) -> list[Block]:
    """Everything that is known of a statement."""
    return [
        Line(f"Statement {entry.sha256}", Tone.TITLE),
        Line(f"{entry.provider}, {entry.form}, {counted(entry.size, 'byte')}"),
        *_receipts(entry),
        *_verdict(entry),
        *_contents(entry),
    ]


def _receipts(entry: Entry) -> Iterator[Block]:
    yield from (Line(_arrival(receipt)) for receipt in entry.receipts)
    untold = entry.times_received - len(entry.receipts)
    if untold:
        yield Line(f"and {counted(untold, 'more time')} in between")
    if entry.body_removed_at is not None:
        yield Line(f"Its bytes were removed on {entry.body_removed_at.date()}, as the settings say.")


def _arrival(receipt: Receipt) -> str:
    asked = "" if receipt.asked is None else f", asked for {receipt.asked}"
    return f"Received {_moment(receipt.received_at)} from {_source(receipt.source)}{asked}"


def _verdict(entry: Entry) -> Iterator[Block]:
    if isinstance(entry.verdict, Booked):
        yield from (Line(_booking(each), Tone.GOOD) for each in entry.verdict.days)
    elif isinstance(entry.verdict, Refused):
        yield Line(f"Refused {_moment(entry.verdict.at)}: {entry.verdict.reason}", Tone.BAD)
    else:
        yield Line("Not booked, and not refused.")


def _booking(booked: BookedDays) -> str:
    changed = f", {counted(booked.restated, 'record')} changed" if booked.restated else ""
    run = f"in the run of {_moment(booked.run_at)}{changed}"
    return f"Booked {booked.days} of {booked.account} to {booked.sink} {run}"


def _contents(entry: Entry) -> Iterator[Block]:
    if entry.contents is None:
        yield Line("What is in it was never written down.")
        return
    known_by = {each.section: each.known_by for each in entry.contents.columns}
    for facts in entry.contents.accounts:
        yield BLANK
        yield Line(f"Account {facts.account}, {_days(facts.days)}", Tone.TITLE)
        yield Table(
            columns=[Column("Section"), Column("rows", right=True), Column("days"), Column("known by")],
            rows=[_section(each, known_by.get(each.section, ())) for each in facts.sections],
        )


def _section(facts: SectionFacts, known_by: Sequence[str]) -> list[Cell]:
    return [facts.section, str(facts.rows), _days(facts.days), listed(known_by, most=3)]


def audit_blocks(audit: Audit) -> list[Block]:
    """What a full check found, the verdict last."""
    checked = f"{counted(audit.statements, 'statement')} read and found as received"
    if not audit.findings:
        return [Line(f"{checked}. Nothing is wrong.", Tone.GOOD)]
    table = Table(
        columns=[Column("file"), Column("what is wrong")],
        rows=[[finding.file, finding.text] for finding in audit.findings],
    )
    wrong = counted(len(audit.findings), "thing is", "things are")
    return [table, BLANK, Line(f"{checked}; {wrong} wrong.", Tone.BAD)]


def _source(source: Source) -> str:
    if isinstance(source, FlexSource):
        return f"query {source.query_id}"
    return f"file {source.name}" if isinstance(source, FileSource) else "a run that died"


def _moment(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def _days(ranges: Sequence[Days]) -> str:
    parts = merged(ranges)
    if not parts:
        return "no days told"
    holes = "" if len(parts) == 1 else f", in {len(parts)} ranges"
    return f"{parts[0].first} to {parts[-1].last}{holes}"
