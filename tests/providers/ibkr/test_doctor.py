"""The doctor says what a query lacks and what that costs, the worst first, and what to tick."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from broker_sync.providers.ibkr import Document, StatementRefusedError
from broker_sync.providers.ibkr.admission import admit
from broker_sync.providers.ibkr.doctor import Refusal, examine
from broker_sync.providers.ibkr.doctor_facts import Facts, Format, format_of, gather
from broker_sync.providers.ibkr.doctor_visit import diagnose
from broker_sync.providers.ibkr.query_fields import Level
from broker_sync.providers.ibkr.query_spec import QUERY, RATES, spec_of
from broker_sync.providers.ibkr.statement import groups
from broker_sync.report.diagnosis import Diagnosis, Severity
from tests.tables import for_each

from . import corpus
from .builders import (
    ACCOUNT,
    HEAD,
    Row,
    Text,
    account_information,
    balance,
    balances,
    cash,
    cash_rows,
    changed,
    conversion,
    document,
    element,
    one_statement,
    position,
    positions,
    section,
    statement,
    trade,
    trades,
)

REFUSED, HARMFUL, MISSING = Severity.REFUSED, Severity.HARMFUL, Severity.MISSING
ADVICE, FINE = Severity.ADVICE, Severity.FINE
WINDOW: dict[str, str | None] = {"fromDate": "20260302", "toDate": "20260531"}
ALL_TRADE: Row = {**trade(), "accruedInt": "0", "description": "WIDGET"}
ALL_CASH: Row = {**cash(), "multiplier": "1"}
ALL_POSITION: Row = {**position(), "model": "", "description": "WIDGET"}


def seen(text: str) -> Diagnosis:
    """What the doctor says, without asking whether a sync would take it."""
    return examine(gather(groups([text.encode()])), document="statement.xml")


def told(found: Diagnosis, severity: Severity) -> list[tuple[str, str]]:
    return [(finding.place, finding.text) for finding in found.having(severity)]


def of(found: Diagnosis, place: str, severity: Severity) -> list[str]:
    return [text for where, text in told(found, severity) if where == place]


def ticks(found: Diagnosis) -> dict[str, list[str]]:
    return {" > ".join(tick.path): list(tick.choices) for tick in found.ticks}


def missing_sections(found: Diagnosis) -> list[str]:
    return [each.place for each in found.findings if each.text.startswith("without it, ")]


def whole(spec_name: str) -> str:
    """A section with one row that has every field."""
    spec = spec_of(spec_name)
    assert spec is not None
    own = {"Trades": ALL_TRADE, "CashTransactions": ALL_CASH, "OpenPositions": ALL_POSITION}
    texts = {"accountId": ACCOUNT, "currency": "USD", "date": "20260520", "reportDate": "20260520"}
    row = own.get(
        spec_name, {each.name: texts[each.name] if each.name in texts else "1" for each in spec.fields}
    )
    if spec.name == "AccountInformation":
        return account_information(acctAlias="Mine", dateOpened="20200102")
    return section(spec.name, spec.row, row)


def complete(*others: str, **changes: str | None) -> str:
    """A statement of a query that lacks nothing."""
    sections = [whole(spec.name) for spec in QUERY]
    return one_statement(*sections, *others, **{**WINDOW, **changes})


# --- a query that is as it should be ---


def test_a_complete_query_lacks_nothing() -> None:
    found = seen(complete())
    assert [finding for finding in found.findings if finding.severity in {REFUSED, HARMFUL, MISSING}] == []
    assert found.ticks == []
    ((place, text),) = told(found, ADVICE)
    assert place == "Include Canceled Trades?"
    assert text.startswith("no statement shows this setting: choose Yes, so that a trade that was taken back")


def test_what_is_complete_is_named_with_its_rows() -> None:
    ((place, text),) = told(seen(complete()), FINE)
    assert (place, text.startswith("complete, with their rows: Account Information (1), Trades (1), ")) == (
        "Sections",
        True,
    )


def test_account_and_window_are_those_of_the_statement() -> None:
    found = seen(complete())
    assert (found.document, found.accounts) == ("statement.xml", [ACCOUNT])
    assert found.window == (dt.date(2026, 3, 2), dt.date(2026, 5, 31))
    assert (found.rows["Trades"], found.rows["AccountInformation"]) == (1, 1)
    assert found.page == "Performance & Reports > Flex Queries"


# --- sections ---


def test_a_section_that_is_missing_is_named_with_what_that_costs() -> None:
    found = seen(one_statement(whole("Trades")))
    (cash_gone,) = of(found, "Cash Report", MISSING)
    assert cash_gone.startswith("without it, cash cannot be reconciled")
    (positions_gone,) = of(found, "Open Positions", HARMFUL)
    assert positions_gone.startswith("without it, positions cannot be reconciled")


def test_every_section_that_matters_is_missed() -> None:
    found = seen(one_statement(section("ChangeInNAV", "X", {"a": "1"})))
    needed = [spec.label for spec in QUERY if spec.level is not Level.OPTIONAL]
    assert sorted(missing_sections(found)) == sorted(needed)
    harmful = {finding.section for finding in found.having(HARMFUL)}
    assert harmful == {spec.name for spec in QUERY if spec.level is Level.REQUIRED}


def test_what_only_some_accounts_need_is_one_line() -> None:
    found = seen(one_statement(whole("Trades")))
    (line,) = [text for text in of(found, "Sections", ADVICE) if text.startswith("sections for accounts")]
    assert line.endswith(
        "such things: Option Exercises, Assignments and Expirations; Incoming/Outgoing Trade Transfers; "
        "Grant Activity; Debit Card Activity; CFD Charges; Client Fees"
    )


def test_a_section_without_rows_is_not_called_complete_nor_lacking() -> None:
    found = seen(complete().replace(whole("Transfers"), "<Transfers/>"))
    assert "no rows in this statement, so their fields cannot be checked: Transfers" in of(
        found, "Sections", ADVICE
    )
    assert of(found, "Transfers", MISSING) == []
    assert ", Transfers (" not in told(found, FINE)[0][1]
    assert found.ticks == []


def test_what_happens_to_sections_that_nobody_reads_is_said() -> None:
    others = [
        section("ChangeInNAV", "X", {"a": "1"}),
        section("Adjustments", "Adjustment", {"a": "1"}, {"a": "2"}),
        section("Surprises", "Surprise", {"a": "1"}),
        "<IBGNoteTransactions/>",
    ]
    found = seen(complete(*others))
    assert ("Sections", "not needed, and no harm: ChangeInNAV") in told(found, FINE)
    assert of(found, "Adjustments", ADVICE) == [
        "its rows (2) are rejected by name: the section is not booked yet"
    ]
    assert of(found, "Surprises", ADVICE) == ["its rows (1) are rejected by name: the section is not known"]
    assert of(found, "IBGNoteTransactions", ADVICE) == []


def test_a_section_that_is_one_row_itself_is_counted_once() -> None:
    found = seen(complete('<Surprises a="1"/>'))
    assert found.rows["Surprises"] == 1


# --- fields ---


def test_a_field_that_is_missing_is_named_with_what_that_costs() -> None:
    found = seen(complete().replace(' transactionID="9001"', ""))
    assert told(found, HARMFUL) == [
        (
            "Trades",
            "without Transaction ID, a corrected trade, which keeps its number, can be lost or booked twice",
        )
    ]
    (finding,) = found.having(HARMFUL)
    assert (finding.section, finding.fields) == ("Trades", ("transactionID",))
    assert ticks(found) == {"Sections > Trades > Execution": ["Transaction ID"]}


def test_fields_that_cost_the_same_are_named_together() -> None:
    row = changed(ALL_TRADE, {"taxes": None, "ibCommission": None, "netCash": None})
    found = seen(complete().replace(whole("Trades"), trades(row)))
    assert of(found, "Trades", MISSING) == [
        "without Net Cash, futures and CFDs are not booked, and the money of other trades is not checked",
        "without IB Commission and Taxes, charges are not known",
    ]


@for_each(
    ("gone", "instead"),
    [
        ({"proceeds": None}, {"tradeMoney": "1000"}),
        ({"notes": None}, {"code": ""}),
        ({"dateTime": None}, {"tradeTime": "103000"}),
    ],
)
def test_what_does_as_well_is_not_missed(gone: dict[str, str | None], instead: Row) -> None:
    lacking = changed(ALL_TRADE, gone)
    assert of(seen(one_statement(trades(lacking))), "Trades", MISSING) != []
    assert of(seen(one_statement(trades({**lacking, **instead}))), "Trades", MISSING) == []


def test_optional_fields_are_one_line_for_all_sections() -> None:
    found = seen(one_statement(trades(trade()), cash_rows(cash())))
    (line,) = [text for text in of(found, "Sections", ADVICE) if text.startswith("also read")]
    _, _, fields = line.partition("ticked: ")
    assert fields == "Trades: Accrued Interest, Description; Cash Transactions: Multiplier"


def test_a_field_of_one_row_is_ticked_for_all() -> None:
    less = changed(ALL_TRADE, {"notes": None})
    assert of(seen(one_statement(trades(less, ALL_TRADE))), "Trades", MISSING) == []


def test_a_field_that_is_ticked_and_always_empty_is_not_called_missing() -> None:
    rows = [{**ALL_TRADE, "transactionID": text} for text in ("", "-")]
    found = seen(one_statement(trades(*rows)))
    assert of(found, "Trades", HARMFUL) == []
    (text,) = of(found, "Trades", ADVICE)
    assert text.startswith("Transaction ID is ticked, but empty in all rows (2): a corrected trade")


def test_a_field_that_is_empty_now_and_then_is_nothing_to_speak_of() -> None:
    found = seen(one_statement(trades({**ALL_TRADE, "transactionID": ""}, ALL_TRADE)))
    assert of(found, "Trades", ADVICE) == []


# --- levels of detail ---


@for_each(
    ("sections", "place", "severity", "text"),
    [
        (
            cash_rows(cash(levelOfDetail="SUMMARY")),
            "Cash Transactions",
            HARMFUL,
            "it has SUMMARY rows only: the statement is refused, since sums have no identity of their own",
        ),
        (
            section("Trades", "Order", trade(levelOfDetail="ORDER")),
            "Trades",
            HARMFUL,
            "it has Order rows only: none of them is booked",
        ),
        (
            section("Trades", "Trade", trade(levelOfDetail="CLOSED_LOT"), trade(levelOfDetail="ORDER")),
            "Trades",
            HARMFUL,
            "it has CLOSED_LOT and ORDER rows only: none of them is booked",
        ),
        (
            balances(balance(levelOfDetail="BaseCurrency")),
            "Cash Report",
            MISSING,
            "it has BaseCurrency rows only: cash cannot be reconciled by currency",
        ),
        (
            balances(balance(levelOfDetail=None, currency="BASE_SUMMARY")),
            "Cash Report",
            MISSING,
            "it has BASE_SUMMARY rows only: cash cannot be reconciled by currency",
        ),
        (
            section("StmtFunds", "StatementOfFundsLine", {"levelOfDetail": "Base Currency"}),
            "Statement of Funds",
            MISSING,
            "it has Base Currency rows only: the section is not used",
        ),
        (
            section("Transfers", "TransferLot", {"quantity": "1"}),
            "Transfers",
            MISSING,
            "it has TransferLot rows only: no transfer is booked",
        ),
    ],
)
def test_rows_that_only_sum_up_are_noticed(sections: str, place: str, severity: Severity, text: str) -> None:
    found = seen(one_statement(sections))
    assert of(found, place, severity) == [text]
    assert [choices for path, choices in ticks(found).items() if place in path] == [["Select All"]]


@for_each(
    "sections",
    [
        cash_rows(cash(levelOfDetail="SUMMARY"), cash()),
        balances(balance(levelOfDetail="BaseCurrency"), balance(), balance(currency="BASE_SUMMARY")),
        trades(trade(levelOfDetail="")),
    ],
)
def test_sums_beside_details_are_fine(sections: str) -> None:
    found = seen(one_statement(sections))
    assert [finding.text for finding in found.findings if "rows only" in finding.text] == []


def test_an_empty_section_has_no_wrong_rows() -> None:
    found = seen(one_statement("<Trades/>", cash_rows(cash())))
    assert [finding.text for finding in found.findings if "rows only" in finding.text] == []


# --- settings ---


def test_an_alias_in_place_of_the_account_is_harmful() -> None:
    alias = {"accountId": "Holiday", "acctAlias": "Holiday"}
    found = seen(one_statement(account_information(**alias), **alias))
    place = "Display Account Alias in Place of Account ID?"
    assert of(found, place, HARMFUL) == [
        "it shows the alias Holiday in place of the account id, which no setting will match"
    ]
    assert of(found, place, ADVICE) == []
    assert ticks(found)[f"General Configuration > {place}"] == ["No"]


def test_an_account_that_does_not_look_like_one_may_be_an_alias() -> None:
    found = seen(one_statement(trades(trade(accountId="Holiday")), accountId="Holiday"))
    place = "Display Account Alias in Place of Account ID?"
    assert of(found, place, ADVICE) == [
        "Holiday does not look like an account id (U1234567); if it is an alias, choose No"
    ]


@for_each("account", ["U1234567", "DU1234567", "U1234567F", "F123456"])
def test_an_account_id_looks_like_one(account: str) -> None:
    found = seen(one_statement(account_information(accountId=account, acctAlias="Mine"), accountId=account))
    assert of(found, "Display Account Alias in Place of Account ID?", ADVICE) == []


@for_each(
    ("head", "severities"),
    [
        ({"fromDate": "2026-03-02", "toDate": "2026-05-31"}, set()),
        ({"fromDate": "03/02/2026", "toDate": "05/31/2026"}, {HARMFUL}),
        ({"fromDate": "03/02/26", "toDate": "05/31/26"}, {HARMFUL, ADVICE}),
        ({"fromDate": "02-Mar-26", "toDate": "31-May-26"}, {ADVICE}),
        ({"fromDate": "whenever", "toDate": None}, set()),
    ],
)
def test_dates_that_read_two_ways_are_harmful_and_short_years_worth_a_word(
    head: dict[str, str | None], severities: set[Severity]
) -> None:
    found = seen(complete(**head))
    assert {finding.severity for finding in found.findings if finding.place == "Date Format"} == severities
    expected = {"General Configuration > Date Format": ["yyyyMMdd"]} if severities else {}
    assert {path: choices for path, choices in ticks(found).items() if "Date Format" in path} == expected


@for_each(
    ("stamp", "harm"),
    [
        ("20260520;103000", None),
        ("20260520;10:30:00 EDT", None),
        ("20260520;1030", "times have no seconds, so trades of one minute stand in no order"),
        ("2026-05-20, 10:30", "times have no seconds, so trades of one minute stand in no order"),
        ("20260520", "trades have a day and no time, so those of one day stand in no order"),
        ("", None),
    ],
)
def test_times_that_leave_trades_in_no_order_are_harmful(stamp: str, harm: str | None) -> None:
    found = seen(complete().replace("20260520;103000", stamp))
    assert of(found, "Time Format", HARMFUL) == ([] if harm is None else [harm])


@for_each(
    ("first", "said"),
    [
        ("20260531", "it covers one day: what is missed for longer is lost; 90 days are better"),
        ("20260525", "it covers 7 days: what is missed for longer is lost; 90 days are better"),
        ("20260504", None),
    ],
)
def test_a_short_period_loses_what_is_missed(first: str, said: str | None) -> None:
    found = seen(complete(fromDate=first))
    assert of(found, "Period", ADVICE) == ([] if said is None else [said])
    choices = ticks(found).get("Delivery Configuration > Period")
    assert choices == (None if said is None else ["Last N Calendar Days, 90"])


def test_one_statement_a_day_is_fine() -> None:
    days = [statement(whole("Trades"), fromDate=day, toDate=day) for day in ("20260401", "20260531")]
    found = seen(document(*days))
    assert of(found, "Breakout by Day?", FINE) == [
        "one statement for each day: that is read as well, the file is larger"
    ]
    assert of(found, "Period", ADVICE) == []
    assert "General Configuration > Breakout by Day?" not in ticks(found)


def test_several_accounts_are_told_and_a_futures_segment_is_none() -> None:
    other = statement(trades(trade(accountId="U7654321")), accountId="U7654321")
    segment = statement(trades(trade(accountId=f"{ACCOUNT}F")), accountId=f"{ACCOUNT}F")
    own = statement(whole("Trades"))
    assert of(seen(document(own, segment)), "Accounts", ADVICE) == []
    found = seen(document(own, segment, other))
    (text,) = of(found, "Accounts", ADVICE)
    assert text.startswith("2 accounts in one file: each is booked by itself")
    assert "Delivery Configuration > Accounts" not in ticks(found)


def test_accounts_that_only_forecasts_name_are_none() -> None:
    row = {"accountId": "U7654321"}
    assert seen(complete(section("InterestAccruals", "InterestAccrualsCurrency", row))).accounts == [ACCOUNT]


def test_models_need_a_field_of_their_own() -> None:
    bought = trades({**ALL_TRADE, "model": "Growth"})
    with_field, without = positions({**position(), "model": "Growth"}), positions(position())
    assert of(seen(one_statement(bought, with_field)), "Models", FINE) == [
        "the positions of its models are added up"
    ]
    assert of(seen(one_statement(bought, without)), "Models", ADVICE) == [
        "without the field Model in Open Positions, of models that hold the same only one is counted"
    ]
    for text in (one_statement(bought), one_statement(trades(trade()), without)):
        assert [finding for finding in seen(text).findings if finding.place == "Models"] == []


def test_a_statement_that_names_no_account_needs_the_account_in_every_row() -> None:
    sections = [trades(changed(ALL_TRADE, {"accountId": None})), cash_rows(ALL_CASH), whole("OpenPositions")]
    found = seen(one_statement(*sections, accountId=None))
    assert of(found, "Accounts", HARMFUL) == [
        "a statement in it does not say whose it is, so each of its rows must: tick Account ID everywhere"
    ]
    assert ticks(found)["Sections > Trades > Execution"] == ["Account ID"]
    assert "Sections > Cash Transactions > all types, Detail" not in ticks(found)


# --- what it is for most of all: statements that are refused ---


def visited(text: str | bytes, *accounts: str) -> Diagnosis:
    return diagnose(Text(text), accounts=accounts)


def test_why_a_statement_is_refused_comes_first() -> None:
    found = visited(one_statement(cash_rows(cash(levelOfDetail="SUMMARY"))))
    assert found.is_refused
    assert (found.findings[0].severity, found.findings[0].place) == (REFUSED, "the statement")
    assert found.findings[0].text == (
        "its Cash Transactions are SUMMARY rows only, which have no identity of their own. "
        "Tick Detail in the Cash Transactions section of the Flex query."
    )
    assert [finding.severity for finding in found.findings] == sorted(
        (finding.severity for finding in found.findings), key=list(Severity).index
    )


@for_each(
    "text",
    [
        "",
        "BOF,U1234567,Test",
        "<html><body>Down for maintenance</body></html>",
        "<FlexStatementResponse><ErrorCode>1012</ErrorCode></FlexStatementResponse>",
        document(),
        one_statement(section("TradeConfirms", "TradeConfirm", trade())),
    ],
)
def test_where_nothing_tells_of_the_query_everything_to_tick_is_said(text: str) -> None:
    found = visited(text)
    assert [finding.severity for finding in found.findings] == [REFUSED]
    shown = ticks(found)
    assert shown["Delivery Configuration > Format"] == ["XML"]
    assert shown["Sections > Cash Report > Currency Breakout"] == ["Select All"]
    assert shown[f"General Configuration > {RATES.label}"] == ["Yes"]
    labels = [spec.label for spec in QUERY if spec.level is not Level.OPTIONAL and spec is not RATES]
    assert [tick.path[1] for tick in found.ticks if tick.path[0] == "Sections"] == labels


def test_what_is_to_be_ticked_stands_in_the_order_of_the_page() -> None:
    panels = [tick.path[0] for tick in visited(one_statement(trades(trade()), toDate="20260501")).ticks]
    assert panels == sorted(panels, key=["Sections", "Delivery Configuration", "General Configuration"].index)
    assert set(panels) == {"Sections", "Delivery Configuration", "General Configuration"}


def test_what_comes_behind_a_break_is_not_called_missing() -> None:
    text = complete()
    found = visited(text[: text.index("<OpenPositions")])
    assert found.is_refused
    assert missing_sections(found) == []
    assert of(found, "the statement", ADVICE) == [
        "what comes behind the place where it breaks off is not known, and not called missing"
    ]
    assert found.rows["Trades"] == 1
    assert found.ticks == []


def test_another_accounts_statement_would_be_refused() -> None:
    assert not visited(complete()).is_refused
    found = visited(complete(), "U7654321")
    assert found.is_refused
    assert f"it holds account {ACCOUNT}, the configured account is U7654321" in found.findings[0].text
    assert not visited(complete(), "U7654321", ACCOUNT).is_refused


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StatementRefusedError, match="cannot be read"):
        diagnose(Document(tmp_path / "gone.xml"))


def test_a_refusal_without_advice_is_told_as_it_is() -> None:
    found = examine(Facts(), document="x", refusal=Refusal(reason="it is odd", advice=""))
    assert told(found, REFUSED) == [("the statement", "it is odd")]


# --- facts ---


@for_each(
    ("text", "expected"),
    [
        ("20260520", Format()),
        ("2026-05-20T10:30:00-05:00", Format(has_seconds=True)),
        ("2026-05-2010:30:00", Format(has_seconds=True)),
        ("20260520103000", Format(has_seconds=True)),
        ("05/20/2026 10:30", Format(has_slashes=True, has_seconds=False)),
        ("05/20/26", Format(has_slashes=True, has_short_year=True)),
        ("20-May-2026", Format()),
        ("MULTI", None),
        ("", None),
    ],
)
def test_how_a_date_is_written_is_seen(text: str, expected: Format | None) -> None:
    assert format_of(text) == expected


def test_what_is_kept_does_not_grow_with_the_document() -> None:
    heads = [
        element(
            "FlexStatement", {**HEAD, "accountId": f"U{n}", "fromDate": f"2{n:03}0501", "toDate": "30000101"}
        )
        for n in range(1000, 1300)
    ]
    rows = [trade(currency=f"C{n}", levelOfDetail=f"L{n}", accountId=f"U{n}") for n in range(2000, 2300)]
    facts = gather(groups([document(*heads, statement(trades(*rows))).encode()]))
    tag = facts.tags["Trades"]["Trade"]
    assert (facts.statements, tag.rows) == (301, 300)
    assert len(facts.accounts) <= 100
    assert len(facts.windows) <= 100
    assert (len(tag.currencies), len(tag.levels)) == (100, 100)


def test_pairs_and_shares_in_one_section_are_one_section() -> None:
    found = seen(one_statement(trades(ALL_TRADE, conversion())))
    assert found.rows["Trades"] == 2


# --- real statements ---


@pytest.mark.corpus
def test_every_statement_is_examined_and_called_refused_exactly_where_a_sync_would() -> None:
    files = corpus.names(".xml", ".csv")
    for name in files:
        found = diagnose(Document(corpus.CORPUS / name))
        assert found.is_refused is is_refused(name), name
        assert found.findings, name
        assert len(found.having(ADVICE)) + len(found.having(FINE)) < 16, name
    assert len(files) > 50


def is_refused(name: str) -> bool:
    try:
        admit([Document(corpus.CORPUS / name)], configured=None)
    except StatementRefusedError:
        return True
    return False
