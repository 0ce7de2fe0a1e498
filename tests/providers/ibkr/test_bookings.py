from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from broker_sync.models import ActivityType
from broker_sync.providers.ibkr.sections import BOOKED, RECORD_KINDS, SECTIONS, Use

from .builders import (
    ACCOUNT,
    D,
    Row,
    account_information,
    cash,
    cash_rows,
    conversion,
    document,
    element,
    one_statement,
    position,
    positions,
    read,
    read_as,
    sale,
    section,
    statement,
    trade,
    trades,
)


def test_records_are_booked_in_the_order_of_the_file() -> None:
    found = read(one_statement(trades(sale(), conversion(), trade()), cash_rows(cash())))
    assert found.ids == [
        "ibkr:trade:9002", "ibkr:trade:9003:out", "ibkr:trade:9003:in", "ibkr:trade:9003:fee",
        "ibkr:trade:9001", "ibkr:cash:7001",
    ]  # fmt: skip
    assert found.rejections == []


# --- what says again what the records say ---


@pytest.mark.parametrize("tag", ["Order", "SymbolSummary", "AssetSummary", "Lot", "WashSale", "Somersault"])
def test_rows_beside_the_executions_are_not_booked(tag: str) -> None:
    beside = element(tag, trade(levelOfDetail=tag.upper(), transactionID="5"))
    found = read(one_statement(f"<Trades>{element('Trade', trade())}{beside}</Trades>"))
    assert found.ids == ["ibkr:trade:9001"]
    assert found.counts == {"Trades": (2, 1, 1, 0)}


@pytest.mark.parametrize(
    "level", ["ORDER", "SYMBOL_SUMMARY", "ASSET_SUMMARY", "CLOSED_LOT", "WASH_SALE", "LOT"]
)
def test_a_trade_of_another_level_of_detail_is_not_booked(level: str) -> None:
    found = read(one_statement(trades(trade(), trade(levelOfDetail=level, transactionID="5"))))
    assert found.ids == ["ibkr:trade:9001"]
    assert found.counts == {"Trades": (2, 1, 1, 0)}


@pytest.mark.parametrize("level", [None, "", "EXECUTION", "Execution"])
def test_a_trade_without_a_level_is_an_execution(level: str | None) -> None:
    assert read(one_statement(trades(trade(levelOfDetail=level)))).ids == ["ibkr:trade:9001"]


@pytest.mark.parametrize(
    "marks",
    [
        {"levelOfDetail": "SUMMARY", "transactionID": "", "accountId": "-"},
        {"levelOfDetail": "SUMMARY", "transactionID": "", "accountId": ACCOUNT},
        {"levelOfDetail": None, "transactionID": "", "accountId": "-"},
    ],
)
def test_sums_beside_the_cash_rows_are_not_booked(marks: dict[str, str | None]) -> None:
    found = read(one_statement(cash_rows(cash(), cash(**marks, amount="99"))))
    assert found.ids == ["ibkr:cash:7001"]
    assert found.counts == {"CashTransactions": (2, 1, 1, 0)}


def test_sums_beside_the_corporate_actions_are_not_rejected() -> None:
    action: Row = {
        "accountId": ACCOUNT,
        "transactionID": "3",
        "levelOfDetail": "DETAIL",
        "reportDate": "20260520",
    }
    summed: Row = {"accountId": "-", "transactionID": "", "levelOfDetail": "SUMMARY"}
    found = read(one_statement(section("CorporateActions", "CorporateAction", action, summed)))
    assert list(found.reasons) == ["ibkr:corporate-action:3"]
    assert found.counts == {"CorporateActions": (2, 0, 1, 1)}


# --- nothing is lost in silence ---


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_every_row_of_every_section_is_accounted_for(name: str) -> None:
    tag = BOOKED.get(name, "Row")
    row: Row = {"accountId": ACCOUNT, "transactionID": "1", "reportDate": "20260520", "levelOfDetail": ""}
    other = "" if name == "Trades" else trades(trade())
    found = read(one_statement(section(name, tag, row, row), other))
    rows, booked, informational, rejected = found.counts[name]
    assert rows == 2 == booked + informational + rejected
    assert booked == 0
    assert informational == 2 or SECTIONS[name] not in {Use.INFORMATIONAL, Use.REFERENCE}
    assert rejected == 2 or SECTIONS[name] is not Use.NOT_YET
    assert rejected == 2 or name not in {"Trades", "CashTransactions"}


@pytest.mark.parametrize("name", sorted(name for name, use in SECTIONS.items() if use is Use.NOT_YET))
def test_a_section_not_booked_yet_is_a_named_rejection_with_its_row(name: str) -> None:
    raw: Row = {"accountId": ACCOUNT, "transactionID": "31", "reportDate": "20260520", "amount": "5"}
    (rejection,) = read(one_statement(section(name, "Row", raw))).rejections
    assert rejection.external_id == f"ibkr:{RECORD_KINDS[name]}:31"
    assert rejection.reason == f"the section {name} is not booked yet"
    assert (rejection.raw, rejection.booked_on) == (raw, dt.date(2026, 5, 20))


