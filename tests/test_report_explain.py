"""Why both sides differ, as a person and as a script is told it."""

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal

from broker_sync.confirm import Standing
from broker_sync.explain import Candidate, Explanation, Kind, Parting
from broker_sync.reconcile import CashDrift, PositionDrift, Side, SideKind
from broker_sync.report import Run, plain_text, run_blocks, run_object
from broker_sync.report.explain_json import explanation_object
from broker_sync.report.explain_text import explanation_blocks
from broker_sync.report.reconcile_json import reconciled_object
from broker_sync.report.reconcile_text import reconciled_blocks
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


def compared(**changes: object) -> Run:
    found = Run(provider="ibkr", results=(drifting(), perfect(OTHER)))
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
    assert not Run(provider="ibkr", results=(perfect(),)).has_drift


def test_a_script_gets_what_a_sync_tells_of_both_sides_and_no_counts() -> None:
    told = reconciled_object(compared(explanations={"U1234567": [missing(SHARES)]}))
    assert (told["provider"], told["outcome"]) == ("ibkr", "drift")
    first, second = told["accounts"]
    assert list(first) == [
        "account", "sink", "window", "compared", "positions", "cash", "nav", "notes", "standings",
        "explanations",
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


# --- in what a sync says ---


def differing(**changes: object) -> Run:
    value = replace(worth("1100", "1000"), tolerance=D(11))
    result = replace(perfect(), positions=(SHARES,), cash=(MONEY,), nav=value)
    run = Run(provider="ibkr", results=[result], standings={"U1234567": [TWICE]})
    return replace(run, **changes)  # type: ignore[arg-type]


def marks(run: Run) -> list[str]:
    lines = plain_text(run_blocks(run)).splitlines()
    return [line[line.index("DRIFT") :] for line in lines if "  DRIFT" in line]


def test_both_states_of_a_difference_are_shown_and_the_cause_of_another_value() -> None:
    assert marks(differing()) == ["DRIFT", "DRIFT, confirmed since 2026-06-01", "DRIFT: follows from others"]
    worthless = Side(SideKind.NAV, "GBP")
    fresh = differing(standings={"U1234567": [ONCE, standing(SHARES.side, 2), standing(worthless, 1)]})
    assert marks(fresh) == [
        "DRIFT, confirmed since 2026-06-01",
        "DRIFT, new",
        "DRIFT, new: follows from others",
    ]
    (result,) = differing().results
    alone = differing(results=[replace(result, positions=(), cash=())])
    assert marks(alone) == ["DRIFT: prices"]


def test_a_value_within_its_tolerance_is_marked_as_such() -> None:
    (result,) = differing().results
    near = replace(result, positions=(), cash=(), nav=replace(worth("1011", "1000"), tolerance=D(11)))
    assert marks(differing(results=[near])) == []
    assert "within tolerance" in plain_text(run_blocks(differing(results=[near])))


def test_scripts_get_both_states_and_the_reasons_if_they_asked() -> None:
    (told,) = run_object(differing())["accounts"]
    assert told["standings"] == [
        {
            "of": "cash",
            "name": "USD",
            "label": "USD",
            "drift": "439",
            "state": "confirmed",
            "runs": 2,
            "first_seen": "2026-06-01T02:00:00+00:00",
            "last_seen": "2026-06-01T02:00:00+00:00",
        }
    ]
    assert (told["nav"]["drift"], told["nav"]["cause"]) == ("100", "follows")
    assert "explanations" not in told
    (asked,) = run_object(differing(explanations={"U1234567": [missing(MONEY)]}))["accounts"]
    assert [(why["cause"], why["confirmed"]) for why in asked["explanations"]] == [("not_imported", True)]
    (silent,) = run_object(differing(explanations={}))["accounts"]
    assert silent["explanations"] == []


def test_a_sync_that_was_asked_says_why_to_people_too() -> None:
    lines = plain_text(run_blocks(differing(explanations={"U1234567": [missing(MONEY)]}))).splitlines()
    assert "Why" in lines
    assert "  Found in 2 runs in a row since 2026-06-01: confirmed." in lines
    assert "Why" not in plain_text(run_blocks(differing())).splitlines()
