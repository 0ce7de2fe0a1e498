"""What is told of a record's way."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from broker_sync.changes import Change, Why
from broker_sync.contracts import Rejection
from broker_sync.models import OPENING_BALANCE
from broker_sync.received import Booked, FileSource, LostSource, Receipt, Refused
from broker_sync.report import plain_text
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
from broker_sync.report.explain_id_json import traced_object
from broker_sync.report.explain_id_text import traced_blocks
from tests.archive.samples import START, booked, entry
from tests.storage.samples import buy, deposit

BUY = buy(1)
MOMENT = "2026-06-01 06:30:00 UTC"
LEG = TracedLeg(
    activity=BUY,
    state="confirmed",
    operation="create",
    tracker_id="17",
    reason=None,
    asked=None,
    run=3,
    run_version="1.2",
    run_started_at=START,
    run_outcome="ok",
    updated_at=START,
    tracker=Present(tracker_id="17", activity=BUY, is_as_booked=True),
)
ROW = TracedRow(
    account="U1234567", section="Trades", number=4, raw={"tradeID": "1", "price": "9", "notes": ""}
)
FIRST = TracedStatement(entry=entry(0xABC, verdict=Booked(days=(booked(),))), rows=(ROW,))
RECORD = TracedRecord(
    record_id=BUY.record_id,
    is_opening=False,
    sink="ledger",
    account_id="isa",
    account="U1234567",
    booked_on=BUY.booked_on,
    legs=(LEG,),
    statements=(FIRST,),
)
REJECTED = TracedRejection(
    rejection=Rejection(
        external_id="ibkr:cash:8", section="CashTransactions", reason="unknown", raw={"a": "b"}
    ),
    sink="ledger",
    account_id="isa",
    run=3,
    first_seen=START,
    last_seen=START + dt.timedelta(days=1),
    statements=(),
)


def told(*records: TracedRecord, rejections: tuple[TracedRejection, ...] = ()) -> str:
    return plain_text(traced_blocks(TracedName(asked="x", records=records, rejections=rejections)))


def leg(**changes: object) -> TracedRecord:
    return replace(RECORD, legs=(replace(LEG, **changes),))  # type: ignore[arg-type]


def test_a_record_is_told_from_the_tracker_to_the_row() -> None:
    lines = told(RECORD).splitlines()
    assert [" ".join(line.split()) for line in lines] == [
        "ibkr:trade:1",
        "Booked on 2026-03-03 to ledger, account U1234567 alias isa",
        "activity type date symbol quantity amount state tracker id in the tracker now",
        "ibkr:trade:1 BUY 2026-03-03 09:30:00 VUAG.L 2 201 GBP confirmed 17 as booked",
        f"Run 3 of version 1.2 began {MOMENT} and ended: ok; written down {MOMENT}",
        "",
        f"Statement 000000000000, received {MOMENT} from query 424242, booked",
        "Trades, row 4:",
        "attribute value",
        "tradeID 1",
        "price 9",
    ]


def test_what_the_tracker_has_is_told_in_a_word() -> None:
    other = replace(BUY, quantity=Decimal(3), unit_price=None, fee=None, amount=None)
    for tracker, words in (
        (Present(tracker_id="17", activity=None, is_as_booked=True), "  there\n"),
        (Present(tracker_id="18", activity=None, is_as_booked=False), "  there, as 18\n"),
        (Present(tracker_id="17", activity=other, is_as_booked=False), "  something else\n"),
        (
            Present(tracker_id="17", activity=other, is_as_booked=False),
            "\nibkr:trade:1 is BUY VUAG.L, quantity 3, GBP in ledger now\n",
        ),
        (Absent(), "  not there\n"),
        (NotAsked(reason="it is away"), "  not asked: it is away\n"),
    ):
        assert words in told(leg(tracker=tracker))


def test_what_is_not_settled_or_was_refused_is_told() -> None:
    open_ = told(leg(state="intent", operation="update", asked=deposit(1, "5"), run_outcome=None))
    assert "  asked to update  " in open_
    assert "\nibkr:trade:1 was to become DEPOSIT, amount 5, GBP\n" in open_
    assert " and did not end; " in open_
    refused = told(leg(state="failed", reason="no such symbol", tracker_id=None))
    assert "\nibkr:trade:1 was refused by ledger: no such symbol\n" in refused
    cash = told(leg(activity=deposit(1, "5"), tracker=Absent()))
    assert "DEPOSIT" in cash


def test_rows_of_later_statements_are_told_by_what_changed() -> None:
    same = replace(FIRST, entry=replace(FIRST.entry, receipts=(_from_file(),)))
    changed = TracedStatement(
        entry=entry(2, window=None, verdict=Refused(at=START, reason="x")),
        rows=(replace(ROW, number=9, raw={"tradeID": "1", "price": "8", "new": "n"}),),
    )
    unread = TracedStatement(entry=replace(entry(3, window=None), receipts=(_lost(),)), problem="it is cut.")
    empty = TracedStatement(entry=entry(4))
    text = told(replace(RECORD, statements=(FIRST, same, changed, unread, empty)))
    assert "from file a.xml, booked\nTrades, row 4: the same\n" in text
    assert (
        ", refused\nTrades, row 9: as before but for\nattribute  value\nprice      9 -> 8\nnew         -> n\n"
        in (text)
    )
    assert "from a run that died, not booked\nIt cannot be read: it is cut.\n" in text
    assert f"{4:064x}"[:12] in text
    assert text.count("Statement ") == 4


def test_a_record_that_no_statement_has_is_told_to_be_in_none() -> None:
    assert told(replace(RECORD, statements=(TracedStatement(entry=entry(4)),))).endswith(
        "\nNo statement in the archive has it.\n"
    )


def test_an_opening_balance_is_told_with_the_statement_it_comes_from() -> None:
    opening = replace(
        RECORD,
        is_opening=True,
        account=None,
        legs=(replace(LEG, activity=replace(BUY, subtype=OPENING_BALANCE)),),
        statements=(replace(FIRST, rows=()),),
    )
    text = told(opening)
    assert "to ledger, account isa\n" in text
    assert "\nAn opening balance: no row of a statement" in text
    assert text.endswith("from query 424242, booked\n")


def test_a_rejection_is_told_with_its_reason_and_its_row() -> None:
    text = told(rejections=(REJECTED,))
    assert text.startswith(
        "ibkr:cash:8\nNot booked to ledger, account isa: unknown\n"
        "First met 2026-06-01 06:30:00 UTC, last 2026-06-02 06:30:00 UTC in run 3\n"
        "\nCashTransactions, as it was last read:\nattribute  value\na          b\n"
    )
    assert "\n\nibkr:cash:8\n" in told(RECORD, rejections=(REJECTED,))


def test_a_script_is_told_everything() -> None:
    unasked = replace(LEG, tracker=NotAsked(reason="away"), asked=deposit(1, "5"))
    gone = replace(LEG, tracker=Absent())
    found = replace(LEG, tracker=Present(tracker_id="1", activity=None, is_as_booked=False))
    traced = TracedName(
        asked="17", records=(replace(RECORD, legs=(LEG, unasked, gone, found)),), rejections=(REJECTED,)
    )
    told = traced_object(traced)
    (record,), (rejection,) = told["records"], told["rejections"]
    assert told["asked"] == "17"
    assert (record["account"], record["tracker_account"], record["booked_on"]) == (
        "U1234567", "isa", "2026-03-03",
    )  # fmt: skip
    first = record["activities"][0]
    assert first["content"]["amount"] == "201"
    assert first["tracker"] == {
        "there": True, "tracker_id": "17", "as_booked": True, "content": first["content"],
    }  # fmt: skip
    assert record["activities"][1]["tracker"] == {"there": None, "reason": "away"}
    assert record["activities"][1]["asked"]["amount"] == "5"
    assert record["activities"][2]["tracker"] == {"there": False}
    assert record["activities"][3]["tracker"]["content"] is None
    (statement,) = record["statements"]
    assert statement["rows"] == [{"account": "U1234567", "section": "Trades", "row": 4, "raw": dict(ROW.raw)}]
    assert statement["id"] == f"{0xABC:064x}"
    assert (rejection["record_id"], rejection["reason"], rejection["raw"]) == (
        "ibkr:cash:8",
        "unknown",
        {"a": "b"},
    )


def _from_file() -> Receipt:
    return Receipt(received_at=START, source=FileSource(name="a.xml"))


def _lost() -> Receipt:
    return Receipt(received_at=START, source=LostSource())


def test_what_a_record_said_before_is_told_with_run_and_reason() -> None:
    restated = Change(
        external_id=BUY.external_id,
        record_id=BUY.record_id,
        why=Why.RESTATED,
        old=replace(BUY, quantity=Decimal(3)),
        new=BUY,
    )
    gone = replace(restated, why=Why.VANISHED, new=None)
    past = [
        TracedChange(change=each, content_hash="abc", run=number, at=START)
        for number, each in enumerate((restated, gone), start=4)
    ]
    record = replace(RECORD, legs=(), history=tuple(past))
    text = told(record)
    assert "It is not booked any more." in text
    assert f"{MOMENT}    4  ibkr:trade:1  restated  quantity 3 -> 2" in text
    assert f"{MOMENT}    5  ibkr:trade:1  vanished  removed: activity_type BUY" in text
    assert "What it said before" not in told(RECORD)
    (found,) = traced_object(TracedName(asked="x", records=(record,), rejections=()))["records"]
    assert [(each["run"], each["why"], each["removed"]) for each in found["history"]] == [
        (4, "restated", False),
        (5, "vanished", True),
    ]
    assert found["history"][0]["content"]["quantity"] == "3"