def test_a_section_nobody_knows_is_a_named_rejection() -> None:
    raw: Row = {"accountId": ACCOUNT, "date": "2026-05-20", "surprise": "yes"}
    found = read(one_statement(section("MutualFundDividendDetails", "MutualFundDividendDetail", raw)))
    (rejection,) = found.rejections
    assert rejection.external_id.startswith("ibkr:MutualFundDividendDetails:h:")
    assert rejection.reason == "the section MutualFundDividendDetails is not known"
    assert rejection.raw == raw
    assert found.counts == {"MutualFundDividendDetails": (1, 0, 0, 1)}


def test_a_section_of_one_element_is_not_swallowed() -> None:
    found = read(one_statement(trades(trade()), '<NewLevy accountId="U1234567" amount="-5" currency="USD"/>'))
    assert found.counts.get("NewLevy") == (1, 0, 0, 1)
    assert any("NewLevy" in reason for reason in found.reasons.values())


def test_columns_nobody_knows_change_nothing() -> None:
    plain = read(one_statement(trades(trade()), cash_rows(cash())))
    strange = read(one_statement(trades(trade(newColumn="x")), cash_rows(cash(newColumn="y"))))
    assert strange.activities == plain.activities


def test_a_section_with_attributes_keeps_its_rows() -> None:
    assert read(one_statement(trades(trade()).replace("<Trades>", '<Trades foo="1">'))).ids == [
        "ibkr:trade:9001"
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (trade(assetCategory="MARS"), "trades of asset category MARS are not known"),
        (trade(currency="UNKNOWN"), "the currency 'UNKNOWN' is not one that an account can hold"),
        (trade(dateTime="soon"), "'soon' is not a date or a date with time"),
        (trade(quantity="ten"), "'ten' is not a number"),
        (trade(ibCommission="free"), "'free' is not a number"),
    ],
)
def test_one_bad_row_costs_no_other(row: Row, reason: str) -> None:
    found = read(one_statement(trades(sale(), row, conversion())))
    assert found.reasons == {"ibkr:trade:9001": reason}
    assert found.rejections[0].raw == row
    assert found.counts == {"Trades": (3, 2, 0, 1)}


def test_an_order_type_or_code_nobody_knows_changes_nothing() -> None:
    row = trade(orderType="SNAPMID", notes="IPO;FPA;Zz", transactionType="Quantum")
    assert read(one_statement(trades(row))).ids == ["ibkr:trade:9001"]


@pytest.mark.parametrize(
    "column", ["quantity", "tradePrice", "ibCommission", "proceeds", "dateTime", "conid"]
)
def test_a_column_of_another_row_shape_is_read_by_its_name(column: str) -> None:
    reordered = {column: trade()[column], **trade(transactionID="5")}
    found = read(one_statement(trades(trade(), reordered, trade(transactionID="6"))))
    assert found.ids == ["ibkr:trade:9001", "ibkr:trade:5", "ibkr:trade:6"]
    assert len({(activity.quantity, activity.amount) for activity in found.activities}) == 1


# --- instruments ---


def test_a_fill_in_the_dark_belongs_to_the_shares_home() -> None:
    fill = trade(listingExchange="", exchange="DARK", currency="GBP", ibCommissionCurrency="GBP")
    found = read(one_statement(trades(fill), positions(position(listingExchange="LSE", currency="GBP"))))
    assert found.activities[0].symbol == "WDGT.L"
    assert found.held == {"WDGT.L": D(6)}


def test_a_share_known_only_by_its_dividend_is_dealt_in_the_dividends_currency() -> None:
    row = cash(listingExchange=None, currency="GBP")
    (dividend,) = read(one_statement(cash_rows(row))).activities
    assert dividend.instrument is not None
    assert (dividend.symbol, dividend.instrument.currency) == ("WDGT.L", "GBP")


def test_a_share_known_by_its_security_info_too_keeps_the_dividends_currency() -> None:
    info = {"conid": "1001", "symbol": "WDGT", "assetCategory": "STK", "isin": "US0000001001"}
    found = read(one_statement(cash_rows(cash()), section("SecuritiesInfo", "SecurityInfo", info)))
    assert found.activities[0].instrument is not None
    assert found.activities[0].instrument.currency == "USD"


def test_what_was_paid_is_not_the_name_of_the_share() -> None:
    found = read(one_statement(trades(trade(description="WIDGET INC")), cash_rows(cash())))
    assert {item.instrument.name for item in found.activities if item.instrument} == {"WIDGET INC"}
    (dividend,) = read(one_statement(cash_rows(cash()))).activities
    assert dividend.instrument is not None
    assert dividend.instrument.name is None


