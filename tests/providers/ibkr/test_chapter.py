"""What the broker says is true, cut to the days that were asked for."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.accounting import total_cash, total_positions
from broker_sync.providers.ibkr.editions import Edition
from broker_sync.providers.ibkr.moments import Clock

from .builders import (
    ACCOUNT,
    D,
    Reading,
    Row,
    balance,
    balances,
    cash,
    cash_rows,
    conversion,
    document,
    one_statement,
    position,
    positions,
    read,
    sale,
    section,
    statement,
    trade,
    trades,
)


def day(number: int) -> dt.date:
    return dt.date(2026, 5, number)


def day_or_none(number: int | None) -> dt.date | None:
    return None if number is None else day(number)


def whole() -> str:
    """20 May: 10 bought, 1000 EUR bought; 21 May: 4 sold; 22 May: a dividend. 6 held, cash as it follows."""
    return one_statement(
        trades(trade(), conversion(), sale()),
        cash_rows(cash()),
        positions(position()),
        balances(
            balance(startingCash="3000", endingCash="1350.5"),
            balance(currency="EUR", startingCash="0", endingCash="1000"),
            balance(currency="GBP", startingCash="10", endingCash="8"),
            balance(currency="BASE_SUMMARY", levelOfDetail="BaseCurrency", startingCash="1", endingCash="1"),
        ),
    )


def assert_adds_up(found: Reading) -> None:
    """Start and what happened make the end, in money and in units."""
    truth = found.truth
    moved, dealt = total_cash(found.activities), total_positions(found.activities)
    for balance_ in truth.cash or ():
        assert balance_.starting is not None
        assert balance_.starting + moved.get(balance_.currency, D(0)) == balance_.ending
    opened = {item.instrument.key: item.quantity for item in truth.opening_positions}
    ended = {item.instrument.key: item.quantity for item in truth.positions or ()}
    for key in opened.keys() | dealt.keys() | ended.keys():
        assert opened.get(key, D(0)) + dealt.get(key, D(0)) == ended.get(key, D(0))


def test_a_whole_statement_adds_up() -> None:
    found = read(whole())
    assert_adds_up(found)
    assert (found.truth.first_day, found.truth.last_day) == (day(1), day(31))
    assert found.held == {"WDGT": D(6)}
    assert found.opened_with == {}
    assert found.money == {"EUR": (D(0), D(1000)), "GBP": (D(10), D(8)), "USD": (D(3000), D("1350.5"))}
    assert found.truth.account.provider_account_id == ACCOUNT
    assert len(found.truth.document) == 64


@pytest.mark.parametrize(("since", "before"), list(product([None, *range(19, 25)], [None, *range(20, 26)])))
def test_any_part_of_a_statement_adds_up(since: int | None, before: int | None) -> None:
    found = read(whole(), since=day_or_none(since), before=day_or_none(before))
    if since is None or before is None or since < before:
        assert_adds_up(found)
    first, end = day(since or 1), day(before or 31)
    assert all(first <= activity.booked_on < end for activity in found.activities)


def test_the_days_before_are_the_opening() -> None:
    found = read(whole(), since=day(21))
    assert found.ids == ["ibkr:trade:9002", "ibkr:cash:7001"]
    assert (found.truth.first_day, found.truth.last_day) == (day(21), day(31))
    assert found.opened_with == {"WDGT": (D(10), D(1001))}
    assert found.money["USD"] == (D(899), D("1350.5"))
    assert found.money["EUR"] == (D(1000), D(1000))


def test_the_days_after_are_taken_off_the_end() -> None:
    found = read(whole(), before=day(21))
    assert (found.truth.first_day, found.truth.last_day) == (day(1), day(20))
    assert found.held == {"WDGT": D(10)}
    assert found.opened_with == {}
    assert found.money["USD"] == (D(3000), D(899))


def test_a_window_wider_than_the_statement_does_not_widen_it() -> None:
    found = read(whole(), since=dt.date(2025, 1, 1), before=dt.date(2027, 1, 1))
    assert (found.truth.first_day, found.truth.last_day) == (day(1), day(31))


@pytest.mark.parametrize(
    ("since", "before"),
    [(dt.date(2026, 7, 1), None), (None, dt.date(2026, 1, 1)), (dt.date(2026, 5, 20), dt.date(2026, 5, 20))],
)
def test_a_window_beside_the_statement_is_not_turned_around(
    since: dt.date | None, before: dt.date | None
) -> None:
    found = read(whole(), since=since, before=before)
    assert found.activities == []
    assert all(truth.first_day <= truth.last_day for truth in found.truths)


def test_rejected_records_outside_the_days_are_left_out() -> None:
    text = one_statement(trades(trade(assetCategory="NEW"), sale(assetCategory="NEW")))
    assert list(read(text, since=day(21)).reasons) == ["ibkr:trade:9002"]
    assert list(read(text, before=day(21)).reasons) == ["ibkr:trade:9001"]


def test_a_rejected_record_without_a_day_is_always_told() -> None:
    text = one_statement(trades(trade(dateTime="", tradeDate="", reportDate="")))
    assert list(read(text, since=day(21), before=day(22)).reasons) == ["ibkr:trade:9001"]


def test_a_rejected_trade_is_not_taken_for_an_opening_balance() -> None:
    odd: Row = {"assetCategory": "NEW", "symbol": "ODD", "conid": "77", "isin": ""}
    found = read(
        one_statement(
            trades(trade(**odd, quantity="2", proceeds="-200", netCash="-201", cost="201")),
            positions(position(**odd, position="2", costBasisMoney="201")),
        )
    )
    assert list(found.reasons) == ["ibkr:trade:9001"]
    assert found.opened_with == {}
    assert found.held == {"ODD": D(2)}


def test_history_that_begins_after_the_account_has_an_opening() -> None:
    found = read(one_statement(trades(sale()), positions(position())))
    assert found.opened_with == {"WDGT": (D(10), D("1001"))}


def test_without_positions_nothing_is_said_of_them() -> None:
    truth = read(one_statement(trades(trade()))).truth
    assert (truth.positions, list(truth.opening_positions), truth.cash) == (None, [], None)


def test_cash_that_does_not_say_its_start_starts_where_it_adds_up() -> None:
    text = one_statement(trades(trade()), balances(balance(startingCash="", endingCash="999")))
    assert read(text).money == {"USD": (D(2000), D(999))}


EQUITY = {"accountId": ACCOUNT, "reportDate": "20260531", "currency": "GBP", "cash": "100", "total": "1500.5"}


def test_the_value_belongs_to_the_end_of_the_statement() -> None:
    text = one_statement(
        trades(trade()), section("EquitySummaryInBase", "EquitySummaryByReportDateInBase", EQUITY)
    )
    found = read(text).truth.nav
    assert found is not None
    assert (found.currency, found.total) == ("GBP", D("1500.5"))
    assert read(text, since=day(21)).truth.nav == found
    assert read(text, before=dt.date(2026, 6, 1)).truth.nav == found
    assert read(text, before=day(31)).truth.nav is None


def test_a_statement_without_days_has_those_of_its_records() -> None:
    text = one_statement(trades(trade(), sale()), fromDate=None, toDate=None)
    truth = read(text).truth
    assert (truth.first_day, truth.last_day) == (day(20), day(21))


def test_a_statement_without_any_day_says_nothing() -> None:
    text = one_statement(
        trades(trade(dateTime="", tradeDate="", reportDate="")), positions(position()), fromDate=None
    )
    assert read(text).truths == []


# --- one statement a day ---


def by_day(*numbers: int) -> list[str]:
    """One statement for each day of 20 to 22 May, each with what was held and owned in the evening."""
    events = {20: trades(trade()), 21: trades(sale()), 22: cash_rows(cash())}
    owned = {20: ("3000", "1999"), 21: ("1999", "2438"), 22: ("2438", "2450.5")}
    held = {20: "10", 21: "6", 22: "6"}
    return [
        statement(
            events[number],
            positions(position(position=held[number], reportDate=f"202605{number}")),
            balances(balance(startingCash=owned[number][0], endingCash=owned[number][1])),
            fromDate=f"202605{number}",
            toDate=f"202605{number}",
        )
        for number in numbers
    ]


@pytest.mark.parametrize("numbers", [(20, 21, 22), (22, 21, 20), (21, 22, 20)])
def test_one_statement_a_day_is_one_window(numbers: tuple[int, ...]) -> None:
    found = read(document(*by_day(*numbers)))
    assert_adds_up(found)
    assert (found.truth.first_day, found.truth.last_day) == (day(20), day(22))
    assert found.held == {"WDGT": D(6)}
    assert found.money == {"USD": (D(3000), D("2450.5"))}
    assert found.counts["Trades"] == (2, 2, 0, 0)


@pytest.mark.parametrize(("since", "before"), [(21, None), (None, 22), (21, 22)])
def test_days_can_be_cut_out_of_many_statements(since: int | None, before: int | None) -> None:
    found = read(document(*by_day(20, 21, 22)), since=day_or_none(since), before=day_or_none(before))
    assert_adds_up(found)


def test_files_of_a_day_each_are_truths_of_a_day_each() -> None:
    found = read(document(*by_day(22)), document(*by_day(20)))
    assert [truth.last_day for truth in found.truths] == [day(20), day(22)]
    assert found.ids == ["ibkr:trade:9001", "ibkr:cash:7001"]


def test_of_two_statements_to_one_day_the_later_made_comes_last() -> None:
    early = one_statement(positions(position(position="1")), trades(trade()), whenGenerated="20260601;020000")
    late = one_statement(positions(position(position="2")), trades(trade()), whenGenerated="20260602;020000")
    assert read(late, early).provider.open_positions() == [("WDGT", D(2))]
    assert read(early, late).provider.open_positions() == [("WDGT", D(2))]


# --- what is said twice ---

FIRST_HALF = {"fromDate": "20260501", "toDate": "20260520"}
SECOND_HALF = {"fromDate": "20260519", "toDate": "20260531"}


def said_twice() -> dict[str, str]:
    """The purchase of 20 May twice in one document."""
    end = (positions(position()), balances(balance()))
    whole_month = statement(trades(trade(), sale()), *end)
    early = statement(
        trades(trade()), positions(position(position="10", reportDate="20260520")), **FIRST_HALF
    )
    late = statement(trades(trade(), sale()), *end, **SECOND_HALF)
    return {
        "a row": document(statement(trades(trade(), trade(), sale()), *end)),
        "a section": document(statement(trades(trade()), trades(trade(), sale()), *end)),
        "a statement": document(whole_month, whole_month),
        "overlapping": document(early, late),
        "overlapping, the later first": document(late, early),
    }


@pytest.mark.parametrize("case", list(said_twice()))
def test_a_record_that_is_said_twice_happened_once(case: str) -> None:
    found = read(said_twice()[case])
    assert found.ids == ["ibkr:trade:9001", "ibkr:trade:9002"]
    assert found.opened_with == {}
    assert found.held == {"WDGT": D(6)}
    assert found.money == {"USD": (D(2000), D(1438))}


@pytest.mark.parametrize("since", [21, 22])
@pytest.mark.parametrize("case", list(said_twice()))
def test_nor_does_it_count_twice_among_the_days_before(case: str, since: int) -> None:
    assert_adds_up(read(said_twice()[case], since=day(since)))
    assert_adds_up(read(said_twice()[case], before=day(since - 1)))


def test_what_is_not_booked_is_told_once() -> None:
    odd = trade(assetCategory="NEW")
    found = read(document(statement(trades(odd, odd)), statement(trades(odd))))
    assert [each.external_id for each in found.rejections] == ["ibkr:trade:9001"]
    assert len(read(one_statement(trades(odd)), one_statement(trades(odd))).rejections) == 1


def test_a_row_that_cannot_be_booked_is_told_beside_one_of_its_record_that_can() -> None:
    found = read(
        one_statement(trades(trade(), trade(currency="UNKNOWN")), positions(position(position="10")))
    )
    assert found.ids == list(found.reasons) == ["ibkr:trade:9001"]
    assert found.opened_with == {}


def test_lots_of_a_statement_that_is_there_twice_are_held_once() -> None:
    lots = positions(*[position(levelOfDetail="LOT", position=units) for units in ("2", "4")])
    assert read(document(statement(lots), statement(lots))).held == {"WDGT": D(6)}


def test_the_earliest_statement_says_what_cash_there_was_at_first() -> None:
    quarter = statement(balances(balance(startingCash="5", endingCash="9")), toDate="20260731")
    month = statement(
        balances(balance(startingCash="7", endingCash="8")), fromDate="20260601", toDate="20260630"
    )
    for text in (document(quarter, month), document(month, quarter)):
        assert read(text).money == {"USD": (D(5), D(9))}


# --- who has the last word ---


def dividend(amount: str, *, made: str, until: str = "20260531") -> str:
    return statement(
        cash_rows(cash(amount=amount)),
        balances(balance(startingCash="0", endingCash=amount)),
        whenGenerated=made,
        toDate=until,
    )


LATE, EARLY = ("20260701;020000", "20260531"), ("20260601;090000", "20260630")
SAME_DAY = ("20260601;090000", "20260531"), ("20260601;020000", "20260531")
BY_ZONE = ("20260601;090000 EDT", "20260531"), ("20260601;100000 GMT", "20260531")
SILENT = ("20260601;020000", "20260531"), ("", "20260630")


@pytest.mark.parametrize(("last", "first"), [(LATE, EARLY), SAME_DAY, BY_ZONE, SILENT])
def test_a_record_is_as_the_statement_says_that_was_made_last(
    last: tuple[str, str], first: tuple[str, str]
) -> None:
    new, old = dividend("8.5", made=last[0], until=last[1]), dividend("10", made=first[0], until=first[1])
    for found in (
        read(document(new), document(old)),
        read(document(old), document(new)),
        read(document(old, new)),
        read(document(new, old)),
        read(document(new, dividend("9", made="20260101;000000", until="20260531")), document(old)),
    ):
        assert found.activities[-1].amount == D("8.5")
        assert D(9) not in {activity.amount for activity in found.activities}
        made = found.provider.made_at("ibkr:cash:7001")
        assert made is not None
        assert {truth.made for truth in found.truths} >= {made}
        # What the account held is told by the statement with the latest day all the same.
        ends = {"20260531": D("8.5"), first[1]: D(10)} if first[1] != last[1] else {last[1]: D("8.5")}
        assert (found.truths[-1].cash or ())[0].ending == ends[max(ends)]


def test_when_a_statement_was_made_is_told_in_utc() -> None:
    found = read(document(dividend("1", made="20260601;020000")), zone=dt.timezone(dt.timedelta(hours=9)))
    assert found.provider.made_at("ibkr:cash:7001") == dt.datetime(2026, 5, 31, 17, tzinfo=dt.UTC)
    assert found.provider.made_at("ibkr:cash:7002") is None
    assert found.truth.made == dt.datetime(2026, 5, 31, 17, tzinfo=dt.UTC)


@pytest.mark.parametrize("text", ["", "-", "soon", None])
def test_a_statement_need_not_say_when_it_was_made(text: str | None) -> None:
    found = read(document(statement(trades(trade()), whenGenerated=text)))
    assert found.provider.made_at("ibkr:trade:9001") is None
    assert found.truth.made is None


def test_a_day_that_cannot_be_read_orders_nothing() -> None:
    vague = Edition.of({"fromDate": "someday", "toDate": "20260531"}, Clock())
    assert (vague.first_day, vague.last_day, vague.made) == (None, day(31), None)


def test_what_an_older_statement_could_not_book_is_booked_by_a_newer_one() -> None:
    odd, plain = trade(assetCategory="NEW"), trade()
    old = document(statement(trades(odd), whenGenerated="20260601;020000"))
    new = document(statement(trades(plain), whenGenerated="20260602;020000"))
    found = read(new, old)
    assert found.ids == ["ibkr:trade:9001"]
    assert list(found.rejections) == []


def test_an_older_statement_does_not_say_anew_that_a_record_cannot_be_booked() -> None:
    older = statement(trades(trade(assetCategory="NEW")), whenGenerated="20260601;020000")
    other = statement(trades(sale()), fromDate="20260601", toDate="20260630", whenGenerated="20260701;020000")
    between = document(statement(trades(trade()), whenGenerated="20260615;020000"))
    found = read(between, document(older, other))
    assert found.ids == ["ibkr:trade:9001", "ibkr:trade:9002"]
    assert list(found.rejections) == []


def test_statements_that_do_not_say_their_days_may_say_the_same() -> None:
    old = statement(cash_rows(cash(amount="10")), fromDate="", toDate="", whenGenerated="20260601;020000")
    new = statement(cash_rows(cash(amount="8.5")), fromDate="", toDate="", whenGenerated="20260602;020000")
    assert [activity.amount for activity in read(document(new, old)).activities] == [D("8.5")]


def test_a_number_that_no_account_can_hold_is_a_rejected_row() -> None:
    found = read(one_statement(trades(trade(quantity="1e150")), cash_rows(cash(amount="1e150"))))
    assert found.reasons == {
        "ibkr:trade:9001": "'1e150' is not a number of at most 40 digits",
        "ibkr:cash:7001": "'1e150' is not a number of at most 40 digits",
    }


# --- for any history ---

HISTORY = st.lists(
    st.tuples(st.integers(1, 30), st.decimals(min_value=-20, max_value=20, places=2).filter(bool)), max_size=8
)


@given(HISTORY, st.integers(0, 32), st.integers(0, 32))
def test_any_history_cut_anywhere_adds_up(
    history: list[tuple[int, Decimal]], since: int, before: int
) -> None:
    since, before = sorted((since, before))
    held, owned = D(100), D(5000)
    rows = []
    for number, (when, quantity) in enumerate(history):
        held += quantity
        owned -= quantity * 10 + 1
        date = f"202605{when:02}"
        rows.append(
            trade(
                transactionID=str(number),
                buySell="BUY" if quantity > 0 else "SELL",
                quantity=str(quantity),
                tradePrice="10",
                proceeds=str(-quantity * 10),
                netCash=str(-quantity * 10 - 1),
                tradeDate=date,
                dateTime=f"{date};103000",
                reportDate=date,
            )
        )
    text = one_statement(
        trades(*rows),
        positions(position(position=str(held))),
        balances(balance(startingCash="5000", endingCash=str(owned))),
    )
    first = dt.date(2026, 4, 30)
    found = read(text, since=first + dt.timedelta(since), before=first + dt.timedelta(before))
    for _ in found.truths:
        assert_adds_up(found)
