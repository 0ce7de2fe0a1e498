"""What a report says of records that are gone, and of positions that the tracker cannot show."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from broker_sync.coverage import AccountCoverage, Covered, coverage
from broker_sync.received import Days
from broker_sync.report import Run, run_blocks, run_object
from broker_sync.report.blocks import Line, Table, text_of
from broker_sync.results import NotHeld, SyncResult
from broker_sync.vanished import Vanished
from tests.explain.world import WIDGET
from tests.report_samples import perfect


def told(result: SyncResult) -> list[str]:
    lines: list[str] = []
    for block in run_blocks(Run(provider="ibkr", results=[result])):
        if isinstance(block, Line):
            lines.append(block.text)
        elif isinstance(block, Table):
            lines += [" ".join(text_of(cell) for cell in row) for row in block.rows]
    return lines


def gone(number: int) -> list[Vanished]:
    return [
        Vanished(record_id=f"ibkr:trade:{each}", external_ids=(), booked_on=dt.date(2026, 5, 1))
        for each in range(number)
    ]


def covered(*ranges: tuple[int, int]) -> AccountCoverage:
    return coverage(
        Covered(
            account="U1234567",
            section="Trades",
            days=Days(first=dt.date(2026, 5, first), last=dt.date(2026, 5, last)),
            received_at=dt.datetime(2026, 6, 1, tzinfo=dt.UTC),
            has_rows=True,
        )
        for first, last in ranges
    )[0]


def test_the_days_that_are_covered_are_told_and_those_that_are_not() -> None:
    assert "Covered: 2026-05-04 to 2026-05-15" in told(replace(perfect(), coverage=covered((4, 15))))
    gapped = told(replace(perfect(), coverage=covered((4, 8), (18, 22))))
    assert "Covered: 2026-05-04 to 2026-05-22, without 2026-05-09 to 2026-05-17" in gapped


def test_records_that_are_gone_are_named() -> None:
    lines = told(replace(perfect(), vanished=gone(1)))
    assert "1 record booked before, no longer listed by the broker, still in the tracker:" in lines
    assert "2026-05-01 ibkr:trade:0" in lines
    removed = told(replace(perfect(), vanished=gone(2), deleted=2))
    assert "2 records booked before, no longer listed by the broker, removed from the tracker:" in removed


def test_of_many_some_are_named() -> None:
    lines = told(replace(perfect(), vanished=gone(23)))
    assert "and 3 more" in lines
    assert "2026-05-01 ibkr:trade:20" not in lines


def test_what_the_tracker_cannot_show_is_named_with_the_reason() -> None:
    short = NotHeld(instrument=WIDGET, quantity=Decimal("-4.50"), reason="it is short")
    result = replace(perfect(), not_held=[short])
    assert f"{WIDGET.symbol} -4.5 cannot be shown by the tracker: it is short" in told(result)
    (account,) = run_object(Run(provider="ibkr", results=[result]))["accounts"]
    assert account["not_held"] == [{"symbol": WIDGET.symbol, "quantity": "-4.5", "reason": "it is short"}]
    assert account["vanished"] == []
