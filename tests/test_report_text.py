"""What a person reads of a sync."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from broker_sync.report import Line, Table, Tone, activity_blocks, plain_text, run_blocks, summary_line
from broker_sync.results import SyncResult
from tests.report_samples import (
    ACCOUNT,
    GADGET,
    OTHER,
    WIDGET,
    buy,
    held,
    money,
    perfect,
    rejection,
    run,
    tax,
    troubled,
    worth,
)

GOLDEN = Path(__file__).parent / "golden"


def shown(*results: SyncResult, dry_run: bool = False) -> str:
    return plain_text(run_blocks(run(*results, dry_run=dry_run)))


def test_a_run_reads_like_this(golden: Callable[[Path, str], None]) -> None:
    golden(GOLDEN / "sync_report.txt", shown(perfect(), troubled()))


def test_a_ledger_reads_like_this(golden: Callable[[Path, str], None]) -> None:
    booked = [(ACCOUNT, buy()), (ACCOUNT, tax()), (OTHER, buy(OTHER))]
    golden(GOLDEN / "ledger.txt", plain_text(activity_blocks(booked)))


def test_the_last_line_counts_over_all_accounts() -> None:
    assert summary_line(run(perfect(), troubled())) == "ibkr: fetched=15 new=5 imported=4 failed=1"


def test_a_sync_that_found_nothing_new_says_so() -> None:
    again = replace(perfect(), new_after_dedup=0, imported=0, known=3)
    assert "\n3 records: 0 new, 3 known\n" in shown(again)


def test_one_record_is_not_records() -> None:
    assert "\n1 record: 1 new\n" in shown(replace(perfect(), fetched=1, new_after_dedup=1))


def test_the_trackers_name_of_an_account_is_told_where_it_differs() -> None:
    assert shown(perfect()).startswith("Account U1234567 (in the tracker: tracker-1) to ledger, 2026-05-01")
    assert shown(perfect(OTHER)).startswith("Account U7654321 to ledger, 2026-05-01 to 2026-05-29\n")


def test_a_statement_without_days_has_none_in_the_title() -> None:
    assert shown(replace(perfect(OTHER), first_day=None)).startswith("Account U7654321 to ledger\n")


def test_opening_balances_are_one_sentence() -> None:
    text = shown(perfect())
    assert "\nOpening balances: 1 position, 2 currencies, from before 2026-05-01\n" in text


@pytest.mark.parametrize(("kept", "told"), [(slice(1), "1 position"), (slice(1, 2), "1 currency")])
def test_opening_balances_of_one_kind_do_not_speak_of_the_other(kept: slice, told: str) -> None:
    text = shown(replace(perfect(), openings=perfect().openings[kept]))
    assert f"\nOpening balances: {told}, from before 2026-05-01\n" in text


def test_without_opening_balances_nothing_is_said_of_them() -> None:
    assert "Opening" not in shown(replace(perfect(), openings=()))


def test_without_rows_there_is_no_table_of_sections() -> None:
    assert "Section" not in shown(replace(perfect(), sections=()))


def test_a_dry_run_says_that_nothing_was_written() -> None:
    assert "Dry run: nothing was written" in shown(perfect(), dry_run=True)
    assert "Dry run" not in shown(perfect())


def test_agreement_is_told_with_the_number_of_what_agrees() -> None:
    assert "\nBroker and tracker agree on 2 positions and 2 currencies.\n" in shown(perfect())
    assert "\nBroker and tracker agree on 2 currencies.\n" in shown(replace(perfect(), positions=None))
    assert "\nBroker and tracker agree on 2 positions.\n" in shown(replace(perfect(), cash=None))


def test_an_account_that_holds_nothing_on_either_side_agrees() -> None:
    text = shown(replace(perfect(), positions=(), cash=()))
    assert "\nBroker and tracker agree on 0 positions and 0 currencies.\n" in text
    assert "tracker  drift" not in text


def test_drift_is_told_with_the_number_of_what_differs() -> None:
    text = shown(troubled())
    assert "\nBroker and tracker DIFFER in 1 of 2 positions and 1 of 1 currency.\n" in text


def test_where_nothing_was_compared_nobody_may_think_that_all_is_equal() -> None:
    text = shown(replace(perfect(), positions=None, cash=None))
    assert "Nothing was compared" in text
    assert "agree" not in text


@pytest.mark.parametrize(
    ("tracker", "mark"), [("5.0", "equal"), ("4.99995", "within tolerance"), ("4", "DRIFT"), ("6", "DRIFT")]
)
def test_each_row_says_whether_both_sides_are_equal(tracker: str, mark: str) -> None:
    text = shown(replace(perfect(), positions=[held(GADGET, "5", tracker)]))
    (row,) = [line for line in text.splitlines() if line.startswith("GDGT.L")]
    assert row.endswith(f"  {mark}")


def test_the_net_asset_value_is_shown_where_it_is_known() -> None:
    assert "Net asset value" in shown(replace(perfect(), nav=worth("10", "11")))
    assert "Net asset value" not in shown(perfect())


def test_decimal_points_stand_below_each_other() -> None:
    text = shown(replace(perfect(), cash=[money("GBP", "-1234.5", "0"), money("USD", "0.12345", "0")]))
    rows = [line for line in text.splitlines() if line.startswith(("GBP ", "USD "))]
    assert len({row.index(".") for row in rows}) == 1


def test_rejections_are_grouped_by_reason_with_some_ids() -> None:
    text = shown(troubled())
    assert "\nNot booked: 6 records\n" in text
    assert (
        "5  Trades: options are not booked yet  ibkr:trade:1, ibkr:trade:2, ibkr:trade:3, and 2 more" in text
    )
    assert "1  Trades: the row has no quantity     ibkr:trade:6" in text


def test_a_great_many_reasons_are_not_all_listed() -> None:
    reasons = [rejection(number, f"reason {number:03}") for number in range(25)]
    text = shown(replace(perfect(), rejected=reasons))
    assert "reason 019" in text
    assert "reason 020" not in text
    assert "\nand 5 more reasons\n" in text


def test_what_the_tracker_refused_is_told_with_its_reason() -> None:
    text = shown(troubled())
    assert "\nNot taken by the tracker: 1 activity\n" in text
    assert "1  the ledger is full  ibkr:cash:7002" in text


def test_notes_come_last() -> None:
    assert shown(troubled()).endswith("\nNote: No statement covers 2026-04-01 to 2026-04-30.\n\n")


def test_the_account_stands_in_the_ledger_only_where_there_are_several() -> None:
    assert "U1234567" not in plain_text(activity_blocks([(ACCOUNT, buy()), (ACCOUNT, tax())]))
    assert "U7654321" in plain_text(activity_blocks([(ACCOUNT, buy()), (OTHER, buy(OTHER))]))


def test_an_empty_ledger_shows_nothing() -> None:
    assert activity_blocks([]) == []


def test_a_ledger_row_has_signed_effects() -> None:
    sold = buy()
    object.__setattr__(sold, "quantity", Decimal(0))
    text = plain_text(activity_blocks([(ACCOUNT, buy()), (ACCOUNT, tax()), (ACCOUNT, sold)]))
    assert [line.split() for line in text.splitlines()[1:]] == [
        ["2026-05-04", "BUY", "WDGT", "2.5", "-251", "USD", "ibkr:trade:9001"],
        ["2026-05-04", "FEE", "WITHHOLDING_TAX", "-0.35", "GBP", "ibkr:cash:7001"],
        ["2026-05-04", "BUY", "WDGT", "-251", "USD", "ibkr:trade:9001"],
    ]


def test_trouble_is_marked_as_such() -> None:
    tones = {
        line.text: line.tone
        for block in run_blocks(run(troubled()))
        for line in ([block] if isinstance(block, Line) else [cell for row in block.rows for cell in row])
        if isinstance(line, Line)
    }
    assert tones["DRIFT"] is Tone.BAD
    assert tones["within tolerance"] is Tone.GOOD
    assert tones["6"] is Tone.BAD  # rejected rows of a section
    assert tones["Not booked: 6 records"] is Tone.BAD


def test_rejected_rows_are_not_marked_where_there_are_none() -> None:
    sections = next(block for block in run_blocks(run(perfect())) if isinstance(block, Table))
    assert {row[-1] for row in sections.rows} == {Line("-")}


def test_instruments_are_shown_by_symbol_and_cash_by_currency() -> None:
    text = shown(replace(perfect(), positions=[held(WIDGET, "1", "1")], cash=[money("CHF", "1", "1")]))
    assert "\nWDGT " in text
    assert "\nCHF " in text
