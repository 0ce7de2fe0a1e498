"""A diagnosis as people and scripts are shown it: what hurts most first, nothing twice, no flood."""

import datetime as dt
from dataclasses import replace

from broker_sync.report import plain_text
from broker_sync.report.diagnosis import Beyond, Diagnosis, Finding, Severity, Tick
from broker_sync.report.doctor_text import diagnosis_blocks, diagnosis_object, verdict_line
from tests.tables import for_each


def finding(severity: Severity, place: str, text: str, section: str | None = None) -> Finding:
    return Finding(severity=severity, place=place, text=text, section=section)


ILL = Diagnosis(
    document="statement.xml",
    page="Reports > Queries",
    findings=[
        finding(Severity.HARMFUL, "Trades", "without Transaction ID, much is lost", "Trades"),
        finding(Severity.MISSING, "Trades", "without Taxes, charges are not known", "Trades"),
        finding(Severity.MISSING, "Trades", "without Conid, little is known", "Trades"),
        finding(Severity.MISSING, "Cash Report", "without it, cash cannot be reconciled", "CashReport"),
        finding(Severity.ADVICE, "Period", "it covers one day"),
        finding(Severity.FINE, "Sections", "not needed, and no harm: FxLots"),
    ],
    ticks=[
        Tick(path=["Sections", "Trades", "Execution"], choices=["Transaction ID", "Taxes", "Conid"]),
        Tick(path=["Sections", "Cash Report"], choices=["Select All"]),
    ],
    accounts=["U1234567"],
    window=(dt.date(2026, 5, 31), dt.date(2026, 5, 31)),
    rows={"Trades": 2},
    beyond=Beyond(
        reader="ibflex 1.1",
        sections=["Surprises"],
        attributes={"Trade": ["shoeSize", "hatSize"]},
        values={"Trade.orderType": ["SNAPMID"]},
    ),
)
REFUSED = Diagnosis(
    document="page.html",
    page="Reports > Queries",
    findings=[finding(Severity.REFUSED, "the statement", "it is a web page. Fetch it again.")],
)
HEALTHY = replace(ILL, findings=[], ticks=[], beyond=Beyond(reader="ibflex 1.1"))


def shown(found: Diagnosis) -> str:
    return plain_text(diagnosis_blocks(found))


def test_a_diagnosis_reads_from_what_hurts_most_to_what_does_not() -> None:
    assert (
        shown(ILL)
        == """\
statement.xml: account U1234567, 2026-05-31 to 2026-05-31

To be mended
where   what, and what it costs
Trades  without Transaction ID, much is lost

Missing
where        what, and what it costs
Trades       without Taxes, charges are not known
             without Conid, little is known
Cash Report  without it, cash cannot be reconciled

What to tick and choose
In Client Portal: Reports > Queries > edit the query (the pencil), then
  Sections > Trades > Execution > Transaction ID, Taxes, Conid
  Sections > Cash Report > Select All

Good to know
where   what, and what it costs
Period  it covers one day

Fine
where     what, and what it costs
Sections  not needed, and no harm: FxLots

Not known to ibflex 1.1; this program reads it all the same
kind       name
section    Surprises
attribute  Trade: shoeSize, hatSize
value      Trade.orderType: SNAPMID

"""
    )


def test_of_what_is_no_statement_only_why_it_is_refused_is_told() -> None:
    assert (
        shown(REFUSED)
        == """\
page.html: no account

A sync would refuse this statement
where          what, and what it costs
the statement  it is a web page. Fetch it again.


"""
    )


def test_a_healthy_query_is_told_in_a_few_lines() -> None:
    assert (
        shown(HEALTHY)
        == """\
statement.xml: account U1234567, 2026-05-31 to 2026-05-31

Nothing in it is unknown to ibflex 1.1.

"""
    )


def test_without_ibflex_the_reader_learns_how_to_have_it() -> None:
    assert "skipped, it is not installed. To have it: pip install 'broker-sync[ibflex]'" in shown(
        replace(ILL, beyond=None)
    )


@for_each(
    ("found", "title"),
    [
        (
            replace(ILL, accounts=["U1", "U2", "U3", "U4", "U5"], window=None),
            "statement.xml: accounts U1, U2, U3, and 2 more",
        ),
        (replace(ILL, accounts=[]), "statement.xml: no account, 2026-05-31 to 2026-05-31"),
        (replace(ILL, accounts=[], window=None), "statement.xml: no account"),
    ],
)
def test_the_title_says_whose_it_is_and_for_which_days(found: Diagnosis, title: str) -> None:
    assert shown(found).splitlines()[0] == title


@for_each(
    ("found", "verdict"),
    [
        (ILL, "statement.xml: would be booked; to be mended: 1, missing: 3"),
        (REFUSED, "page.html: would be refused"),
        (HEALTHY, "statement.xml: would be booked; nothing is missing"),
    ],
)
def test_the_verdict_is_one_line(found: Diagnosis, verdict: str) -> None:
    assert verdict_line(found) == verdict


def test_texts_out_of_a_statement_cannot_move_the_cursor() -> None:
    beyond = Beyond(reader="ibflex 1.1", values={"Trade.orderType": ["\x1b[2J"]})
    assert "\x1b" not in shown(replace(ILL, beyond=beyond))


# --- for scripts ---


def test_the_object_has_everything_that_the_text_has() -> None:
    told = diagnosis_object([ILL], provider="ibkr")
    assert (told["provider"], told["outcome"]) == ("ibkr", "harmful")
    (document,) = told["documents"]
    assert document["findings"][0] == {
        "severity": "harmful",
        "place": "Trades",
        "section": "Trades",
        "fields": [],
        "text": "without Transaction ID, much is lost",
    }
    assert document["ticks"][1] == {"path": ["Sections", "Cash Report"], "choices": ["Select All"]}
    assert document["window"] == {"from": "2026-05-31", "to": "2026-05-31"}
    assert document["beyond_ibflex"] == {
        "reader": "ibflex 1.1",
        "sections": ["Surprises"],
        "attributes": {"Trade": ["shoeSize", "hatSize"]},
        "values": {"Trade.orderType": ["SNAPMID"]},
    }
    assert (document["document"], document["refused"]) == ("statement.xml", False)
    assert (document["accounts"], document["rows"]) == (["U1234567"], {"Trades": 2})
    assert len(document["findings"]) == len(ILL.findings)


def test_what_is_not_told_is_null() -> None:
    (document,) = diagnosis_object([REFUSED], provider="ibkr")["documents"]
    assert (document["window"], document["beyond_ibflex"]) == ({"from": None, "to": None}, None)


@for_each(
    ("several", "outcome"),
    [([HEALTHY], "ok"), ([HEALTHY, ILL], "harmful"), ([ILL, REFUSED], "refused")],
)
def test_the_outcome_is_that_of_the_worst_statement(several: list[Diagnosis], outcome: str) -> None:
    assert diagnosis_object(several, provider="ibkr")["outcome"] == outcome
