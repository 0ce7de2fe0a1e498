"""What our client relies on, held to the real server and to our stand-in alike: sessions, rows, batches."""

import datetime as dt
from decimal import Decimal
from typing import Any

import httpx
import pytest

from broker_sync.sinks.wealthfolio.client import WealthfolioClient
from broker_sync.sinks.wealthfolio.errors import (
    LoginRefusedError,
    NotWealthfolioError,
    RequestRefusedError,
    RequestTooLargeError,
    ServerFaultError,
)
from broker_sync.sinks.wealthfolio.fields import Fields, JsonValue
from broker_sync.sinks.wealthfolio.reading import count_of, pages_of, rows_of, server_info
from broker_sync.sinks.wealthfolio.wire import ActivityRow
from tests.sinks.wealthfolio.trackers import Account, Tracker, asset


def _rows(account: Account) -> list[ActivityRow]:
    return account.tracker.run(lambda client: rows_of(client, account.id))


def _search(tracker: Tracker, **asked: Any) -> Fields:  # noqa: ANN401
    body = {"page": 0, "pageSize": 50, **asked}
    return Fields.of(tracker.run(lambda client: client.query("/activities/search", body)), "page")


# --- the session ---


def _raw(tracker: Tracker, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401
    """A request without any of our client's help."""
    return httpx.request(method, f"{tracker.address}/api/v1{path}", timeout=30, **more)


def _token(tracker: Tracker) -> str:
    """The session that the client keeps."""
    tracker.run(server_info)
    found = tracker.session.read_text().split(tracker.address)[1].split('"token": "')[1]
    return found.partition('"')[0]


def test_a_login_needs_no_user_name_and_its_token_is_in_the_cookie_only(tracker: Tracker) -> None:
    answer = _raw(tracker, "POST", "/auth/login", json={"password": tracker.password})
    assert answer.json().keys() == {"authenticated", "expiresIn"}
    assert answer.headers["set-cookie"].startswith("wf_session=")


def test_a_wrong_password_is_refused(tracker: Tracker) -> None:
    client = tracker.client(password="wrong", remembered=False)
    with pytest.raises(LoginRefusedError, match="WF_PASSWORD"):
        tracker.run(server_info, client=client)


def test_a_session_that_is_none_is_told_in_two_ways(tracker: Tracker) -> None:
    shown = [None, "Bearer x", "Basic bmFtZTpwYXNzd29yZA==", "Bearer not.a.token"]
    headers = [{} if each is None else {"authorization": each} for each in shown]
    answers = [_raw(tracker, "GET", "/app/info", headers=each) for each in headers]
    assert [each.status_code for each in answers] == [401, 401, 401, 500]
    assert "validate token" in answers[-1].text


def test_a_basic_login_is_refused_even_beside_a_good_session(tracker: Tracker) -> None:
    cookie = {"cookie": f"wf_session={_token(tracker)}"}
    assert _raw(tracker, "GET", "/app/info", headers=cookie).status_code == 200
    both = cookie | {"authorization": "Basic bmFtZTpwYXNzd29yZA=="}
    assert _raw(tracker, "GET", "/app/info", headers=both).status_code == 401


def test_a_session_is_used_again_by_the_next_run(tracker: Tracker) -> None:
    before = _token(tracker)
    assert _token(tracker) == before


def test_the_server_says_its_version_and_its_time_zone(tracker: Tracker) -> None:
    info = tracker.run(server_info)
    assert str(info.features.version).count(".") == 2
    assert dt.datetime(2026, 1, 1, tzinfo=info.settings.time_zone).utcoffset() is not None


def test_a_path_that_is_not_there_is_told_apart_from_a_refusal(tracker: Tracker) -> None:
    with pytest.raises(NotWealthfolioError, match="WF_BASE_URL"):
        tracker.run(lambda client: client.get("/nothing/here"))


# --- searching ---


def test_pages_begin_at_nought_and_page_one_of_a_small_account_is_empty(tracker: Tracker) -> None:
    account = tracker.account()
    account.write(account.row("DEPOSIT", amount="1"))
    assert len(_search(tracker, accountIdFilter=[account.id]).parts("data")) == 1
    second = _search(tracker, accountIdFilter=[account.id], page=1)
    assert (second.parts("data"), second.part("meta").count("totalRowCount")) == ([], 1)


def test_a_filter_that_the_server_does_not_know_lets_everything_through(tracker: Tracker) -> None:
    account = tracker.account()
    account.write(account.row("DEPOSIT", amount="1"))
    assert _search(tracker, accountIds=["nobody"]).parts("data")
    assert not _search(tracker, accountIdFilter=["nobody"]).parts("data")


def test_every_page_of_one_account_is_read_and_nothing_of_others(tracker: Tracker) -> None:
    account, other = tracker.account(), tracker.account()
    other.write(other.row("DEPOSIT", amount="1"))
    written = account.write(*[account.row("DEPOSIT", f"2026-01-{n:02}", amount=str(n)) for n in range(1, 8)])

    async def pages(client: WealthfolioClient) -> list[int]:
        return [len(page.rows) async for page in pages_of(client, account.id, size=3)]

    assert tracker.run(pages) == [3, 3, 1]
    assert [row.id for row in _rows(account)] == [each.text("id") for each in written.parts("created")]
    assert tracker.run(lambda client: count_of(client, account.id)) == 7


def test_rows_of_an_archived_account_are_not_found(tracker: Tracker) -> None:
    account = tracker.account()
    account.write(account.row("DEPOSIT", amount="1"))
    away: JsonValue = {
        "name": "Away",
        "accountType": "SECURITIES",
        "isDefault": False,
        "isActive": True,
        "isArchived": True,
    }
    tracker.run(lambda client: client.put(f"/accounts/{account.id}", away))
    assert not _rows(account)


def test_what_is_wrong_in_a_question_is_refused(tracker: Tracker) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        tracker.run(lambda client: client.query("/activities/search", {"page": 0}))
    assert refused.value.status == 422
    with pytest.raises(ServerFaultError, match="snapshot"):
        tracker.run(
            lambda client: client.get("/snapshots/holdings", {"accountId": "nobody", "date": "2026-01-01"})
        )


# --- rows ---


def test_a_row_is_read_back_as_it_was_written(tracker: Tracker) -> None:
    account = tracker.account()
    sent = account.row(
        "BUY",
        "2026-01-05T15:30:01.250Z",
        asset=asset(),
        quantity="10.5",
        unitPrice="100.123456789",
        fee="1",
        amount="1052.2962962845",
        subtype="POSITION_OPEN",
        notes="a note",
        metadata='{"flow":{"is_external":false}}',
        sourceSystem="BROKER_SYNC",
        sourceRecordId="ibkr:trade:1",
        sourceGroupId="group",
    )
    account.write(sent)
    [found] = _rows(account)
    assert found.date == dt.datetime(2026, 1, 5, 15, 30, 1, 250000, tzinfo=dt.UTC)
    assert [str(each) for each in (found.quantity, found.unit_price, found.fee, found.amount)] == [
        "10.5",
        "100.123456789",
        "1",
        "1052.2962962845",
    ]
    assert (found.activity_type, found.subtype, found.comment) == ("BUY", "POSITION_OPEN", "a note")
    assert (found.source_system, found.source_record_id) == ("BROKER_SYNC", "ibkr:trade:1")
    assert (found.source_group_id, found.idempotency_key) == ("group", sent["idempotencyKey"])
    assert found.metadata == {"flow": {"is_external": False}}
    assert (found.symbol, found.exchange_mic, found.instrument_type) == ("ZZTS", "XNAS", "EQUITY")
    assert (found.counts, found.is_user_modified) == (True, False)


def test_numbers_lose_their_sign_and_pence_become_pounds(tracker: Tracker) -> None:
    account = tracker.account()
    account.write(
        account.row("FEE", amount="-1.2e1"),
        account.row("BUY", asset=asset(), currency="GBp", quantity="2", unitPrice="150", fee="50"),
    )
    fee, buy = _rows(account)
    assert str(fee.amount) == "12"
    assert (buy.currency, buy.unit_price, buy.fee) == ("GBP", Decimal("1.5"), Decimal("0.5"))


def test_metadata_must_be_a_text(tracker: Tracker) -> None:
    account = tracker.account()
    with pytest.raises(RequestRefusedError) as refused:
        account.write(account.row("DEPOSIT", amount="1", metadata={"a": 1}))
    assert refused.value.status == 422


def test_a_day_without_a_time_is_midnight_in_utc(tracker: Tracker) -> None:
    account = tracker.account()
    account.write(account.row("DEPOSIT", "2026-01-05", amount="1"))
    assert _rows(account)[0].date == dt.datetime(2026, 1, 5, tzinfo=dt.UTC)


def test_a_change_wipes_the_notes_keeps_the_key_and_makes_the_row_the_users(tracker: Tracker) -> None:
    account = tracker.account()
    sent = account.row("DEPOSIT", amount="1", notes="a note", metadata='{"a":1}')
    [row_id] = [each.text("id") for each in account.write(sent).parts("created")]
    change: JsonValue = {
        "id": row_id,
        "accountId": account.id,
        "activityType": "DEPOSIT",
        "activityDate": "2026-01-06T12:00:00Z",
        "currency": "USD",
    }
    tracker.run(lambda client: client.put("/activities", change))
    [found] = _rows(account)
    assert (found.comment, found.is_user_modified) == (None, True)
    assert (found.idempotency_key, found.amount) == (sent["idempotencyKey"], Decimal(1))
    assert found.metadata == {"a": 1}


# --- batches ---


def test_every_row_of_a_batch_is_answered_under_the_name_that_it_was_sent_with(tracker: Tracker) -> None:
    account = tracker.account()
    answer = account.write(*[account.row("DEPOSIT", amount="1", id=name) for name in ("one", "two")])
    named = {each.text("tempId"): each.text("activityId") for each in answer.parts("createdMappings")}
    created = [each.text("id") for each in answer.parts("created")]
    assert [named["one"], named["two"]] == created


def test_one_bad_row_and_nothing_of_the_batch_is_written_though_the_status_is_200(tracker: Tracker) -> None:
    account = tracker.account()
    answer = account.write(account.row("DEPOSIT", amount="1", id="good"), account.row("BUY", id="bad"))
    assert [each.text("id") for each in answer.parts("errors")] == ["bad"]
    assert not answer.parts("created")
    assert not _rows(account)


def test_a_key_that_is_taken_refuses_the_batch_without_naming_the_row(tracker: Tracker) -> None:
    account = tracker.account()
    first = account.row("DEPOSIT", amount="1")
    [row_id] = [each.text("id") for each in account.write(first).parts("created")]
    with pytest.raises(RequestRefusedError, match="Duplicate") as refused:
        account.write(account.row("DEPOSIT", amount="2"), first)
    assert (refused.value.status, row_id in refused.value.said) == (400, False)
    assert len(_rows(account)) == 1


def test_a_key_that_stands_twice_in_a_batch_refuses_it(tracker: Tracker) -> None:
    account = tracker.account()
    twin = account.row("DEPOSIT", amount="1")
    with pytest.raises(RequestRefusedError, match="Duplicate"):
        account.write(twin, twin)
    assert not _rows(account)


def test_a_single_row_with_a_taken_key_is_refused_with_the_id_of_the_one_there(tracker: Tracker) -> None:
    account = tracker.account()
    first = account.row("DEPOSIT", amount="1")
    [row_id] = [each.text("id") for each in account.write(first).parts("created")]
    with pytest.raises(RequestRefusedError, match=row_id):
        tracker.run(lambda client: client.post("/activities", first))


def test_the_server_tells_which_keys_it_has_and_takes_any_text_for_one(tracker: Tracker) -> None:
    account = tracker.account()
    sent = account.row("DEPOSIT", amount="1")
    [row_id] = [each.text("id") for each in account.write(sent).parts("created")]
    asked: JsonValue = {"idempotencyKeys": [sent["idempotencyKey"], "no such: #key"]}
    answer = tracker.run(lambda client: client.query("/activities/import/check-duplicates", asked))
    assert answer == {"duplicates": {sent["idempotencyKey"]: row_id}}


def test_a_key_is_free_again_when_its_row_is_deleted_even_in_the_same_batch(tracker: Tracker) -> None:
    account = tracker.account()
    sent = account.row("DEPOSIT", amount="1")
    [row_id] = [each.text("id") for each in account.write(sent).parts("created")]
    body: JsonValue = {"creates": [{**sent, "amount": "2"}], "deleteIds": [row_id]}
    answer = Fields.of(tracker.run(lambda client: client.post("/activities/bulk", body)), "answer")
    assert (len(answer.parts("created")), len(answer.parts("deleted"))) == (1, 1)
    assert [each.amount for each in _rows(account)] == [2]


def test_without_a_key_of_ours_two_equal_trades_are_one(tracker: Tracker) -> None:
    account = tracker.account()
    trade = account.row("BUY", asset=asset(), quantity="1", unitPrice="2", idempotencyKey=None)
    with pytest.raises(RequestRefusedError, match="Duplicate"):
        account.write(trade, trade)


def test_deleting_what_is_not_there_stops_a_batch_and_is_refused_alone(tracker: Tracker) -> None:
    account = tracker.account()
    body: JsonValue = {"creates": [account.row("DEPOSIT", amount="1")], "deleteIds": ["nothing"]}
    answer = Fields.of(tracker.run(lambda client: client.post("/activities/bulk", body)), "answer")
    assert [(each.text("id"), each.text("action")) for each in answer.parts("errors")] == [
        ("nothing", "delete")
    ]
    assert not _rows(account)
    with pytest.raises(RequestRefusedError) as refused:
        tracker.run(lambda client: client.delete("/activities/nothing"))
    assert refused.value.status == 400


def test_some_rows_refuse_the_whole_batch_without_being_named(tracker: Tracker) -> None:
    account = tracker.account()
    unknown_asset: dict[str, JsonValue] = {"activityType": "BUY", "asset": {"id": "no"}, "quantity": "1"}
    for wrong in ({"accountId": "nobody"}, {"activityType": "SOMETHING"}, unknown_asset):
        with pytest.raises(RequestRefusedError) as refused:
            account.write({**account.row("DEPOSIT", amount="1", id="name"), **wrong})
        assert refused.value.status == 400
        assert "name" not in refused.value.said.split()
    assert not _rows(account)


def test_a_body_of_more_than_two_megabytes_is_refused(tracker: Tracker) -> None:
    account = tracker.account()
    account.write(account.row("DEPOSIT", amount="1", notes="x" * 2_000_000))
    with pytest.raises(RequestTooLargeError):
        account.write(account.row("DEPOSIT", amount="1", notes="x" * 2_200_000))
    assert len(_rows(account)) == 1


# --- accounts ---


def test_an_account_gets_an_id_of_the_servers_own_and_keeps_its_meta(tracker: Tracker) -> None:
    body: dict[str, JsonValue] = {
        "id": "mine",
        "name": "Marked",
        "accountType": "SECURITIES",
        "currency": "USD",
        "isDefault": False,
        "isActive": True,
        "meta": "ours",
    }
    made = Fields.of(tracker.run(lambda client: client.post("/accounts", body)), "account")
    assert made.text("id") != "mine"
    renamed: JsonValue = {**body, "name": "Renamed", "meta": "theirs", "currency": "GBP"}
    changed = tracker.run(lambda client: client.put(f"/accounts/{made.text('id')}", renamed))
    kept = Fields.of(changed, "account")
    assert (kept.text("name"), kept.text("meta"), kept.text("currency")) == ("Renamed", "ours", "USD")


def test_an_account_that_lacks_something_is_refused(tracker: Tracker) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        tracker.run(lambda client: client.post("/accounts", {"name": "Half"}))
    assert refused.value.status == 422
