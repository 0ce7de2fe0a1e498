from __future__ import annotations

from broker_sync.models import SPLIT_ADDS, SPLIT_TAKES, Activity, ActivityType
from tests.tables import for_each

from .builders import D, Row, booked, one_statement, positions, read
from .builders import position as held
from .corporate_rows import action, actions, assert_done_as_told, map_action

SPLIT, ADD, REMOVE = ActivityType.SPLIT, ActivityType.ADD_HOLDING, ActivityType.REMOVE_HOLDING


def only(row: Row) -> Activity:
    (activity,) = booked(map_action(row))
    return activity


def told(about: str, *, leg: str = "WDGT", paper: str = "US0000001001") -> str:
    return f"WDGT(US0000001001) {about} ({leg}, WIDGET INC, {paper})"


# --- one row that says what changed ---


def test_a_split_says_what_it_added_and_its_ratio() -> None:
    split = only(action())
    assert (split.activity_type, split.subtype) == (SPLIT, SPLIT_ADDS)
    assert (split.quantity, split.ratio) == (D(30), D(4))
    assert (split.unit_price, split.amount, split.fee) == (None, None, D(0))
    assert split.comment == told("SPLIT 4 FOR 1")


@for_each(
    ("code", "about", "quantity", "subtype", "ratio"),
    [
        ("FS", "SPLIT 4 FOR 1", "30", SPLIT_ADDS, "4"),
        ("FS", "SPLIT 3 FOR 2", "5", SPLIT_ADDS, "1.5"),
        ("FS", "SPLIT 4 FOR 1", "-30", SPLIT_TAKES, "4"),
        ("FI", "SPLIT 4 FOR 1", "30", SPLIT_ADDS, "4"),
        ("RS", "SPLIT 1 FOR 10", "-90", SPLIT_TAKES, "0.1"),
        ("RS", "SPLIT 1 FOR 10", "90", SPLIT_ADDS, "0.1"),
        ("RS", "SPLIT 1 FOR 1.6", "-3", SPLIT_TAKES, "0.625"),
        ("CC", "SPLIT 1 FOR 10", "-90", SPLIT_TAKES, "0.1"),
        ("CS", "SPLIT 2 FOR 1", "10", SPLIT_ADDS, "2"),
        ("CS", "SPLIT 1 FOR 2", "-5", SPLIT_TAKES, "0.5"),
        ("", "SPLIT 4 FOR 1", "30", SPLIT_ADDS, "4"),
        ("", "SPLIT 1 FOR 10", "-90", SPLIT_TAKES, "0.1"),
    ],
)
def test_the_ratio_is_the_sentences_and_the_direction_the_rows(
    code: str, about: str, quantity: str, subtype: str, ratio: str
) -> None:
    row = action(type=code, description=told(about), quantity=quantity)
    split = only(row)
    assert (split.activity_type, split.subtype, split.ratio) == (SPLIT, subtype, D(ratio))
    assert_done_as_told(row, [split])


def test_a_split_of_fractions_adds_what_the_broker_added() -> None:
    assert only(action(quantity="3.114")).quantity == D("3.114")


def test_a_sentence_without_the_paper_of_the_row_is_one_of_a_whole_split() -> None:
    assert only(action(description="WDGT(US0000001001) SPLIT 4 FOR 1")).ratio == D(4)
    assert only(action(description="WIDGET INC - 4:1 Split")).ratio == D(4)
    assert only(action(description="WIDGET INC", actionDescription=told("SPLIT 4 FOR 1"))).ratio == D(4)


@for_each(
    "changes",
    [
        {"description": told("SPLIT 4 FOR 1", paper="000000100")},
        {"description": told("SPLIT 4 FOR 1", paper="")},
        {"description": "WDGT(1001) SPLIT 4 FOR 1 (WDGT, WIDGET INC, 9X)"},
        {"description": "WDGT(0000X0100) SPLIT 4 FOR 1 (WDGT, WIDGET INC, 9X)", "cusip": "0000X0100"},
        {"description": told("SPLIT 4 FOR 1", paper=""), "isin": ""},
        {"description": told("SPLIT 4 FOR 1", paper=""), "isin": "", "conid": ""},
    ],
)
def test_the_same_paper_under_another_number_is_the_same(changes: dict[str, str | None]) -> None:
    assert only(action(**changes)).activity_type is SPLIT


def test_a_split_taken_back_is_the_inverse() -> None:
    row = action(quantity="-30", code="Ca")
    undone = only(row)
    assert (undone.activity_type, undone.subtype, undone.ratio) == (SPLIT, SPLIT_TAKES, D("0.25"))
    assert undone.comment == f"cancelled: {told('SPLIT 4 FOR 1')}"
    assert_done_as_told(row, [undone])


