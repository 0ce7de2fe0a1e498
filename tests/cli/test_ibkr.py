"""``broker-sync ibkr``: what is printed where, and the exit status."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.cli.statements import ACCOUNT, OTHER, drifting, good, good_of, two_accounts, with_rejections
from tests.providers.ibkr.builders import (
    WIDGET,
    cash,
    cash_rows,
    document,
    one_statement,
    position,
    positions,
    section,
    statement,
    trade,
    trades,
)

Write = Callable[..., Path]


def test_a_first_sync_books_everything_and_a_second_nothing(cli: Cli, write: Write) -> None:
    file = write(good())
    first, second = cli("ibkr", "--file", file), cli("ibkr", "--file", file)
    assert (first.status, first.last) == (0, "ibkr: fetched=3 new=3 imported=3 failed=0")
    assert (second.status, second.last) == (0, "ibkr: fetched=3 new=0 imported=0 failed=0")
    assert "Broker and tracker agree on 1 position and 1 currency." in second.out


def test_stdout_carries_the_result_and_nothing_else(cli: Cli, write: Write) -> None:
    ran = cli("ibkr", "--file", write(good()))
    assert ran.out.startswith(f"Account {ACCOUNT} to ledger, 2026-05-01 to 2026-05-31\n")
    assert ran.err == ""


def test_json_is_one_object_with_what_was_done(cli: Cli, write: Write) -> None:
    ran = cli("ibkr", "--json", "--file", write(good()))
    assert (ran.status, ran.result["provider"], ran.result["outcome"]) == (0, "ibkr", "ok")
    (account,) = ran.result["accounts"]
    assert account["window"] == {"from": "2026-05-01", "to": "2026-05-31"}
    assert (account["fetched"], account["new"], account["imported"], account["rejected"]) == (3, 3, 3, [])
    assert account["positions"] == [
        {
            "symbol": "WDGT",
            "isin": "US0000001001",
            "conid": "1001",
            "broker": "6",
            "tracker": "6",
            "drift": "0",
        }
    ]
    assert account["cash"] == [{"currency": "USD", "broker": "1450.5", "tracker": "1450.5", "drift": "0"}]
    assert account["opening"] == {"positions": 0, "cash": 1, "changed": 1}


def test_several_files_are_one_sync(cli: Cli, write: Write) -> None:
    first = write(one_statement(trades(trade())), "first.xml")
    second = write(one_statement(cash_rows(cash())), "second.xml")
    assert cli("ibkr", "--file", first, "--file", second).last == "ibkr: fetched=2 new=2 imported=2 failed=0"


def test_since_and_until_are_both_included(cli: Cli, write: Write) -> None:
    file = write(good())  # booked on 20, 21 and 22 May
    ran = cli("ibkr", "--json", "--since", "2026-05-21", "--until", "2026-05-21", "--file", file)
    (account,) = ran.result["accounts"]
    assert (account["fetched"], account["window"]) == (1, {"from": "2026-05-21", "to": "2026-05-21"})


# --- accounts ---


def test_without_a_configured_account_all_that_have_something_are_synced(cli: Cli, write: Write) -> None:
    file = write(two_accounts())
    told = cli("ibkr", "--json", "--file", file).result["accounts"]
    assert [account["account"] for account in told] == [ACCOUNT, OTHER]
    assert cli("ibkr", "--file", file).last == "ibkr: fetched=2 new=0 imported=0 failed=0"


def test_an_account_with_nothing_to_say_is_synced_if_it_is_the_only_one(cli: Cli, write: Write) -> None:
    file = write(one_statement(section("SecuritiesInfo", "SecurityInfo", WIDGET)))
    assert cli("ibkr", "--file", file).last == "ibkr: fetched=0 new=0 imported=0 failed=0"


def test_one_of_the_accounts_can_be_chosen(cli: Cli, write: Write) -> None:
    ran = cli("ibkr", "--json", "--account", OTHER, "--file", write(two_accounts()))
    assert [account["account"] for account in ran.result["accounts"]] == [OTHER]


def test_an_account_that_is_not_there_is_an_error_that_lists_those_that_are(
    cli: Cli, write: Write, data_dir: Path
) -> None:
    ran = cli("ibkr", "--account", "U5555555", "--file", write(two_accounts()))
    assert (ran.status, ran.out) == (2, "")
    assert "U5555555" in ran.err
    assert f"{ACCOUNT}, {OTHER}" in ran.err
    assert not data_dir.exists()


def test_the_trackers_account_is_used_for_a_single_account(
    cli: Cli, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IBKR_ACCOUNT_ID", "tracker-1")
    ran = cli("ibkr", "--file", write(good()))
    assert ran.out.startswith(f"Account {ACCOUNT} (in the tracker: tracker-1) to ledger")
    assert len(cli("activities", "--json", "--account", "tracker-1").objects) == 4


@pytest.mark.parametrize("chosen", [(), ("--account", OTHER)])
def test_two_accounts_are_never_mixed_in_one_of_the_trackers(
    cli: Cli, write: Write, monkeypatch: pytest.MonkeyPatch, chosen: tuple[str, ...]
) -> None:
    monkeypatch.setenv("IBKR_ACCOUNT_ID", "tracker-1")
    ran = cli("ibkr", *chosen, "--file", write(two_accounts()))
    assert "IBKR_ACCOUNT_ID is not used" in ran.err
    assert "tracker-1" not in ran.out


def test_a_record_that_names_no_account_beside_others_is_refused(
    cli: Cli, write: Write, data_dir: Path
) -> None:
    nameless = statement(trades(trade(accountId=None)), accountId=None)
    ran = cli("ibkr", "--file", write(document(good_of(ACCOUNT, "9001"), nameless)))
    assert ran.status == 3
    assert "which account" in ran.err
    assert not data_dir.exists()


# --- refusals ---


def test_the_statement_of_another_account_is_refused_and_leaves_no_trace(
    cli: Cli, write: Write, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IBKR_ACCOUNT_ID_UPSTREAM", "U9999999")
    ran = cli("ibkr", "--file", write(good()))
    assert (ran.status, ran.out) == (3, "")
    assert ran.err.startswith("broker-sync: statement.xml: ")
    assert "U9999999" in ran.err
    assert ACCOUNT in ran.err
    assert not data_dir.exists()


def test_a_refusal_changes_nothing_that_is_there(
    cli: Cli, write: Write, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("ibkr", "--file", write(good()))
    before = state(data_dir)
    monkeypatch.setenv("IBKR_ACCOUNT_ID_UPSTREAM", "U9999999")
    assert cli("ibkr", "--file", write(good_of(ACCOUNT, "9999"))).status == 3
    assert state(data_dir) == before


def test_one_bad_file_among_good_ones_refuses_all(cli: Cli, write: Write, data_dir: Path) -> None:
    ran = cli("ibkr", "--file", write(good()), "--file", write("<html></html>", "page.xml"))
    assert (ran.status, data_dir.exists()) == (3, False)
    assert "page.xml" in ran.err


def test_a_refusal_in_json_is_told_on_stdout_and_on_stderr(cli: Cli, write: Write) -> None:
    ran = cli("ibkr", "--json", "--file", write("no statement"))
    assert ran.status == 3
    assert list(ran.result) == ["provider", "outcome", "accounts", "error"]
    assert (ran.result["provider"], ran.result["outcome"], ran.result["accounts"]) == ("ibkr", "refused", [])
    assert ran.err == f"broker-sync: {ran.result['error']}\n"


# --- what does not go well ---


def test_rejected_records_are_told_and_warned_of(cli: Cli, write: Write) -> None:
    ran = cli("ibkr", "--file", write(with_rejections()))
    assert (ran.status, ran.last) == (0, "ibkr: fetched=2 new=1 imported=1 failed=0")
    assert "Not booked: 1 record\n" in ran.out
    assert ran.err.startswith("WARNING: ibkr:cash:8000 (CashTransactions) was not booked: ")
    assert "Gift Voucher" in ran.err


def test_of_many_rejected_records_twenty_are_warned_of(cli: Cli, write: Write) -> None:
    warned = cli("ibkr", "--file", write(with_rejections(25))).err.splitlines()
    assert len(warned) == 21
    assert warned[-1] == "WARNING: and 5 more, not listed here"


def test_a_drift_is_an_outcome_and_a_status_only_when_strict(cli: Cli, write: Write) -> None:
    file = write(drifting())
    lenient, strict = cli("ibkr", "--json", "--file", file), cli("ibkr", "--strict", "--json", "--file", file)
    # The opening balance makes up for what came before: they differ where the statement contradicts itself.
    assert (lenient.status, lenient.result["outcome"]) == (0, "drift")
    assert (strict.status, strict.result["outcome"]) == (4, "drift")


def test_strict_does_not_put_up_with_rejected_records(cli: Cli, write: Write) -> None:
    file = write(with_rejections())
    assert cli("ibkr", "--strict", "--file", file).status == 4
    assert cli("ibkr", "--strict", "--file", write(good(), "good.xml")).status == 0


def test_a_damaged_database_ends_the_run_before_anything_is_done(
    cli: Cli, write: Write, data_dir: Path
) -> None:
    data_dir.mkdir()
    (data_dir / "portfolio.db").write_bytes(b"no database" * 1000)
    ran = cli("ibkr", "--json", "--file", write(two_accounts()))
    assert (ran.status, ran.result["outcome"], ran.result["accounts"]) == (1, "failed", [])
    assert ran.err.count("portfolio.db") == 1
    assert "Traceback" not in ran.err
    assert [path.name for path in data_dir.iterdir()] == ["portfolio.db"]


# --- dry run ---


def test_a_dry_run_makes_nothing(cli: Cli, write: Write, data_dir: Path) -> None:
    ran = cli("ibkr", "--dry-run", "--file", write(good()))
    assert (ran.status, data_dir.exists()) == (0, False)
    assert "Dry run: nothing was written" in ran.out
    assert ran.last == "ibkr: fetched=3 new=3 imported=3 failed=0"


def test_a_dry_run_changes_nothing(cli: Cli, write: Write, data_dir: Path) -> None:
    cli("ibkr", "--file", write(one_statement(trades(trade()))))
    before = state(data_dir)
    ran = cli("ibkr", "--dry-run", "--json", "--file", write(good()))
    assert state(data_dir) == before
    ids = [activity["external_id"] for activity in ran.result["plan"]]
    assert ids == ["ibkr:trade:9002", "ibkr:cash:7001", "ibkr:opening:cash:USD"]


def test_a_plan_is_what_is_then_in_the_ledger(cli: Cli, write: Write) -> None:
    file = write(good())
    plan = cli("ibkr", "--dry-run", "--json", "--file", file).result["plan"]
    cli("ibkr", "--file", file)
    booked = cli("activities", "--json").objects
    assert sorted(plan, key=by_id) == sorted(booked, key=by_id)


# --- settings and arguments ---


@pytest.mark.parametrize(
    ("variable", "arguments", "said"),
    [
        (None, (), "set IBKR_FLEX_TOKEN and IBKR_FLEX_QUERY_ID"),
        (None, ("--file", "FILE", "--sink", "wealthfolio"), "set WF_BASE_URL and WF_PASSWORD"),
        (None, ("--file", "FILE", "--sink", "abacus"), "there is no tracker 'abacus'; known: ledger"),
        (None, ("--file", "FILE", "--since", "2026-05-02", "--until", "2026-05-01"), "no day is between"),
        (None, ("--file", "FILE", "--since", "yesterday"), "YYYY-MM-DD"),
        (None, ("--file", "FILE", "--until", "2026-02-30"), "YYYY-MM-DD"),
        (None, ("--file", "missing.xml"), "missing.xml: there is no such file"),
        (None, ("--file", os.curdir), "it is a directory"),
        (None, ("--no-such-option",), "--no-such-option"),
        ("IBKR_ACCOUNT_TYPE", ("--file", "FILE"), "IBKR_ACCOUNT_TYPE"),
    ],
)
def test_wrong_settings_and_arguments_end_with_2_and_touch_nothing(
    *,
    cli: Cli,
    write: Write,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str | None,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    file = write(good())
    if variable is not None:
        monkeypatch.setenv(variable, "http://tracker.example")
    ran = cli("ibkr", *(str(file) if argument == "FILE" else argument for argument in arguments))
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert not data_dir.exists()


@pytest.mark.parametrize("path", ["missing.xml", os.curdir])
def test_a_file_that_is_none_is_told_in_json_too(cli: Cli, path: str) -> None:
    ran = cli("ibkr", "--file", path, "--json")
    assert (ran.status, ran.result["outcome"], ran.result["accounts"]) == (2, "failed", [])
    assert path in ran.result["error"]


# --- ids ---


def by_ids(*, ticked: bool, **days: str) -> str:
    """A trade and a dividend, by their transaction ids or by what they have else."""
    change = {} if ticked else {"transactionID": None}
    held = positions(position(position="10"))
    return one_statement(trades(trade(**change)), cash_rows(cash(**change)), held, **days)


@pytest.mark.parametrize("first", [True, False])
def test_records_that_are_booked_under_other_ids_are_refused(
    *, cli: Cli, write: Write, data_dir: Path, first: bool
) -> None:
    one, other = write(by_ids(ticked=first), "one.xml"), write(by_ids(ticked=not first), "other.xml")
    assert cli("ibkr", "--file", one).status == 0
    before = state(data_dir)
    for options in ((), ("--dry-run",), ("--accept-query-change",)):
        ran = cli("ibkr", "--file", other, "--json", *options)
        assert (ran.status, ran.result["outcome"]) == (3, "refused")
        assert f"transactionID is {'missing' if first else 'new'} in Cash Transactions" in ran.err
        assert "Set the fields of the section as they are there" in ran.err
        assert "--accept-query-change does not help here" in ran.err
    after = state(data_dir)
    assert {name: told[2] for name, told in after.items()} == {name: told[2] for name, told in before.items()}
    # What was not booked yet may go by other ids.
    assert cli("ibkr", "--file", other, "--since", "2026-06-01").status == 0


def test_files_of_one_sync_must_go_by_the_same_ids(cli: Cli, write: Write, data_dir: Path) -> None:
    files = write(by_ids(ticked=True), "one.xml"), write(by_ids(ticked=False), "other.xml")
    assert cli("ibkr", "--file", files[0], "--file", files[1]).status == 3
    assert not list(data_dir.rglob("*.db"))


def test_a_section_that_is_there_no_more_is_told(cli: Cli, write: Write) -> None:
    cli("ibkr", "--file", write(by_ids(ticked=True)))
    june, held = {"fromDate": "20260601", "toDate": "20260930"}, positions(position(position="10"))
    for _ in range(2):
        ran = cli("ibkr", "--json", "--file", write(one_statement(trades(), held, **june)))
        (account,) = ran.result["accounts"]
        (note,) = [note for note in account["notes"] if note.startswith("The statement has no Cash Trans")]
        assert "of which there were some" in note
        assert not any("no Trades" in note for note in account["notes"])


def test_days_without_any_statement_are_told_once_and_not_for_each_section(cli: Cli, write: Write) -> None:
    quarter, held = {"fromDate": "20260801", "toDate": "20261031"}, positions(position(position="10"))
    cli("ibkr", "--file", write(by_ids(ticked=True)))
    ran = cli("ibkr", "--json", "--file", write(one_statement(trades(), cash_rows(), held, **quarter)))
    notes = ran.result["accounts"][0]["notes"]
    assert [note for note in notes if "2026-06-01 to 2026-07-31" in note] == [
        "No statement covers 2026-06-01 to 2026-07-31: what happened then is missing. Sync one of these days."
    ]
    assert not any("the statements of these days lack it" in note for note in notes)
    gap = write(one_statement(trades(), held, fromDate="20260701", toDate="20261102"))
    notes = cli("ibkr", "--json", "--file", gap).result["accounts"][0]["notes"]
    (note,) = [note for note in notes if "the statements of these days lack it" in note]
    assert note.startswith("CashTransactions is missing for 2026-07-01 to 2026-07-31 and 1 more:")


def test_the_ledger_can_be_named_where_a_tracker_is_configured(
    cli: Cli, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WF_BASE_URL", "http://tracker.example")
    assert cli("ibkr", "--sink", "ledger", "--file", write(good())).status == 0


def test_the_time_zone_of_the_statements_is_a_setting(
    cli: Cli, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IBKR_TIME_ZONE", "Asia/Tokyo")
    cli("ibkr", "--file", write(one_statement(trades(trade(dateTime="20260520;103000")))))
    assert cli("activities", "--json").objects[0]["date"] == "2026-05-20T01:30:00+00:00"


def state(directory: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(path.relative_to(directory)): (path.stat().st_mtime_ns, path.stat().st_mode, content(path))
        for path in [directory, *directory.rglob("*")]
    }


def content(path: Path) -> bytes:
    return b"" if path.is_dir() else path.read_bytes()


def by_id(activity: dict[str, object]) -> str:
    return str(activity["external_id"])


def test_only_the_owner_can_read_what_is_kept(cli: Cli, write: Write, data_dir: Path) -> None:
    mask = os.umask(0o022)
    try:
        cli("ibkr", "--file", write(good()))
    finally:
        os.umask(mask)
    assert {path.name: path.stat().st_mode & 0o077 for path in [data_dir, *data_dir.iterdir()]} == {
        "data": 0,
        "archive": 0,
        "portfolio.db": 0,
        "sync.db": 0,
    }
