"""What a run has to say in metrics."""

import dataclasses
import datetime as dt
from decimal import Decimal

from broker_sync.contracts import Refused
from broker_sync.metrics import AccountFacts, Confirmed, FlexFacts, RunFacts, snapshot_of
from broker_sync.metrics.catalogue import CATALOGUE, definition_of, metric_name
from broker_sync.metrics.facts import joined, weekdays_in
from broker_sync.metrics.samples import Subject
from broker_sync.models import Instrument
from broker_sync.report import AccountError, Run
from tests.metrics.gateway import values
from tests.metrics.samples import ENDED, failed, full, of, refused
from tests.report_samples import ACCOUNT, GADGET, OTHER, WIDGET, held, money, perfect, troubled, worth
from tests.tables import for_each

MINE = ("account", ACCOUNT.provider_account_id)
AWAY = AccountError(account="U7654321", text="the tracker is away", exit_code=75)
NOT_HIS = AccountError(account="U7654321", text="another account's statement", exit_code=3)


def said(facts: RunFacts, name: str) -> dict[tuple[tuple[str, str], ...], object]:
    return values(snapshot_of(facts).samples, name)


# --- the two of the plan ---


def test_the_drift_of_a_symbol_is_the_brokers_units_less_the_trackers() -> None:
    drifts = said(of(perfect(), troubled()), "ibkr_position_drift_shares")
    assert drifts == {
        (MINE, ("symbol", "GDGT.L")): 0,
        (MINE, ("symbol", "WDGT")): 0,
        (("account", "U7654321"), ("symbol", "GDGT.L")): Decimal("0.00005"),
        (("account", "U7654321"), ("symbol", "WDGT")): -1,
    }


def test_a_symbol_that_one_side_alone_holds_is_there() -> None:
    sold = dataclasses.replace(perfect(), positions=(held(GADGET, "5", "0"), held(WIDGET, "0", "2")))
    assert [*said(of(sold), "ibkr_position_drift_shares").values()] == [5, -2]


def test_only_a_run_in_which_nothing_failed_is_a_success() -> None:
    name = "ibkr_sync_last_success_timestamp_seconds"
    assert said(of(perfect()), name) == {(): ENDED.timestamp()}
    drifted = dataclasses.replace(perfect(), positions=(held(WIDGET, "1", "2"),))
    assert said(of(drifted), name) == {(): ENDED.timestamp()}
    for facts in (of(troubled()), of(perfect(), errors=[AWAY]), failed(), refused()):
        assert Subject(name, None) not in snapshot_of(facts).told
        assert said(facts, name) == {}


@for_each(
    ("quantities", "drift"),
    [
        ([("5", "5"), ("2", "2")], "0"),
        ([("5", "4"), ("2", "1")], "2"),
        ([("5", "0"), ("0", "5")], "5"),
        ([("1", "4"), ("2", "0")], "-3"),
    ],
)
def test_two_instruments_of_one_symbol_cannot_hide_each_others_drift(
    quantities: list[tuple[str, str]], drift: str
) -> None:
    twins = tuple(
        held(Instrument(symbol="TWIN", currency="USD", conid=str(number)), *both)
        for number, both in enumerate(quantities)
    )
    shown = said(of(dataclasses.replace(perfect(), positions=twins)), "ibkr_position_drift_shares")
    assert shown == {(MINE, ("symbol", "TWIN")): Decimal(drift)}


# --- beside them ---


def test_cash_and_nav_drift_by_currency() -> None:
    result = dataclasses.replace(perfect(), cash=(money("EUR", "1", "1.25"),), nav=worth("1000", "990.5"))
    assert said(of(result), "ibkr_cash_drift_amount") == {(MINE, ("currency", "EUR")): Decimal("-0.25")}
    assert said(of(result), "ibkr_nav_drift_amount") == {(MINE, ("currency", "GBP")): Decimal("9.5")}


def test_what_was_not_compared_has_no_drift_and_says_so() -> None:
    result = dataclasses.replace(perfect(), positions=None, cash=None)
    snapshot = snapshot_of(of(result))
    assert values(snapshot.samples, "ibkr_position_drift_shares") == {}
    assert Subject("ibkr_position_drift_shares", "U1234567") in snapshot.told
    assert [*said(of(result), "ibkr_sync_compared").values()] == [0, 0, 0]
    assert [*said(of(perfect()), "ibkr_sync_compared").values()] == [1, 1, 0]