@for_each(("quantity", "units"), [("-90", (SPLIT, SPLIT_TAKES)), ("90", (SPLIT, SPLIT_ADDS))])
@for_each(("proceeds", "money"), [("12", ActivityType.CREDIT), ("-12", ActivityType.FEE)])
def test_cash_in_lieu_is_not_what_the_split_shares_were_sold_for(
    quantity: str, units: tuple[ActivityType, str], proceeds: str, money: ActivityType
) -> None:
    row = action(type="RS", description=told("SPLIT 1 FOR 10"), quantity=quantity, proceeds=proceeds)
    split, cash = booked(map_action(row))
    assert (split.activity_type, split.subtype) == units
    assert (cash.activity_type, cash.subtype, cash.amount) == (money, "REVERSE_SPLIT", D(12))
    assert_done_as_told(row, [split, cash])


# --- no ratio ---


@for_each(
    ("code", "about", "subtype"),
    [
        ("FS", "SPLIT", "FORWARD_SPLIT"),
        ("RS", "SPLIT", "REVERSE_SPLIT"),
        ("FS", "SPLIT 1 FOR 4", "FORWARD_SPLIT"),
        ("FS", "SPLIT 1 FOR 1", "FORWARD_SPLIT"),
        ("RS", "10:1 REVERSE", "REVERSE_SPLIT"),
        ("RS", "SPLIT 1 FOR 1", "REVERSE_SPLIT"),
        ("CS", "SPLIT 1 FOR 1", "CONTRACT_SPLIT"),
        ("SD", "STOCK DIVIDEND 1 FOR 20", "STOCK_DIVIDEND"),
    ],
)
def test_without_a_ratio_that_fits_units_are_added_or_removed(code: str, about: str, subtype: str) -> None:
    for quantity, kind in (("30", ADD), ("-30", REMOVE)):
        row = action(type=code, description=told(about), quantity=quantity)
        moved = only(row)
        assert (moved.activity_type, moved.subtype, moved.ratio) == (kind, subtype, None)
        assert_done_as_told(row, [moved])


def test_a_ratio_is_never_made_of_quantities() -> None:
    row = action(type="RS", description="WIDGET INC", quantity="-90", value="-1000")
    assert only(row).ratio is None


# --- two rows: one paper goes, another one comes ---


@for_each(
    "changes",
    [
        {"symbol": "WDGT.OLD"},
        {"symbol": "WDGT.NEW"},
        {"symbol": "20260520001800WDGT"},
        {"description": told("SPLIT 4 FOR 1", leg="WDGT.OLD")},
        {"description": told("SPLIT 4 FOR 1", paper="US0000001019"), "isin": "US0000001019"},
        {"description": "WDGT(US0000001001) SPLIT 4 FOR 1", "isin": "US0000001019"},
    ],
)
def test_half_of_a_split_is_not_a_split(changes: dict[str, str | None]) -> None:
    for quantity, kind in (("40", ADD), ("-10", REMOVE)):
        row = action(**{**changes, "quantity": quantity})
        moved = only(row)
        assert (moved.activity_type, moved.subtype, moved.ratio) == (kind, "FORWARD_SPLIT", None)
        assert_done_as_told(row, [moved])


OLD = {"type": "RS", "quantity": "-80", "description": told("SPLIT 1 FOR 8")}
NEW = {
    "type": "RS",
    "quantity": "10",
    "description": told("SPLIT 1 FOR 8", paper="US0000001019"),
    "isin": "US0000001019",
    "conid": "1002",
    "transactionID": "6002",
}


@for_each("symbol", ["WDGT", "WDGTD"])
def test_old_paper_that_still_has_its_symbol_is_known_by_the_new_one(symbol: str) -> None:
    found = read(one_statement(actions(action(**OLD), action(**{**NEW, "symbol": symbol}))))
    gone, come = found.activities
    assert (gone.activity_type, gone.quantity, gone.ratio) == (REMOVE, D(80), None)
    assert (come.activity_type, come.quantity, come.ratio) == (ADD, D(10), None)
    assert gone.instrument != come.instrument
    assert gone.group_id == come.group_id == "ibkr:action:55"


@for_each(
    "other",
    [
        {"symbol": "GDGT"},
        {"symbol": "WDGT", "isin": "US0000001001"},
        {"symbol": "WDGT", "currency": "CAD"},
        {"symbol": "WDGT", "assetCategory": "OPT"},
        {"symbol": "WDGTX"},
    ],
)
def test_paper_beside_it_does_not_halve_a_split(other: dict[str, str]) -> None:
    beside = held(**{"conid": "1002", "isin": "US0000009004", **other})
    found = read(one_statement(actions(action()), positions(held(position="40"), beside)))
    assert [activity.activity_type for activity in found.activities] == [SPLIT]


def test_a_split_that_names_nobody_has_no_successor() -> None:
    row = action(description="WIDGET INC - 4:1 Split")
    beside = held(conid="1002", isin="US0000009004")
    found = read(one_statement(actions(row), positions(held(position="40"), beside)))
    assert [activity.activity_type for activity in found.activities] == [SPLIT]


def test_a_short_position_is_covered_in_the_old_paper_and_opened_in_the_new() -> None:
    rows = [action(**{**OLD, "quantity": "80"}), action(**{**NEW, "quantity": "-10"})]
    found = read(one_statement(actions(*rows)))
    assert [activity.activity_type for activity in found.activities] == [ADD, REMOVE]
