"""The JSON that scripts rely on has the promised keys, and numbers that lose nothing."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from broker_sync.models import ActivityType
from broker_sync.report import AccountError, Run, activity_object, run_object
from tests.report_samples import ACCOUNT, GADGET, buy, held, opened_position, perfect, run, tax, troubled

PROMISED = {
    "account", "sink", "window", "fetched", "new", "known", "imported", "updated", "deleted", "failed",
    "rejected", "positions", "cash", "nav",
}  # fmt: skip


def test_a_run_has_the_promised_keys() -> None:
    told = run_object(run(perfect(), troubled()))
    assert set(told) == {"provider", "outcome", "accounts"}
    assert [PROMISED - set(account) for account in told["accounts"]] == [set(), set()]


def test_an_account_goes_by_the_brokers_name() -> None:
    (account,) = run_object(run(perfect()))["accounts"]
    assert (account["account"], account["sink"]) == ("U1234567", "ledger")


def test_counts_are_those_of_the_result() -> None:
    (account,) = run_object(run(troubled()))["accounts"]
    names = ("fetched", "new", "known", "imported", "updated", "deleted", "failed")
    assert [account[name] for name in names] == [12, 2, 3, 1, 1, 1, 1]
    assert account["fetched"] == sum(account[name] for name in ("new", "known", "updated")) + len(
        account["rejected"]
    )


def test_both_sides_and_their_difference_are_decimal_texts() -> None:
    (account,) = run_object(run(troubled()))["accounts"]
    assert account["positions"] == [
        {
            "symbol": "GDGT.L",
            "isin": None,
            "conid": None,
            "broker": "5",
            "tracker": "4.99995",
            "drift": "0.00005",
        },
        {
            "symbol": "WDGT",
            "isin": "US0000001001",
            "conid": "1001",
            "broker": "2",
            "tracker": "3",
            "drift": "-1",
        },
    ]
    assert account["cash"] == [{"currency": "GBP", "broker": "0", "tracker": "12.5", "drift": "-12.5"}]
    assert account["nav"] == {
        "currency": "GBP",
        "broker": "1000.1",
        "tracker": "1000.1",
        "drift": "0",
        "cause": None,
    }


def test_zero_is_written_as_zero_however_it_came_about() -> None:
    drifts = [held(GADGET, "5.00", "5.0"), held(GADGET, "0E-8", "-0.0")]
    (account,) = run_object(run(replace(perfect(), positions=drifts)))["accounts"]
    assert [(each["drift"], each["tracker"]) for each in account["positions"]] == [("0", "5"), ("0", "0")]


def test_what_was_not_compared_is_an_empty_list_and_said_to_be() -> None:
    (account,) = run_object(run(replace(perfect(), positions=None, cash=None)))["accounts"]
    assert (account["positions"], account["cash"], account["nav"]) == ([], [], None)
    assert account["compared"] == {"positions": False, "cash": False}


def test_days_are_iso_and_null_where_unknown() -> None:
    (known, unknown) = run_object(run(perfect(), replace(perfect(), first_day=None, last_day=None)))[
        "accounts"
    ]
    assert known["window"] == {"from": "2026-05-01", "to": "2026-05-29"}
    assert unknown["window"] == {"from": None, "to": None}


def test_rejections_and_failures_are_listed_one_by_one() -> None:
    (account,) = run_object(run(troubled()))["accounts"]
    assert len(account["rejected"]) == 6
    assert account["rejected"][5] == {
        "external_id": "ibkr:trade:6",
        "section": "Trades",
        "reason": "the row has no quantity",
    }
    assert account["failures"] == [{"external_id": "ibkr:cash:7002", "reason": "the ledger is full"}]


def test_opening_balances_sections_and_notes_are_told() -> None:
    (first, second) = run_object(run(perfect(), troubled()))["accounts"]
    assert first["opening"] == {"positions": 1, "cash": 2, "changed": 3}
    assert first["sections"][1] == {
        "section": "Trades",
        "rows": 4,
        "booked": 2,
        "informational": 2,
        "rejected": 0,
    }
    assert second["notes"] == ["No statement covers 2026-04-01 to 2026-04-30."]


def test_a_refused_document_leaves_no_accounts() -> None:
    assert run_object(Run(provider="ibkr", error="it is a web page", refused=True, dry_run=True)) == {
        "provider": "ibkr",
        "outcome": "refused",
        "accounts": [],
        "error": "it is a web page",
    }


def test_an_account_that_could_not_be_synced_is_told_beside_the_others() -> None:
    error = AccountError(account="U7654321", text="the disk is full", exit_code=1)
    told = run_object(Run(provider="ibkr", results=[perfect()], errors=[error]))
    assert (told["outcome"], len(told["accounts"])) == ("failed", 1)
    assert told["errors"] == [{"account": "U7654321", "error": "the disk is full"}]


def test_a_dry_run_lists_what_would_be_booked() -> None:
    planned = replace(perfect(), planned=(buy(), opened_position(GADGET, "5")))
    told = run_object(run(planned, dry_run=True))
    assert list(told) == ["provider", "outcome", "plan", "accounts"]
    assert told["plan"] == [activity_object(ACCOUNT, activity) for activity in planned.planned]
    assert "plan" not in run_object(run(planned))


def test_an_activity_has_exactly_the_promised_keys() -> None:
    assert activity_object(ACCOUNT, buy()) == {
        "external_id": "ibkr:trade:9001",
        "account": "U1234567",
        "date": "2026-05-04T14:30:15+00:00",
        "activity_type": "BUY",
        "subtype": None,
        "symbol": "WDGT",
        "isin": "US0000001001",
        "conid": "1001",
        "currency": "USD",
        "quantity": "2.5",
        "unit_price": "100",
        "fee": "1",
        "amount": "251",
        "quantity_effect": "2.5",
        "cash_effect": {"USD": "-251"},
    }


def test_an_activity_without_an_instrument_has_nulls_for_it() -> None:
    told = activity_object(ACCOUNT, tax())
    nothing = ("symbol", "isin", "conid", "quantity", "unit_price", "fee")
    assert [told[name] for name in nothing] == [None] * 6
    assert (told["subtype"], told["quantity_effect"]) == ("WITHHOLDING_TAX", "0")
    assert told["cash_effect"] == {"GBP": "-0.35"}


@pytest.mark.parametrize(
    ("kind", "effect"), [(ActivityType.ADD_HOLDING, "5"), (ActivityType.REMOVE_HOLDING, "-5")]
)
def test_a_holding_that_is_added_or_removed_moves_no_money(kind: ActivityType, effect: str) -> None:
    holding = opened_position(GADGET, "5")
    object.__setattr__(holding, "activity_type", kind)
    told = activity_object(ACCOUNT, holding)
    assert (told["quantity_effect"], told["cash_effect"]) == (effect, {})


def test_a_long_number_is_written_in_full() -> None:
    long = buy()
    object.__setattr__(long, "unit_price", Decimal("0.0000000001234567890123456789"))
    assert activity_object(ACCOUNT, long)["unit_price"] == "0.0000000001234567890123456789"


def test_everything_can_be_written_as_json() -> None:
    told = run_object(run(replace(perfect(), planned=(buy(), tax())), troubled(), dry_run=True))
    assert json.loads(json.dumps(told)) == told
