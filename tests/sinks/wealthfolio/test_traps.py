"""The traps of Wealthfolio's interface: each that concerns a client has a test, and a few are here.

A test that is gone, or a number that has none, fails.
"""

from __future__ import annotations

import ast
import asyncio
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from broker_sync.models import ActivityType, Instrument
from broker_sync.providers.ibkr import canonical_symbol
from broker_sync.sinks.wealthfolio import WealthfolioSink
from broker_sync.sinks.wealthfolio.answers import Answer, Asked, meaning
from broker_sync.sinks.wealthfolio.assets import new_asset
from broker_sync.sinks.wealthfolio.errors import NotWealthfolioError
from broker_sync.sinks.wealthfolio.forms import PLAIN
from broker_sync.sinks.wealthfolio.payload import rows_of
from tests.sinks.wealthfolio.payload_samples import ACCOUNT, APPLE, at, buy, cash, conversion
from tests.sinks.wealthfolio.test_book import TARGET
from tests.sinks.wealthfolio.trackers import Tracker, a_stand_in

_HERE: Final = Path(__file__).parent
_NOT_OURS: Final[Mapping[int, str]] = {
    41: "how an operator sets a server up; a client only meets what its /auth/status says (trap 4)",
}
"""Why a trap has no test."""

TRAPS: Final[Mapping[int, Sequence[str]]] = {
    1: ["test_a_login_needs_no_user_name_and_its_token_is_in_the_cookie_only"],
    2: [
        "test_a_wrong_password_is_shown_once_however_often_one_asks",
        "test_no_login_is_tried_again_while_the_server_takes_none",
    ],
    3: [
        "test_a_basic_login_is_refused_even_beside_a_good_session",
        "test_a_name_is_shown_to_a_proxy_that_asks_and_the_session_goes_as_a_cookie",
    ],
    4: ["test_a_server_with_another_login_only_is_told_apart"],
    5: ["test_a_locked_profile_is_told"],
    6: [
        "test_pages_begin_at_nought_and_page_one_of_a_small_account_is_empty",
        "test_the_first_page_is_page_nought_and_the_account_is_named_as_the_server_knows_it",
    ],
    7: ["test_no_question_names_days_that_releases_cut_differently"],
    8: ["test_metadata_must_be_a_text"],
    9: ["test_a_row_can_name_an_asset_by_its_id", "test_an_asset_can_be_named_under_either_of_two_fields"],
    10: ["test_one_bad_row_and_nothing_of_the_batch_is_written_though_the_status_is_200"],
    11: ["test_a_request_is_about_one_account"],
    12: [
        "test_a_key_that_is_taken_refuses_the_batch_without_naming_the_row",
        "test_a_key_that_was_taken_between_asking_and_sending_is_found",
    ],
    13: ["test_equal_trades_are_both_kept", "test_without_a_key_of_ours_two_equal_trades_are_one"],
    14: ["test_the_key_of_the_servers_own_depends_on_notes_and_since_3_6_3_on_the_fee"],
    15: ["test_nothing_goes_through_the_import_of_files"],
    16: ["test_a_transfer_of_money_names_no_asset"],
    17: ["test_what_a_trade_is_worth_is_its_product_before_3_8_and_its_amount_since"],
    18: ["test_only_trades_have_a_fee_and_nothing_has_a_tax"],
    19: [
        "test_only_trades_have_a_fee_and_nothing_has_a_tax",
        "test_every_release_makes_the_same_cash_of_the_rows_and_it_is_ours",
    ],
    20: ["test_a_rate_is_sent_on_conversions_only"],
    21: ["test_nothing_is_sent_with_a_sign"],
    22: [
        "test_a_split_has_its_ratio_in_the_amount_and_counts_from_the_next_day_where_it_must",
        "test_a_split_counts_only_after_a_recalculation_and_changes_what_was_held_before",
    ],
    23: ["test_a_row_is_filed_under_its_booking_day_wherever_the_server_is"],
    24: ["test_what_takes_units_comes_after_what_adds_them_at_the_same_moment"],
    25: [
        "test_an_asset_has_type_symbol_market_and_currency_of_quotes",
        "test_a_short_ticker_that_is_not_told_apart_is_taken_for_a_coin",
    ],
    26: [
        "test_class_shares_and_trailing_dots_are_written_as_the_source_of_quotes_does",
        "test_pence_or_pounds_is_what_the_source_of_quotes_says",
    ],
    27: ["test_only_options_have_a_multiplier_to_the_server"],
    28: ["test_a_bond_is_known_by_its_isin"],
    29: ["test_a_short_sale_brings_money_and_takes_no_units"],
    30: [
        "test_a_change_wipes_the_notes_keeps_the_key_and_makes_the_row_the_users",
        "test_an_update_gives_new_content_without_marking_the_row_as_a_persons",
    ],
    31: [
        "test_since_3_6_both_legs_of_a_pair_go_together",
        "test_the_leg_of_a_conversion_that_stays_is_still_there",
    ],
    32: ["test_a_draft_does_not_count", "test_nothing_is_written_as_a_draft_or_to_be_reviewed"],
    33: ["test_a_transfer_says_whether_it_crosses_the_border"],
    34: ["test_what_comes_in_has_its_cost_and_what_goes_out_has_none"],
    35: ["test_a_new_account_bears_our_mark_and_nothing_that_makes_it_somebody_elses"],
    36: ["test_a_page_of_html_that_comes_with_200_is_no_answer"],
    37: ["test_what_was_written_before_the_answer_got_lost_is_not_written_twice"],
    38: [
        "test_holdings_are_assets_and_cash_without_zeros",
        "test_what_the_server_has_rounded_is_put_back_to_what_it_was",
        "test_what_was_written_is_waited_for",
        "test_an_instrument_is_booked_under_the_asset_that_it_had_before",
    ],
    39: ["test_a_row_is_filed_under_its_booking_day_wherever_the_server_is"],
    40: [
        "test_since_3_8_an_amount_within_half_a_cent_is_replaced_by_the_product",
        "test_a_price_is_sent_that_comes_to_the_amount",
    ],
    42: [
        "test_rows_of_an_archived_account_are_not_found",
        "test_an_account_that_cannot_be_written_to_is_refused_with_the_reason",
    ],
}


