from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.contracts import Rejection
from broker_sync.models import Activity, ActivityType
from broker_sync.providers.ibkr.context import Context
from broker_sync.providers.ibkr.formats import DayOrder
from broker_sync.providers.ibkr.mapping import map_record
from broker_sync.providers.ibkr.records_transfers import Transfer

from . import corpus, rows
from .builders import (
    ACCOUNT,
    WIDGET,
    D,
    Row,
    booked,
    changed,
    context,
    document,
    one_statement,
    position,
    positions,
    read,
    read_as,
    rejected,
    section,
    statement,
    trade,
    trades,
)
from .own_word import ZERO, added, cash_of, told, units_of

IN, OUT = ActivityType.TRANSFER_IN, ActivityType.TRANSFER_OUT

# --- rows ---


def transfer(**changes: str | None) -> Row:
    """10 WDGT that arrive from another broker."""
    return changed(
        {
            "accountId": ACCOUNT,
            **WIDGET,
            "levelOfDetail": "TRANSFER",
            "transactionID": "6001",
            "type": "FOP",
            "direction": "IN",
            "quantity": "10",
            "transferPrice": "0",
            "positionAmount": "1100",
            "cashTransfer": "0",
            "company": "--",
            "deliveringBroker": "0042",
            "account": "77001",
            "accountName": "-",
            "code": "",
            "reportDate": "20260520",
            "date": "20260519",
            "dateTime": "20260519;120000",
            "settleDate": "20260522",
        },
        changes,
    )


def leaving(**changes: str | None) -> Row:
    """10 WDGT that go to another broker."""
    gone = {"direction": "OUT", "quantity": "-10", "positionAmount": "-1100", "transactionID": "6002"}
    return changed(transfer(**gone), changes)


def money(**changes: str | None) -> Row:
    """500 EUR from another account of the same person."""
    moved = {
        "assetCategory": "CASH", "symbol": "--", "conid": "", "isin": "", "currency": "EUR",
        "type": "INTERNAL", "quantity": "0", "positionAmount": "0", "cashTransfer": "500",
        "transactionID": "6003", "description": "TRANSFER FROM U7654321 TO U1234567", "account": "U7654321",
        "deliveringBroker": "",
    }  # fmt: skip
    return changed(transfer(**moved), changes)


def mapped(row: Row, within: Context | None = None) -> list[Activity] | Rejection:
    return map_record("ibkr:transfer:1", "Transfers", Transfer(row), within or context())


def legs(row: Row) -> list[tuple[str, ActivityType, Decimal | None, Decimal | None]]:
    return [
        (leg.external_id.removeprefix("ibkr:transfer:1"), leg.activity_type, leg.quantity, leg.amount)
        for leg in booked(mapped(row))
    ]


def effect(*told_rows: Row) -> Decimal:
    return sum((units_of(booked(mapped(row))) for row in told_rows), ZERO)


def reason(row: Row) -> str:
    return rejected(mapped(row)).reason


# --- units ---


def test_units_that_arrive_say_what_whence_and_when() -> None:
    (arrived,) = booked(mapped(transfer(transferPrice="87.5")))
    assert (arrived.activity_type, arrived.quantity, arrived.unit_price) == (IN, D(10), D("87.5"))
    assert (arrived.symbol, arrived.currency, arrived.subtype) == ("WDGT", "USD", "FOP")
    assert (arrived.amount, arrived.fee, arrived.group_id) == (None, D(0), None)
    assert (arrived.external_id, arrived.record_id) == ("ibkr:transfer:1", "ibkr:transfer:1")
    assert (arrived.booked_on, arrived.date.hour) == (dt.date(2026, 5, 20), 12)
    assert arrived.comment == "0042, 77001"
    assert arrived.instrument is not None
    assert (arrived.account_id, arrived.instrument.conid) == ("tracker-1", "1001")
    assert cash_of([arrived]) == {}


@pytest.mark.parametrize("kind", ["INTERNAL", "ACATS", "ATON", "FOP", "OTC", "INTERCOMPANY", "DRS", None])
def test_every_kind_of_transfer_moves_its_units(kind: str | None) -> None:
    assert effect(transfer(type=kind)) == 10
    assert effect(leaving(type=kind)) == -10
    assert booked(mapped(transfer(type=kind)))[0].subtype == kind


