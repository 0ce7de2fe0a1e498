"""Night after night against the service: what is fetched, booked, kept and refused."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from broker_sync.lock import RunLock
from tests.simulation.query import Query
from tests.simulation.statement import write
from tests.standins.flex import FlexServer, FlexService, NoStatementError
from tests.standins.flex.answers import code
from tests.standins.flex.service import GET, SEND

from .conftest import Cli
from .nights import ACCOUNT, QUERY, TOKEN, Nights, Statements, life

LIFE = life(days=200, events=60)
DAY = dt.timedelta(days=1)
FIRST_NIGHT = dt.date(2024, 6, 12)
"""A Wednesday; yesterday in New York is the 11th."""


@pytest.fixture
def statements() -> Statements:
    return Statements(LIFE)


@pytest.fixture
def nights(
    statements: Statements, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Nights]:
    service = FlexService(statements, token=TOKEN, query_id=QUERY)
    with FlexServer(service) as server:
        monkeypatch.setenv("IBKR_FLEX_TOKEN", TOKEN)
        monkeypatch.setenv("IBKR_FLEX_QUERY_ID", QUERY)
        monkeypatch.setenv("IBKR_ACCOUNT_ID_UPSTREAM", ACCOUNT)
        monkeypatch.setenv("IBKR_FLEX_BASE_URL", server.address)
        yield Nights(service, server, capsys)


def account(result: dict[str, Any]) -> dict[str, Any]:
    (only,) = result["accounts"]
    assert isinstance(only, dict)
    return only


def drifts(result: dict[str, Any]) -> set[str]:
    told = account(result)
    assert told["positions"]
    assert told["cash"]
    return {side["drift"] for side in (*told["positions"], *told["cash"])}


def test_a_second_night_fetches_the_overlap_and_books_only_what_is_new(nights: Nights) -> None:
    first = nights.night(FIRST_NIGHT)
    assert (first.status, first.result["outcome"]) == (0, "ok")
    second = nights.night(FIRST_NIGHT + 7 * DAY)
    assert (second.status, second.result["outcome"]) == (0, "ok")
    assert nights.windows == [("20240313", "20240611"), ("20240313", "20240618")]
    told = account(second.result)
    assert told["known"] > told["new"] > 0
    assert drifts(second.result) == {"0"}
    assert told["coverage"]["from"] == "2024-03-13"
    assert told["coverage"]["to"] == "2024-06-18"
    assert told["coverage"]["gaps"] == []


@pytest.mark.slow
def test_a_third_night_on_the_same_day_books_nothing(nights: Nights) -> None:
    nights.night(FIRST_NIGHT)
    again = nights.night(FIRST_NIGHT)
    assert account(again.result)["new"] == 0
    assert again.status == 0


@pytest.mark.slow
def test_missed_weeks_lose_nothing(nights: Nights) -> None:
    nights.night(FIRST_NIGHT - 60 * DAY)
    late = nights.night(FIRST_NIGHT + 60 * DAY)
    assert drifts(late.result) == {"0"}
    assert account(late.result)["coverage"]["gaps"] == []


def test_nothing_is_asked_for_that_ends_today(nights: Nights) -> None:
    nights.night(FIRST_NIGHT, until=FIRST_NIGHT + 5 * DAY)
    assert nights.windows[-1][1] == "20240611"


@pytest.mark.slow
def test_a_range_of_days_can_be_named(nights: Nights) -> None:
    ran = nights.night(FIRST_NIGHT, since=dt.date(2024, 2, 1), until=dt.date(2024, 5, 31))
    assert nights.windows == [("20240201", "20240531")]
    assert account(ran.result)["window"] == {"from": "2024-02-01", "to": "2024-05-31"}


@pytest.mark.slow
def test_a_gap_is_closed_by_the_next_night(nights: Nights) -> None:
    nights.night(FIRST_NIGHT, since=dt.date(2024, 2, 1), until=dt.date(2024, 2, 29))
    gapped = nights.night(FIRST_NIGHT, since=dt.date(2024, 5, 1))
    assert account(gapped.result)["coverage"]["gaps"] == [{"from": "2024-03-01", "to": "2024-04-30"}]
    closed = nights.night(FIRST_NIGHT)
    assert nights.windows[-1][0] == "20240301"
    assert account(closed.result)["coverage"]["gaps"] == []
    assert drifts(closed.result) == {"0"}


@pytest.mark.slow
def test_old_days_that_cannot_be_had_do_not_hold_up_the_night(nights: Nights, statements: Statements) -> None:
    nights.night(FIRST_NIGHT, since=dt.date(2024, 1, 2), until=dt.date(2024, 1, 10))

    def of_late(first: dt.date | None, last: dt.date | None) -> bytes:
        if first is None or first < dt.date(2024, 3, 1):
            raise NoStatementError
        return statements(first, last)

    nights.service.source = of_late
    ran = nights.night(FIRST_NIGHT)
    assert ran.status == 0
    assert account(ran.result)["coverage"]["gaps"] == [{"from": "2024-01-11", "to": "2024-03-12"}]
    assert any("Nothing could be had for 2024-01-02" in note for note in account(ran.result)["notes"])
    assert nights.night(FIRST_NIGHT + DAY).status == 0
    sent = len(nights.windows)
    assert nights.night(FIRST_NIGHT + 2 * DAY).status == 0
    assert len(nights.windows) == sent + 1


@pytest.mark.slow
def test_a_configured_account_that_does_not_come_is_an_error(
    nights: Nights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "broker-sync.toml"
    config.write_text(f'[[ibkr.accounts]]\nid = "{ACCOUNT}"\n[[ibkr.accounts]]\nid = "U1112223"\n')
    config.chmod(0o600)
    monkeypatch.setenv("BROKER_SYNC_CONFIG", str(config))
    monkeypatch.delenv("IBKR_ACCOUNT_ID_UPSTREAM")
    ran = nights.night(FIRST_NIGHT)
    assert ran.status == 3
    assert "account U1112223: the statement of query 123456 does not have this account" in ran.err
    assert account(ran.result)["new"] > 0


# --- what must not be taken for a statement of a day without events ---


def test_a_statement_without_its_cash_transactions_is_refused(
    nights: Nights, statements: Statements, cli: Cli
) -> None:
    nights.night(FIRST_NIGHT)
    before = (cli("activities", "--json").out, cli("ibkr", "status", "--json").result["accounts"])
    statements.query = replace(statements.query, absent=statements.query.absent | {"CashTransactions"})
    refused = nights.night(FIRST_NIGHT + DAY)
    assert (refused.status, refused.result["outcome"]) == (3, "refused")
    assert "the query was changed: Cash Transactions is missing" in refused.err
    after = (cli("activities", "--json").out, cli("ibkr", "status", "--json").result["accounts"])
    assert after[0] == before[0]
    assert after[1][0]["coverage"] == before[1][0]["coverage"]


@pytest.mark.slow
def test_a_change_of_the_query_can_be_accepted(nights: Nights, statements: Statements) -> None:
    nights.night(FIRST_NIGHT)
    statements.query = replace(statements.query, absent=statements.query.absent | {"CorporateActions"})
    assert nights.night(FIRST_NIGHT + DAY).status == 3
    assert nights.night(FIRST_NIGHT + DAY, accept_query_change=True).status == 0
    assert nights.night(FIRST_NIGHT + DAY).status == 0


@pytest.mark.slow
def test_records_known_by_other_columns_are_refused(nights: Nights, statements: Statements) -> None:
    nights.night(FIRST_NIGHT)
    statements.query = replace(statements.query, unticked={"Trades": frozenset({"transactionID"})})
    refused = nights.night(FIRST_NIGHT + DAY)
    assert refused.status == 3
    assert "transactionID is missing in Trades" in refused.err


def test_a_download_must_not_book_again_what_a_file_has_booked_under_other_ids(
    nights: Nights, statements: Statements, cli: Cli, write: Callable[..., Path]
) -> None:
    days = FIRST_NIGHT - 60 * DAY, FIRST_NIGHT - 30 * DAY
    bare = re.sub(r' transactionID="[^"]*"', "", statements(*days).decode())
    assert cli("ibkr", "--file", write(bare)).status == 0
    before = cli("activities", "--json").out
    for is_dry in (True, False):
        refused = nights.night(FIRST_NIGHT, dry_run=is_dry)
        assert (refused.status, refused.result["outcome"]) == (3, "refused")
        assert "go by other ids than those of another statement of" in refused.err
        assert "transactionID is new in" in refused.err
    assert cli("activities", "--json").out == before


def test_one_day_where_ninety_were_asked_for_is_refused(nights: Nights, cli: Cli) -> None:
    nights.night(FIRST_NIGHT)
    before = cli("activities", "--json").out
    nights.service.collapses = True
    refused = nights.night(FIRST_NIGHT + DAY)
    assert refused.status == 3
    assert (
        "it covers 2024-06-12 to 2024-06-12 for account U7654321, asked for were 2024-03-13 to 2024-06-12"
        in refused.err
    )
    assert cli("activities", "--json").out == before


EMPTY = (
    '<FlexQueryResponse queryName="q" type="AF"><FlexStatements count="1"><FlexStatement accountId="{}" '
    'fromDate="{}" toDate="{}"><Trades/><CashTransactions/><OpenPositions/><CashReport/></FlexStatement>'
    "</FlexStatements></FlexQueryResponse>"
)


@pytest.mark.slow
def test_an_empty_statement_is_refused(nights: Nights, cli: Cli) -> None:
    nights.night(FIRST_NIGHT)
    before = cli("activities", "--json").out
    nights.service.source = lambda first, last: EMPTY.format(ACCOUNT, first, last).encode()
    refused = nights.night(FIRST_NIGHT + DAY)
    assert (refused.status, refused.result["outcome"]) == (3, "refused")
    assert cli("activities", "--json").out == before


@pytest.mark.slow
def test_a_refused_statement_is_kept_with_the_reason(nights: Nights, cli: Cli) -> None:
    nights.service.collapses = True
    nights.night(FIRST_NIGHT)
    (kept,) = cli("archive", "list", "--json").objects
    assert kept["state"] == "refused"
    assert "asked for were" in kept["reason"]


@pytest.mark.slow
def test_the_statement_of_another_account_is_refused(
    nights: Nights, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    monkeypatch.setenv("IBKR_ACCOUNT_ID_UPSTREAM", "U1112223")
    refused = nights.night(FIRST_NIGHT)
    assert refused.status == 3
    assert ACCOUNT in refused.err
    assert "U1112223" in refused.err
    assert not (data_dir / "portfolio.db").exists()


# --- the broker takes something back ---


def without_a_deposit(statements: Statements) -> str:
    """The broker no longer lists one of its deposits; its id."""
    (lost, *_) = [row for row in LIFE.rows if row.kind == "deposit" and row.booked_on > dt.date(2024, 3, 20)]
    rows = [row for row in LIFE.rows if row is not lost]
    statements.life = replace(LIFE, rows=rows)
    return f"ibkr:cash:{lost.values['transactionID']}"


def test_a_record_that_the_broker_no_longer_lists_is_reported(nights: Nights, statements: Statements) -> None:
    nights.night(FIRST_NIGHT)
    lost = without_a_deposit(statements)
    told = account(nights.night(FIRST_NIGHT).result)
    assert [each["external_id"] for each in told["vanished"]] == [lost]
    assert told["deleted"] == 0
    assert {each["drift"] for each in told["cash"]} != {"0"}


@pytest.mark.slow
def test_a_record_that_the_broker_no_longer_lists_is_removed_if_that_is_wanted(
    nights: Nights, statements: Statements, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.night(FIRST_NIGHT)
    without_a_deposit(statements)
    monkeypatch.setenv("BROKER_SYNC_ON_VANISHED", "delete")
    ran = nights.night(FIRST_NIGHT)
    assert (len(account(ran.result)["vanished"]), account(ran.result)["deleted"]) == (1, 1)
    assert drifts(ran.result) == {"0"}
    assert account(nights.night(FIRST_NIGHT).result)["vanished"] == []


# --- the service says no ---


@pytest.mark.slow
def test_a_query_that_takes_no_days_is_run_for_its_own_period(nights: Nights) -> None:
    nights.service.refuses_windows = True
    ran = nights.night(FIRST_NIGHT)
    assert ran.status == 0
    assert nights.windows == [("20240313", "20240611"), ("", "")]


@pytest.mark.slow
def test_a_range_that_is_refused_is_asked_for_year_by_year(nights: Nights) -> None:
    def within_a_year(first: dt.date | None, last: dt.date | None) -> bytes:
        if first is None or last is None or first.year != last.year:
            raise NoStatementError
        return write(LIFE, Query(), first, last).text.encode()

    nights.service.source = within_a_year
    nights.night(dt.date(2024, 1, 20), since=dt.date(2023, 12, 20))
    assert nights.windows == [
        ("20231220", "20240119"),
        ("20240101", "20240119"),
        ("20231220", "20231231"),
    ]


def test_while_the_breaker_is_open_nothing_is_sent(nights: Nights) -> None:
    nights.service.fail(SEND, always=code(1025))
    assert nights.night(FIRST_NIGHT).status == 75
    assert nights.night(FIRST_NIGHT).status == 75
    assert nights.sent == [SEND]


def test_a_dry_run_fetches_and_leaves_nothing(nights: Nights, data_dir: Path) -> None:
    ran = nights.night(FIRST_NIGHT, dry_run=True)
    assert ran.status == 0
    assert ran.result["plan"]
    assert not data_dir.exists()
    assert nights.sent == [SEND, GET]


@pytest.mark.slow
def test_statements_on_their_way_do_not_stay(nights: Nights, data_dir: Path) -> None:
    nights.night(FIRST_NIGHT)
    assert sorted(path.name for path in data_dir.iterdir()) == ["archive", "portfolio.db", "sync.db"]


@pytest.mark.slow
def test_the_token_is_in_no_file(nights: Nights, data_dir: Path) -> None:
    nights.night(FIRST_NIGHT)
    nights.service.fail(SEND, always=code(1012))
    expired = nights.night(FIRST_NIGHT + DAY)
    assert TOKEN not in expired.out + expired.err
    for path in data_dir.rglob("*"):
        if path.is_file():
            assert TOKEN.encode() not in path.read_bytes()


def test_a_second_run_at_once_leaves_and_says_who_is_at_work(nights: Nights, data_dir: Path) -> None:
    with RunLock(data_dir, now=lambda: dt.datetime(2024, 6, 12, tzinfo=dt.UTC)):
        ran = nights.night(FIRST_NIGHT)
    assert ran.status == 75
    assert str(os.getpid()) in ran.err
    assert nights.sent == []
    assert nights.night(FIRST_NIGHT).status == 0


# --- what Prometheus is told ---


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BROKER_SYNC_TEXTFILE", str(tmp_path / "ibkr.prom"))
    return tmp_path / "ibkr.prom"


def figures(told: Path) -> dict[str, float]:
    lines = [line for line in told.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_a_failed_night_leaves_the_last_success_as_it_was(nights: Nights, told: Path) -> None:
    nights.night(FIRST_NIGHT)
    good = figures(told)
    assert good["ibkr_sync_last_success_timestamp_seconds"] > 0
    drift = {name for name in good if name.startswith("ibkr_position_drift_shares{")}
    assert drift
    assert {good[name] for name in drift} == {0}
    nights.service.fail(SEND, always=code(1012))
    assert nights.night(FIRST_NIGHT + DAY).status == 2
    bad = figures(told)
    name = "ibkr_sync_last_success_timestamp_seconds"
    assert bad[name] == good[name]
    assert bad["ibkr_flex_last_error_code"] == 1012
    assert {name: bad[name] for name in drift} == {name: good[name] for name in drift}


def test_a_dry_run_tells_nothing(nights: Nights, told: Path) -> None:
    nights.night(FIRST_NIGHT, dry_run=True)
    assert not told.exists()


@pytest.mark.slow
def test_a_pushgateway_that_is_away_spoils_nothing_unless_strict(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUSHGATEWAY_URL", "http://127.0.0.1:9")
    ran = nights.night(FIRST_NIGHT)
    assert ran.status == 0
    assert "pushgateway" in ran.err
    assert nights.night(FIRST_NIGHT, strict=True).status == 4


# --- the archive ---


@pytest.mark.slow
def test_the_books_made_anew_from_the_archive_are_the_same(nights: Nights, cli: Cli, tmp_path: Path) -> None:
    nights.night(FIRST_NIGHT)
    nights.night(FIRST_NIGHT + 30 * DAY)
    ran = cli("replay", "--into", tmp_path / "again", "--json")
    assert ran.status == 0
    assert "The same books" in ran.err