def _tests() -> set[str]:
    return {
        node.name
        for file in _HERE.glob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_trap_that_concerns_a_client_has_a_test_that_is_there() -> None:
    assert sorted([*TRAPS, *_NOT_OURS]) == list(range(1, 43))
    there = _tests()
    gone = {number: [name for name in names if name not in there] for number, names in TRAPS.items()}
    assert {number: names for number, names in gone.items() if names} == {}


# --- those that have no better place ---


@dataclass(frozen=True, slots=True)
class _Sent:
    path: str
    body: Any


class _Recording(httpx.AsyncHTTPTransport):
    """Notes what goes out."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[_Sent] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        self.sent.append(_Sent(request.url.path.removeprefix("/api/v1"), body))
        return await super().handle_async_request(request)


async def _sync(tracker: Tracker, transport: httpx.AsyncBaseTransport) -> None:
    """What a run does for two accounts."""
    sink = WealthfolioSink(
        tracker.address,
        None,
        tracker.password,
        tracker.session,
        create_account=True,
        transport=transport,
        sleep=tracker.sleep,
        clock=tracker.clock,
    )
    for name in ("U1234567", "U7654321"):
        account = replace(ACCOUNT, id=name, provider_account_id=name)
        booked = [buy(APPLE, at(2), "1", "250"), cash(ActivityType.DEPOSIT, 1, "5000")]
        await sink.create(account, [replace(each, account_id=name) for each in booked])
        await sink.update(account, [replace(booked[1], account_id=name, amount=Decimal(6))])
        await sink.holdings(name, as_of=dt.date(2026, 3, 31))
    await sink.close()


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> list[_Sent]:
    """All that goes out."""
    transport = _Recording()
    with a_stand_in(tmp_path_factory.mktemp("traps")) as tracker:
        asyncio.run(_sync(tracker, transport))
    return transport.sent


def test_nothing_goes_through_the_import_of_files(sent: list[_Sent]) -> None:
    imports = {each.path for each in sent if each.path.startswith("/activities/import")}
    assert imports == {"/activities/import/check-duplicates"}


def test_a_request_is_about_one_account(sent: list[_Sent]) -> None:
    batches = [each.body["creates"] for each in sent if each.path == "/activities/bulk"]
    accounts = [{row["accountId"] for row in batch} for batch in batches]
    assert [len(each) for each in accounts] == [1, 1, 1, 1]
    assert len(set.union(*accounts)) == 2


def test_no_question_names_days_that_releases_cut_differently(sent: list[_Sent]) -> None:
    searches = [each.body for each in sent if each.path == "/activities/search"]
    assert searches
    assert not any({"dateFrom", "dateTo"} & set(body) for body in searches)


def test_nothing_is_written_as_a_draft_or_to_be_reviewed(sent: list[_Sent]) -> None:
    batches = [each.body["creates"] for each in sent if each.path == "/activities/bulk"]
    assert {(row["status"], row["needsReview"]) for batch in batches for row in batch} == {("POSTED", False)}


def test_a_transfer_of_money_names_no_asset() -> None:
    out, in_ = conversion(3, ("GBP", "1000"), ("USD", "1270"), "fx-7")
    moved = [cash(ActivityType.TRANSFER_IN, 1, "5"), cash(ActivityType.TRANSFER_OUT, 1, "5"), out, in_]
    rows = [row for each in moved for row in rows_of(each, PLAIN, None, TARGET)]
    assert {row.type for row in rows} == {"TRANSFER_IN", "TRANSFER_OUT"}
    assert {row.asset for row in rows} == {None}


def test_class_shares_and_trailing_dots_are_written_as_the_source_of_quotes_does() -> None:
    listed = {("BRK B", "NYSE", "USD"): "BRK-B", ("BP.", "LSE", "GBP"): "BP"}
    for (symbol, exchange, currency), written in listed.items():
        canonical = canonical_symbol(symbol, exchange=exchange, currency=currency)
        asset = new_asset(Instrument(symbol=canonical, currency=currency, exchange=exchange))
        assert asset.symbol == written


def test_a_page_of_html_that_comes_with_200_is_no_answer() -> None:
    page = Answer(status=200, headers={"content-type": "text/html"}, body=b"<html>the application</html>")
    asked = Asked(server="https://tracker.example", method="GET", path="/holdings", changes=False)
    with pytest.raises(NotWealthfolioError, match="a web page"):
        meaning(asked, page)