@pytest.mark.parametrize("price", ["0", "", "--", None, "-1"])
def test_a_price_that_is_not_told_is_not_zero(price: str | None) -> None:
    assert booked(mapped(transfer(transferPrice=price)))[0].unit_price is None


def test_a_delivery_taken_back_and_made_again_counts_once() -> None:
    sent = leaving(quantity="-58", positionAmount="-2682.5", transactionID="1")
    taken_back = leaving(quantity="58", positionAmount="2682.5", code="Ca", transactionID="2")
    sent_again = leaving(quantity="-58", positionAmount="-2765.44", transactionID="3")
    assert effect(sent, taken_back) == 0
    assert effect(sent, taken_back, sent_again) == -58


def test_a_reversal_is_one_even_where_its_code_was_not_ticked() -> None:
    assert effect(leaving(quantity="58", positionAmount="2682.5", code=None)) == 58


def test_a_receipt_taken_back_counts_nothing() -> None:
    assert effect(transfer(), transfer(quantity="-10", positionAmount="-1100", code="Ca")) == 0


def test_a_short_position_arrives_negative_and_leaves_positive() -> None:
    arrives = transfer(quantity="-3", positionAmount="-7434")
    leaves = leaving(quantity="3", positionAmount="7434")
    assert [effect(arrives), effect(leaves)] == [-3, 3]
    assert legs(arrives) == [("", OUT, D(3), None)]
    assert legs(leaves) == [("", IN, D(3), None)]


@pytest.mark.parametrize("worth", [None, "", "--", "-1100"])
def test_a_quantity_out_without_a_sign_leaves_where_nothing_else_has_one(worth: str | None) -> None:
    assert effect(leaving(quantity="10", positionAmount=worth)) == -10


@pytest.mark.parametrize("contradiction", [{"code": "Ca"}, {"positionAmount": "0"}, {"positionAmount": "1"}])
def test_a_quantity_out_without_a_sign_arrives_where_another_word_says_so(
    contradiction: dict[str, str | None],
) -> None:
    assert effect(leaving(**{"quantity": "10", "positionAmount": None, **contradiction})) == 10


@pytest.mark.parametrize("direction", ["IN", "-", "", None])
def test_only_out_turns_a_quantity_without_a_sign(direction: str | None) -> None:
    assert effect(transfer(direction=direction, positionAmount=None)) == 10
    assert effect(transfer(direction=direction, positionAmount=None, quantity="-10")) == -10


# --- money ---


def test_money_that_arrives_has_no_share() -> None:
    (arrived,) = booked(mapped(money()))
    assert (arrived.activity_type, arrived.amount, arrived.currency) == (IN, D(500), "EUR")
    assert (arrived.quantity, arrived.instrument, arrived.symbol) == (None, None, None)
    assert (arrived.external_id, arrived.record_id) == ("ibkr:transfer:1", "ibkr:transfer:1")
    assert (arrived.subtype, arrived.group_id, arrived.booked_on) == ("INTERNAL", None, dt.date(2026, 5, 20))
    assert arrived.comment == "TRANSFER FROM U7654321 TO U1234567, U7654321"


@pytest.mark.parametrize("direction", ["IN", "OUT"])
@pytest.mark.parametrize("amount", ["-305947.84", "7000", "0"])
def test_the_sign_of_the_money_is_its_direction(direction: str, amount: str) -> None:
    row = money(direction=direction, cashTransfer=amount)
    assert cash_of(booked(mapped(row))) == added([("EUR", D(amount))])


def test_units_and_money_of_one_row_are_two_legs() -> None:
    row = transfer(cashTransfer="-12.5", type="ACATS")
    assert legs(row) == [("", IN, D(10), None), (":cash", OUT, None, D("12.5"))]
    assert {leg.record_id for leg in booked(mapped(row))} == {"ibkr:transfer:1"}
    assert cash_of(booked(mapped(row))) == {"USD": D("-12.5")}
    assert effect(row) == 10


def test_money_without_an_asset_class_is_money_still() -> None:
    row = money(assetCategory=None, cashTransfer="-7000")
    assert legs(row) == [("", OUT, None, D(7000))]


def test_money_is_not_counted_as_units_too() -> None:
    assert legs(money(quantity="500", symbol="EUR")) == [("", IN, None, D(500))]