# --- identity through a whole document ---

NAMELESS = {"transactionID": "", "tradeID": "", "ibExecID": ""}


def test_twins_are_both_booked() -> None:
    found = read(one_statement(trades(trade(**NAMELESS), trade(**NAMELESS))))
    assert len(set(found.ids)) == 2
    assert found.counts == {"Trades": (2, 2, 0, 0)}


@pytest.mark.parametrize("nothing", ["", "-", "--", "N/A"])
def test_a_dash_is_nobodys_number(nothing: str) -> None:
    found = read(one_statement(trades(trade(transactionID=nothing), sale(transactionID=nothing))))
    assert found.ids == ["ibkr:trade:8001", "ibkr:trade:8002"]


def test_the_same_record_has_the_same_id_in_an_overlapping_statement() -> None:
    monday = [trade(**NAMELESS, reportDate="20260518") for _ in range(2)]
    tuesday = [trade(**NAMELESS, reportDate="20260519") for _ in range(2)]
    paid = cash(transactionID="")
    early = read(one_statement(trades(*monday, *tuesday), cash_rows(paid)))
    late = read(one_statement(trades(*tuesday, sale()), cash_rows(paid)))
    assert early.ids[2:] == [*late.ids[:2], late.ids[3]]
    assert len(set(early.ids)) == 5


def test_twins_on_days_in_several_parts_are_counted_within_their_day() -> None:
    days = [
        statement(trades(*(trade(**NAMELESS, reportDate=day) for _ in range(2))), fromDate=day, toDate=day)
        for day in ("20260518", "20260519")
    ]
    both, second = read(document(*days)), read(document(days[1]))
    assert len(set(both.ids)) == 4
    assert both.ids[2:] == second.ids


def test_a_trade_booked_again_in_the_next_days_part_is_another_record() -> None:
    first = trade(transactionID="", reportDate="20260518")
    again = trade(transactionID="", reportDate="20260519", quantity="11", proceeds="-1100", netCash="-1101")
    found = read(
        document(
            statement(trades(first), fromDate="20260518", toDate="20260518"),
            statement(trades(again), fromDate="20260519", toDate="20260519"),
        )
    )
    assert len(set(found.ids)) == 2


# --- several accounts ---


def test_only_the_rows_of_the_account_are_booked() -> None:
    text = document(
        statement(trades(trade(), trade(accountId="U2", transactionID="5")), cash_rows(cash(accountId="U2"))),
        statement(trades(sale(accountId=None)), accountId="U2"),
    )
    assert read_as(ACCOUNT, text).ids == ["ibkr:trade:9001"]
    assert read_as("U2", text).ids == ["ibkr:trade:5", "ibkr:cash:7001", "ibkr:trade:9002"]


# --- dates ---


def test_formats_may_be_mixed_within_a_file() -> None:
    stamps = [
        "20260520;103000",
        "2026-05-20 10:30:00",
        "20-May-26, 103000",
        "2026-05-2010:30:00",
        "20260520 103000",
    ]
    found = read(
        one_statement(
            trades(
                *(
                    trade(transactionID=str(number), dateTime=stamp, tradeDate=None, reportDate=None)
                    for number, stamp in enumerate(stamps)
                )
            )
        )
    )
    assert {activity.date for activity in found.activities} == {
        dt.datetime(2026, 5, 20, 14, 30, tzinfo=dt.UTC)
    }
    assert len(found.activities) == len(stamps)


def test_slashes_that_come_too_late_to_be_weighed_are_rejected_not_guessed() -> None:
    early = [trade(transactionID=str(number)) for number in range(300)]
    late = trade(transactionID="late", tradeDate="05/06/2026", dateTime="05/06/2026;101500")
    found = read(one_statement(trades(*early, late)))
    assert len(found.activities) == 300
    assert list(found.reasons) == ["ibkr:trade:late"]


def test_what_the_account_says_of_itself_is_not_a_record() -> None:
    found = read(one_statement(account_information(), trades(trade())))
    assert [activity.activity_type for activity in found.activities] == [ActivityType.BUY]


def test_a_split_does_not_change_what_was_paid_before_the_window() -> None:
    split = {
        "accountId": "U1234567",
        "currency": "USD",
        "assetCategory": "STK",
        "symbol": "WDGT",
        "conid": "1001",
        "isin": "US0000001001",
        "description": "WDGT(US0000001001) SPLIT 4 FOR 1 (WDGT, WIDGET INC, US0000001001)",
        "reportDate": "20260520",
        "dateTime": "20260519;202500",
        "quantity": "30",
        "proceeds": "0",
        "type": "FS",
        "transactionID": "31",
    }
    held = positions(position(position="40", costBasisMoney="1000"))
    found = read(one_statement(section("CorporateActions", "CorporateAction", split), held))
    assert found.opened_with == {"WDGT": (Decimal(10), Decimal(1000))}
