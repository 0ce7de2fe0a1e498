"""Why both sides differ, as a person and as a script is told it."""

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal

from broker_sync.confirm import Standing
from broker_sync.explain import Candidate, Explanation, Kind, Parting
from broker_sync.reconcile import CashDrift, PositionDrift, Side, SideKind
from broker_sync.report import plain_text
from broker_sync.report.explain_json import explanation_object, reconciled_object
from broker_sync.report.explain_text import Reconciled, explanation_blocks, reconciled_blocks
from broker_sync.results import NavDrift, SyncResult
from tests.report_samples import FIRST, LAST, OTHER, WIDGET, perfect, worth

D = Decimal
SHARES = PositionDrift(instrument=WIDGET, broker=D(6), tracker=D(10))
MONEY = CashDrift(currency="USD", broker=D("1450.5"), tracker=D("1011.5"))
SOLD = Candidate(kind=Kind.NOT_IMPORTED, records=("ibkr:trade:2",), effects={}, subject="ibkr:trade:2 (SELL)")
BEGAN = dt.datetime(2026, 6, 1, 2, tzinfo=dt.UTC)


def missing(drift: PositionDrift | CashDrift | NavDrift) -> Explanation:
    return Explanation(
        drift=drift,
        kind=Kind.NOT_IMPORTED,
        causes=(SOLD,),
        text="ibkr:trade:2 (SELL) is in the broker's statement, and not in the tracker.",
        command="broker-sync ibkr --since 2026-05-21",
    )


UNKNOWN = Explanation(
    drift=CashDrift(currency="GBP", broker=D(0), tracker=D(1)),
    kind=Kind.UNKNOWN,
    text="Nothing that is known accounts for it.",
    is_proven=False,
    is_smallest=False,
    parting=Parting(agreed=None, differs=LAST),
)
PRICES = Explanation(drift=worth("10.5", "10"), kind=Kind.PRICES, text="It is prices.")


def standing(side: Side, runs: int) -> Standing:
    return Standing(side=side, label="USD", first_seen=BEGAN, last_seen=BEGAN, runs=runs, amount=D(439))


ONCE = standing(Side(SideKind.CASH, "USD"), 1)
TWICE = standing(Side(SideKind.CASH, "USD"), 2)


def text(*explanations: Explanation, standings: tuple[Standing, ...] = ()) -> list[str]:
    return plain_text(explanation_blocks(explanations, standings)).splitlines()


def test_what_one_record_did_is_told_once() -> None:
    assert text(missing(SHARES), missing(MONEY), UNKNOWN, PRICES) == [
        "Why",
        "WDGT -4, USD +439: not imported",
        "  ibkr:trade:2 (SELL) is in the broker's statement, and not in the tracker.",
        "  To do: broker-sync ibkr --since 2026-05-21",
        "GBP -1: unknown",
        "  Nothing that is known accounts for it.",
        "net asset value +0.5 GBP: prices",
        "  It is prices.",
        "",
    ]
    assert text() == []


def test_whether_it_has_settled_is_told() -> None:
    assert "  Found in 1 run in a row since 2026-06-01: not confirmed yet." in text(
        missing(MONEY), standings=(ONCE,)
    )
    assert "  Found in 2 runs in a row since 2026-06-01: confirmed." in text(
        missing(SHARES), missing(MONEY), standings=(TWICE,)
    )


def drifting() -> SyncResult:
    return replace(perfect(), positions=(SHARES,), cash=(MONEY,), notes=("No statement covers a day.",))


def compared(**changes: object) -> Reconciled:
    found = Reconciled(provider="ibkr", results=(drifting(), perfect(OTHER)))
    return replace(found, **changes)  # type: ignore[arg-type]


def test_both_sides_come_first_and_then_why_they_differ() -> None:
    lines = plain_text(reconciled_blocks(compared(explanations={"U1234567": [missing(MONEY)]}))).splitlines()
    heads = [line for line in lines if line.startswith(("Account", "Broker", "Why", "Note"))]
    assert heads == [
        f"Account U1234567 (in the tracker: tracker-1) and ledger, at the end of {LAST}",
        "Broker and tracker DIFFER in 1 of 1 position and 1 of 1 currency.",
        "Why",
        "Note: No statement covers a day.",
        f"Account U7654321 and ledger, at the end of {LAST}",
        "Broker and tracker agree on 2 positions and 2 currencies.",
    ]
    assert "Why" not in plain_text(reconciled_blocks(compared()))
    assert compared().has_drift
    assert not Reconciled(provider="ibkr", results=(perfect(),)).has_drift


def test_a_script_gets_what_a_sync_tells_of_both_sides_and_no_counts() -> None:
    told = reconciled_object(compared(explanations={"U1234567": [missing(SHARES)]}))
    assert (told["provider"], told["outcome"]) == ("ibkr", "drift")
    first, second = told["accounts"]
    assert list(first) == [
        "account", "sink", "window", "compared", "positions", "cash", "nav", "notes", "explanations",
    ]  # fmt: skip
    assert first["window"] == {"from": FIRST.isoformat(), "to": LAST.isoformat()}
    assert (len(first["explanations"]), second["explanations"]) == (1, [])
    (plain, _) = reconciled_object(compared())["accounts"]
    assert "explanations" not in plain


def test_an_explanation_is_told_whole() -> None:
    told = explanation_object(missing(SHARES))
    assert json.loads(json.dumps(told)) == {
        "of": "position",
        "symbol": "WDGT",
        "conid": "1001",
        "drift": "-4",
        "cause": "not_imported",
        "records": ["ibkr:trade:2"],
        "text": "ibkr:trade:2 (SELL) is in the broker's statement, and not in the tracker.",
        "command": "broker-sync ibkr --since 2026-05-21",
        "is_proven": True,
        "is_smallest": True,
        "accounts_for_rest": True,
        "parting": None,
        "confirmed": None,
        "first_seen": None,
    }
    told = explanation_object(UNKNOWN)
    assert (told["of"], told["currency"], told["drift"]) == ("cash", "GBP", "-1")
    assert told["parting"] == {"agreed": None, "differs": LAST.isoformat()}
    told = explanation_object(PRICES)
    assert (told["of"], told["currency"], told["drift"]) == ("nav", "GBP", "0.5")
    told = explanation_object(missing(MONEY), [TWICE])
    assert (told["confirmed"], told["first_seen"]) == (True, "2026-06-01T02:00:00+00:00")