def test_both_accounts_of_an_internal_transfer_come_to_nothing() -> None:
    there = money(
        accountId="U7654321", account=ACCOUNT, direction="OUT", cashTransfer="-500", transactionID="6004"
    )
    text = document(
        statement(section("Transfers", "Transfer", money())),
        statement(section("Transfers", "Transfer", there), accountId="U7654321"),
    )
    ours, theirs = read_as(ACCOUNT, text).activities, read_as("U7654321", text).activities
    assert cash_of(ours) == {"EUR": D(500)}
    assert cash_of(theirs) == {"EUR": D(-500)}


# --- when ---


@pytest.mark.parametrize(
    ("missing", "day"),
    [((), 20), (("reportDate",), 19), (("reportDate", "date"), 18), (("reportDate", "date", "dateTime"), 22)],
)
def test_the_day_is_the_first_that_is_told(missing: tuple[str, ...], day: int) -> None:
    row = {name: text for name, text in transfer(dateTime="20260518;100000").items() if name not in missing}
    assert booked(mapped(row))[0].booked_on == dt.date(2026, 5, day)


def test_the_hour_counts_on_the_day_of_booking_only() -> None:
    row = money(reportDate="20260519", dateTime="20260519;034034")
    assert booked(mapped(row))[0].date == dt.datetime(2026, 5, 19, 7, 40, 34, tzinfo=dt.UTC)


# --- what is transferred ---

BARE: dict[str, str | None] = {"conid": None, "isin": None, "currency": None, "assetCategory": None}


def within(*held: Row) -> Context:
    known = context()
    for row in held:
        known.directory.resolve(row)
    return known


def test_a_row_without_numbers_means_what_the_rest_of_the_document_calls_so() -> None:
    (arrived,) = booked(mapped(transfer(**BARE), within(position(), position(symbol="OTHR", conid="2"))))
    assert arrived.instrument is not None
    assert (arrived.instrument.conid, arrived.currency) == ("1001", "USD")


def test_an_isin_is_a_better_name_than_a_ticker() -> None:
    row = transfer(conid=None, symbol="OLD")
    (arrived,) = booked(
        mapped(row, within(position(), position(isin="US0000001002", symbol="OLD", conid="2")))
    )
    assert arrived.instrument is not None
    assert arrived.instrument.conid == "1001"


def test_the_brokers_number_is_a_better_name_than_either() -> None:
    known = within(position(), position(isin="US0000001002", symbol="OLD", conid="2"))
    (arrived,) = booked(mapped(transfer(isin=None, symbol="OLD"), known))
    assert arrived.instrument is not None
    assert arrived.instrument.conid == "1001"


def test_one_name_in_two_currencies_is_told_apart_by_the_currency() -> None:
    known = within(position(), position(conid="1002", currency="GBP"))
    (arrived,) = booked(mapped(transfer(conid=None, currency="GBP"), known))
    assert arrived.instrument is not None
    assert arrived.instrument.conid == "1002"
    assert rejected(mapped(transfer(**BARE), known)).reason == (
        "nothing in the document says in which currency WDGT is dealt"
    )


def test_a_row_that_names_its_currency_needs_nobody_else() -> None:
    (arrived,) = booked(mapped(transfer(conid=None, isin=None)))
    assert arrived.instrument is not None
    assert (arrived.instrument.key, arrived.currency) == ("symbol:WDGT:USD", "USD")


def test_a_known_number_lends_its_currency() -> None:
    row = transfer(currency="--")
    assert booked(mapped(row, within(position())))[0].currency == "USD"
    found = read(one_statement(section("Transfers", "Transfer", row), trades(trade(currency="CHF"))))
    assert found.activities[0].currency == "CHF"


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (transfer(**BARE), "nothing in the document says in which currency WDGT is dealt"),
        (transfer(currency="GBX"), "the currency 'GBX' is not one that an account can hold"),
        (money(currency=None), "the row has no currency"),
        (transfer(conid="", isin="", symbol="--"), "the row moves units and names no instrument"),
        (transfer(quantity=None), "the row says neither how many units nor how much money it moves"),
        (transfer(quantity="0"), "the row says neither how many units nor how much money it moves"),
        (money(cashTransfer=None), "the row says neither how many units nor how much money it moves"),
        (transfer(quantity="ten"), "'ten' is not a number"),
        (
            transfer(reportDate="", date="", dateTime="", settleDate=""),
            "the row has neither reportDate nor date nor dateTime nor settleDate",
        ),
    ],
)
def test_a_row_that_does_not_say_enough_is_not_booked(row: Row, text: str) -> None:
    outcome = rejected(mapped(row))
    assert outcome.reason == text
    assert outcome.raw == row