def test_a_drift_is_confirmed_where_the_facts_say_so() -> None:
    assert said(full(), "ibkr_position_drift_confirmed") == {
        (MINE, ("symbol", "GDGT.L")): 0,
        (MINE, ("symbol", "WDGT")): 1,
        (("account", "U7654321"), ("symbol", "GDGT.L")): 0,
        (("account", "U7654321"), ("symbol", "WDGT")): 0,
    }
    assert said(full(), "ibkr_cash_drift_confirmed") == {
        (MINE, ("currency", "GBP")): 1,
        (MINE, ("currency", "USD")): 0,
        (("account", "U7654321"), ("currency", "GBP")): 0,
    }
    assert said(full(), "ibkr_nav_drift_confirmed") == {
        (MINE, ("currency", "GBP")): 1,
        (("account", "U7654321"), ("currency", "GBP")): 0,
    }


def test_without_a_net_asset_value_none_can_be_confirmed() -> None:
    facts = of(perfect(), accounts={"U1234567": AccountFacts(confirmed=Confirmed())})
    assert said(facts, "ibkr_nav_drift_confirmed") == {}


@for_each(
    ("facts", "outcome"),
    [
        (of(perfect()), "ok"),
        (of(dataclasses.replace(perfect(), cash=(money("GBP", "1", "2"),))), "drift"),
        (of(perfect(), errors=[AWAY]), "failed"),
        (failed(), "failed"),
        (refused(), "refused"),
    ],
)
def test_every_attempt_is_told_with_its_outcome(facts: RunFacts, outcome: str) -> None:
    assert said(facts, "ibkr_sync_last_attempt_timestamp_seconds") == {(): ENDED.timestamp()}
    shown = said(facts, "ibkr_sync_last_attempt_outcome")
    assert len(shown) == 4
    assert [labels for labels, value in shown.items() if value] == [(("outcome", outcome),)]


@for_each(("error", "outcome"), [(AWAY, "failed"), (NOT_HIS, "refused")])
def test_of_an_account_that_failed_only_the_attempt_is_told(error: AccountError, outcome: str) -> None:
    snapshot = snapshot_of(of(perfect(), errors=[error]))
    names = {subject.name for subject in snapshot.told if subject.account == "U7654321"}
    assert names == {"ibkr_account_last_attempt_timestamp_seconds", "ibkr_account_last_attempt_outcome"}
    outcomes = values(snapshot.samples, "ibkr_account_last_attempt_outcome")
    assert outcomes[("account", "U7654321"), ("outcome", outcome)] == 1


def test_an_account_of_which_the_tracker_refused_something_is_no_success() -> None:
    refusing = dataclasses.replace(
        perfect(OTHER), failures=(Refused(external_id="x", reason="no"),), failed=1
    )
    facts = of(perfect(), refusing)
    assert [*said(facts, "ibkr_account_last_success_timestamp_seconds")] == [(MINE,)]
    assert (
        said(facts, "ibkr_account_last_attempt_outcome")[("account", "U7654321"), ("outcome", "failed")] == 1
    )


def test_records_by_outcome_add_up_to_those_fetched() -> None:
    shown = said(of(troubled()), "ibkr_sync_records")
    assert {dict(labels)["outcome"]: value for labels, value in shown.items()} == {
        "imported": 1,
        "known": 3,
        "updated": 1,
        "failed": 1,
        "rejected": 6,
    }
    assert sum(Decimal(str(value)) for value in shown.values()) == troubled().fetched


def test_rows_by_section_and_outcome() -> None:
    shown = said(of(perfect()), "ibkr_section_rows")
    assert shown[MINE, ("outcome", "booked"), ("section", "Trades")] == 2
    assert shown[MINE, ("outcome", "informational"), ("section", "Trades")] == 2
    assert shown[MINE, ("outcome", "rejected"), ("section", "CashTransactions")] == 0


def test_a_section_without_a_rejection_has_none_rather_than_nothing() -> None:
    assert said(of(perfect()), "ibkr_rejected_records") == {
        (MINE, ("section", "CashTransactions")): 0,
        (MINE, ("section", "Trades")): 0,
    }
    assert said(of(troubled()), "ibkr_rejected_records") == {
        (("account", "U7654321"), ("section", "Trades")): 6
    }


def test_what_a_night_knows_beside_its_results() -> None:
    facts = full()
    assert said(facts, "ibkr_sync_conflicts") == {(MINE,): 2}
    assert said(facts, "ibkr_coverage_gap_weekdays") == {(MINE,): 2}
    assert said(facts, "ibkr_deleted_activities") == {(MINE,): 0, (("account", "U7654321"),): 1}
    assert said(facts, "ibkr_sync_duration_seconds") == {(): 1.5}
    assert said(facts, "ibkr_sync_stage_duration_seconds") == {
        (("stage", "download"),): 1,
        (("stage", "book"),): 0.25,
    }
    assert said(facts, "ibkr_build_info") == {(("version", "1.2.3"),): 1}
    assert said(facts, "ibkr_tracker_info") == {(("tracker", "wealthfolio"), ("version", "3.1.0")): 1}


