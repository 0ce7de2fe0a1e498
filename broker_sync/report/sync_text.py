"""A run for a person to read: what was read, booked and rejected, and both sides next to each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

from broker_sync.contracts import SectionCount
from broker_sync.coverage import AccountCoverage
from broker_sync.models import Activity
from broker_sync.report.blocks import BLANK, Block, Cell, Column, Line, Table, Tone
from broker_sync.report.changes_text import change_blocks, conflict_blocks
from broker_sync.report.drift_text import drift_blocks
from broker_sync.report.explain_text import explanation_blocks
from broker_sync.report.refusal_text import failure_blocks, rejection_blocks
from broker_sync.report.run import Run
from broker_sync.report.twin_text import twin_blocks
from broker_sync.report.wording import counted
from broker_sync.results import SyncResult
from broker_sync.values import decimal_text

__all__ = ["run_blocks", "summary_line"]

_DAY: Final = dt.timedelta(days=1)
_MOST: Final = 20


def run_blocks(run: Run) -> list[Block]:
    """Everything but the last line, account by account."""
    return [block for result in run.results for block in _account(result, run)]


def summary_line(run: Run) -> str:
    """The last line, the same for people and scripts: counts of records over all accounts."""
    counts = {
        "fetched": sum(result.fetched for result in run.results),
        "new": sum(result.new_after_dedup for result in run.results),
        "imported": sum(result.imported for result in run.results),
        "failed": sum(result.failed for result in run.results),
    }
    return f"{run.provider}: {' '.join(f'{name}={count}' for name, count in counts.items())}"


def _account(result: SyncResult, run: Run) -> Iterator[Block]:
    name = result.account.provider_account_id
    standings = run.standings.get(name, ())
    yield Line(_title(result), Tone.TITLE)
    if run.dry_run:
        yield Line("Dry run: nothing was written; this is what would be.", Tone.BAD)
    yield Line(_records(result))
    yield from _openings(result.openings)
    yield from _covered(result.coverage)
    yield BLANK
    yield from _sections(result.sections)
    yield from rejection_blocks(result.rejected)
    yield from failure_blocks(result.failures)
    yield from _vanished(result)
    yield from twin_blocks(result.twins)
    yield from change_blocks(result.changes)
    yield from conflict_blocks(result.conflicts)
    yield from drift_blocks(result, standings)
    yield from explanation_blocks((run.explanations or {}).get(name, ()), standings)
    yield from _not_held(result)
    yield from _notes(result.notes)


def _title(result: SyncResult) -> str:
    account = result.account
    name = account.provider_account_id
    if account.id != name:
        name += f" (in the tracker: {account.id})"
    if result.first_day is None or result.last_day is None:
        return f"Account {name} to {result.sink}"
    return f"Account {name} to {result.sink}, {result.first_day} to {result.last_day}"


def _records(result: SyncResult) -> str:
    parts = {
        "new": result.new_after_dedup,
        "known": result.known,
        "changed": result.updated,
        "rejected": len(result.rejected),
    }
    told = ", ".join(f"{count} {name}" for name, count in parts.items() if count or name == "new")
    return f"{counted(result.fetched, 'record')}: {told}"


def _openings(openings: Sequence[Activity]) -> Iterator[Block]:
    if not openings:
        return
    positions = sum(opening.instrument is not None for opening in openings)
    currencies = len(openings) - positions
    parts = [
        counted(positions, "position") if positions else "",
        counted(currencies, "currency", "currencies") if currencies else "",
    ]
    first = min(opening.booked_on for opening in openings) + _DAY
    yield Line(f"Opening balances: {', '.join(filter(None, parts))}, from before {first}")


def _covered(known: AccountCoverage | None) -> Iterator[Block]:
    if known is not None and known.gaps:
        yield Line(f"Covered: {known.span}, without {', '.join(map(str, known.gaps))}", Tone.BAD)
    elif known is not None:
        yield Line(f"Covered: {known.span}")


def _sections(sections: Sequence[SectionCount]) -> Iterator[Block]:
    if not sections:
        return
    columns = [Column("Section"), *(Column(head, right=True) for head in ("rows", "booked", "informational"))]
    rows: list[list[Cell]] = [
        [
            each.section,
            str(each.rows),
            _count(each.booked),
            _count(each.informational),
            Line(_count(each.rejected), Tone.BAD if each.rejected else Tone.PLAIN),
        ]
        for each in sections
    ]
    yield Table(columns=[*columns, Column("rejected", right=True)], rows=rows)
    yield BLANK


def _not_held(result: SyncResult) -> Iterator[Block]:
    for each in result.not_held:
        quantity = decimal_text(each.quantity)
        text = f"{each.instrument.symbol} {quantity} cannot be shown by the tracker: {each.reason}"
        yield Line(text, Tone.FAINT)
    if result.not_held:
        yield BLANK


def _vanished(result: SyncResult) -> Iterator[Block]:
    if not result.vanished:
        return
    done = "removed from the tracker" if result.deleted else "still in the tracker"
    records = counted(len(result.vanished), "record")
    yield Line(f"{records} booked before, no longer listed by the broker, {done}:", Tone.BAD)
    rows: list[list[Cell]] = [[str(each.booked_on), each.record_id] for each in result.vanished[:_MOST]]
    yield Table(columns=(Column("booked on", whole=True), Column("id")), rows=rows)
    if len(result.vanished) > _MOST:
        yield Line(f"and {len(result.vanished) - _MOST} more")
    yield BLANK


def _count(number: int) -> str:
    # Most are zero: the others are seen sooner without them.
    return str(number) if number else "-"


def _notes(notes: Sequence[str]) -> Iterator[Block]:
    for note in notes:
        yield Line(f"Note: {note}")
    if notes:
        yield BLANK