# --- in a document ---


def test_lots_beside_a_transfer_take_it_apart() -> None:
    lots = section("Transfers", "TransferLot", transfer(quantity="4"), transfer(quantity="6"))
    whole = section("Transfers", "Transfer", transfer())
    found = read(one_statement(whole, lots, positions(position(position="10"))))
    assert found.counts["Transfers"] == (3, 1, 2, 0)
    assert found.ids == ["ibkr:transfer:6001"]
    assert found.opened_with == {}


def test_a_transfer_explains_a_position() -> None:
    found = read(
        one_statement(section("Transfers", "Transfer", leaving()), positions(position(position="6")))
    )
    assert found.opened_with["WDGT"][0] == 16


# --- whatever the row ---


def units_told(raw: Row) -> Decimal:
    """The units by the broker's sign; without any sign, by the direction."""
    quantity = told(raw, "quantity")
    if quantity is None or raw.get("assetCategory") == "CASH":
        return ZERO
    worth = told(raw, "positionAmount")
    unsigned = quantity > 0 and (worth is None or worth < 0) and "Ca" not in raw.get("code", "").split(";")
    return -quantity if unsigned and raw.get("direction") == "OUT" else quantity


def assert_moved_as_told(raw: Row, activities: list[Activity]) -> None:
    assert units_of(activities) == units_told(raw), raw
    assert cash_of(activities) == added([(raw.get("currency", ""), told(raw, "cashTransfer") or ZERO)]), raw


SIGNED = st.tuples(rows.SIZES, st.sampled_from([1, -1])).map(lambda pair: rows.plain(pair[0] * pair[1]))


@st.composite
def transfers(draw: st.DrawFn) -> Row:
    make = draw(st.sampled_from([transfer, leaving, money]))
    row = make(
        currency=draw(rows.CURRENCIES),
        direction=draw(st.sampled_from(["IN", "OUT", "-"])),
        cashTransfer=draw(st.one_of(SIGNED, st.just("0"))),
        code=draw(st.sampled_from(["", "Ca", "P;Ca"])),
        reportDate=draw(st.one_of(rows.DAYS, rows.NULLS)),
    )
    if row["assetCategory"] != "CASH":
        row["quantity"] = draw(SIGNED)
        row["positionAmount"] = draw(st.one_of(SIGNED, st.just("0"), rows.NULLS))
    return row


@given(transfers())
def test_a_booked_transfer_does_what_it_says(row: Row) -> None:
    assert_moved_as_told(row, booked(mapped(row)))


@pytest.mark.parametrize("row", [transfer(), leaving(), money()])
def test_no_text_in_any_column_does_worse_than_a_rejection(row: Row) -> None:
    for spoilt in rows.spoilt(row):
        outcome = mapped(spoilt)
        if isinstance(outcome, Rejection):
            assert outcome.raw == spoilt
        else:
            assert cash_of(outcome).keys() <= {spoilt["currency"]}


# --- other people's statements ---


def others() -> Iterator[Row]:
    for name in corpus.readable():
        for row in corpus.tree(name).iter("Transfer"):
            yield dict(row.attrib)


@pytest.mark.corpus
def test_every_transfer_of_the_corpus_does_what_it_says() -> None:
    refused = 0
    for raw in others():
        outcome = map_record("ibkr:x:1", "Transfers", Transfer(raw, DayOrder.MONTH_FIRST), context())
        if isinstance(outcome, Rejection):
            # A made-up row that names neither currency nor number, of a share that is in no other row.
            assert outcome.reason == "nothing in the document says in which currency TSLA is dealt"
            refused += 1
        else:
            assert_moved_as_told(raw, outcome)
    assert refused == 1


@pytest.mark.corpus
def test_the_deliveries_of_the_corpus_come_to_what_was_delivered() -> None:
    delivered = [units_told(raw) for raw in others() if raw.get("symbol") == "VWO"]
    assert sorted(delivered) == [-58, -58, 58]
    assert sum(units_told(raw) for raw in others() if raw.get("symbol") == "GME") == 0