def test_a_statement_ends_with_its_last_day() -> None:
    end = dt.datetime(2026, 5, 30, tzinfo=dt.UTC).timestamp()
    assert said(of(perfect()), "ibkr_statement_end_timestamp_seconds") == {(MINE,): end}
    unknown = dataclasses.replace(perfect(), last_day=None)
    assert said(of(unknown), "ibkr_statement_end_timestamp_seconds") == {}


@for_each(
    ("code", "shown", "expired"),
    [(0, {(): 0}, {(): 0}), (1012, {(): 1012}, {(): 1}), (1018, {(): 1018}, {}), (None, {}, {})],
)
def test_the_token_has_expired_when_the_broker_says_so_and_holds_when_it_serves(
    code: int | None, shown: object, expired: object
) -> None:
    facts = of(perfect(), flex=FlexFacts(error_code=code))
    assert said(facts, "ibkr_flex_last_error_code") == shown
    assert said(facts, "ibkr_flex_token_expired") == expired


def test_the_breaker_and_the_end_of_the_token_are_told_where_they_are_known() -> None:
    assert said(full(), "ibkr_flex_breaker_open") == {(): 1}
    assert said(full(), "ibkr_flex_token_expires_timestamp_seconds") == {(): ENDED.timestamp()}
    assert said(of(perfect(), flex=FlexFacts(breaker_open=False)), "ibkr_flex_breaker_open") == {(): 0}
    assert said(of(perfect()), "ibkr_flex_breaker_open") == {}


def test_of_several_downloads_the_worst_counts() -> None:
    later = ENDED + dt.timedelta(days=9)
    assert joined([]) == FlexFacts()
    assert joined([FlexFacts(error_code=0), FlexFacts()]) == FlexFacts(error_code=0)
    assert joined([FlexFacts(error_code=0), FlexFacts(error_code=1018)]).error_code == 1018
    assert joined([FlexFacts(error_code=1012), FlexFacts(error_code=1018)]).error_code == 1012
    assert joined([FlexFacts(token_expires=later), FlexFacts(token_expires=ENDED)]).token_expires == ENDED
    assert joined([FlexFacts(breaker_open=False), FlexFacts(breaker_open=True)]).breaker_open is True
    assert joined([FlexFacts(breaker_open=False), FlexFacts()]).breaker_open is False


# --- all of them ---


def test_a_dry_run_has_nothing_to_say() -> None:
    run = Run(provider="ibkr", results=[perfect()], dry_run=True)
    snapshot = snapshot_of(dataclasses.replace(of(), run=run))
    assert (snapshot.samples, snapshot.told) == ((), frozenset())


def test_every_metric_of_the_catalogue_is_made_with_the_labels_it_names() -> None:
    made = {sample.name: set(sample.labels) for sample in snapshot_of(full()).samples}
    made |= {sample.name: set(sample.labels) for sample in snapshot_of(of(perfect())).samples}
    assert made == {metric_name("ibkr", each.suffix): set(each.labels) for each in CATALOGUE}


def test_whatever_has_a_sample_was_told() -> None:
    for facts in (full(), failed(), of(perfect(), errors=[AWAY])):
        snapshot = snapshot_of(facts)
        assert {Subject(each.name, each.labels.get("account")) for each in snapshot.samples} <= snapshot.told


def test_names_are_of_the_broker_and_by_the_rules_of_prometheus() -> None:
    assert metric_name("invest-engine", "sync_records") == "invest_engine_sync_records"
    for each in CATALOGUE:
        assert definition_of(metric_name("invest-engine", each.suffix)) is each
        assert each.text.endswith(".")
        assert not each.suffix.endswith(("_total", "_count", "_sum", "_bucket"))
        assert "timestamp" not in each.suffix or each.suffix.endswith("_timestamp_seconds")
    assert definition_of("up") is None


def test_no_name_of_a_metric_is_the_end_of_another() -> None:
    suffixes = [f"_{each.suffix}" for each in CATALOGUE]
    assert [
        (one, other) for one in suffixes for other in suffixes if one != other and one.endswith(other)
    ] == []


def test_only_weekdays_are_missing_days() -> None:
    assert weekdays_in([]) == 0
    assert weekdays_in([(dt.date(2026, 5, 8), dt.date(2026, 5, 18)), (dt.date(2026, 5, 20),) * 2]) == 8
