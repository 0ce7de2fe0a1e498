from __future__ import annotations

from broker_sync.providers.ibkr.dayorder import DayOrderEvidence
from broker_sync.providers.ibkr.formats import DayOrder

from .builders import cash, cash_rows, one_statement, surveyed, trade, trades

MONTH_FIRST = DayOrder.MONTH_FIRST
DAY_FIRST = DayOrder.DAY_FIRST


def found(*rows: dict[str, str], head: dict[str, str] | None = None) -> DayOrder | None:
    evidence = DayOrderEvidence()
    if head is not None:
        evidence.note_head(head)
    for row in rows:
        evidence.note(row)
    return evidence.order


def test_one_date_that_exists_one_way_only_decides_for_all() -> None:
    assert found({"tradeDate": "05/06/2026"}, {"tradeDate": "31/12/2025"}) is DAY_FIRST
    assert found({"tradeDate": "12/31/25"}, {"tradeDate": "05/06/26"}) is MONTH_FIRST


def test_any_column_with_a_date_can_decide() -> None:
    for column in ("reportDate", "tradeDate", "dateTime", "settleDate", "date", "toDate"):
        assert found({column: "12/31/2025;101500"}) is MONTH_FIRST


def test_nothing_is_decided_where_nothing_has_slashes() -> None:
    evidence = DayOrderEvidence()
    evidence.note({"tradeDate": "2026-05-06", "dateTime": "20260506;101500", "reportDate": "06-May-26"})
    assert evidence.order is None
    assert not evidence.seen


def test_a_column_that_says_nothing_decides_nothing() -> None:
    evidence = DayOrderEvidence()
    evidence.note({"tradeDate": "N/A", "reportDate": "", "dateTime": "--"})
    assert not evidence.seen


def test_dates_that_read_both_ways_decide_nothing() -> None:
    evidence = DayOrderEvidence()
    evidence.note({"tradeDate": "05/06/2026"})
    assert evidence.seen
    assert evidence.order is None


def test_dates_that_contradict_each_other_decide_nothing() -> None:
    assert found({"tradeDate": "12/31/2025"}, {"tradeDate": "31/12/2025"}) is None


def test_a_window_cannot_end_before_it_begins() -> None:
    # 7 May to 6 June one way, 5 July to 6 June the other.
    assert found(head={"fromDate": "05/07/2026", "toDate": "06/06/2026"}) is MONTH_FIRST
    assert found(head={"fromDate": "07/05/2026", "toDate": "06/06/2026"}) is DAY_FIRST


def test_a_statement_is_not_made_before_its_last_day() -> None:
    head = {"fromDate": "01/01/2026", "toDate": "06/05/2026", "whenGenerated": "05/06/2026"}
    assert found(head=head) is DAY_FIRST


def test_a_statement_is_made_soon_after_its_last_day() -> None:
    # One day: 5 June made on 6 June, or 6 May made on 6 June.
    head = {"fromDate": "06/05/2026", "toDate": "06/05/2026", "whenGenerated": "06/06/2026;020000"}
    assert found(head=head) is MONTH_FIRST


def test_ten_days_later_is_soon_and_eleven_is_not() -> None:
    def made(day: str) -> DayOrder | None:
        return found(head={"fromDate": "01/02/2026", "toDate": "01/02/2026", "whenGenerated": day})

    # Of 1 February: 11 and 12 February one way. Of 2 January: November and December the other.
    assert made("11/02/2026") is DAY_FIRST
    assert made("12/02/2026") is None


def test_the_day_of_making_alone_can_decide() -> None:
    assert found(head={"whenGenerated": "13/06/2026;020000"}) is DAY_FIRST


def test_every_statement_of_a_document_has_its_say() -> None:
    evidence = DayOrderEvidence()
    evidence.note_head({"fromDate": "01/01/2026", "toDate": "02/02/2026", "whenGenerated": "02/03/2026"})
    evidence.note_head({"fromDate": "05/07/2026", "toDate": "06/06/2026", "whenGenerated": "06/07/2026"})
    assert evidence.order is MONTH_FIRST


def test_a_head_without_a_day_of_making_decides_nothing_by_it() -> None:
    assert found(head={"fromDate": "05/05/2026", "toDate": "06/06/2026"}) is None


def test_a_head_with_a_wrong_date_still_has_its_others() -> None:
    head = {"fromDate": "05/07/2026", "toDate": "06/06/2026", "whenGenerated": "x/y"}
    assert found(head=head) is MONTH_FIRST


def test_the_whole_document_is_asked() -> None:
    text = one_statement(
        trades(trade(tradeDate="05/06/2026", dateTime="05/06/2026;101500", reportDate="05/06/2026")),
        cash_rows(cash(reportDate="05/22/2026", dateTime="05/22/2026", settleDate="")),
        fromDate="05/05/2026",
        toDate="06/06/2026",
        whenGenerated="06/06/2026",
    )
    known = surveyed(text)
    assert known.order is MONTH_FIRST
    assert not known.ambiguous_days


def test_a_document_that_does_not_tell_is_known_not_to() -> None:
    text = one_statement(
        trades(trade(tradeDate="05/06/2026", dateTime="05/06/2026;101500", reportDate="05/06/2026")),
        fromDate="05/06/2026",
        toDate="05/06/2026",
        whenGenerated="",
    )
    known = surveyed(text)
    assert known.order is None
    assert known.ambiguous_days


def test_a_day_that_both_orders_read_alike_is_not_ambiguous() -> None:
    same = "05/05/2026"
    text = one_statement(
        trades(trade(tradeDate=same, dateTime=f"{same};101500", reportDate=same)),
        fromDate=same,
        toDate=same,
        whenGenerated="",
    )
    assert not surveyed(text).ambiguous_days
