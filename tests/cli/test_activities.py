"""``broker-sync activities``: the ledger as lines for people and objects for scripts."""

from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Cli
from tests.cli.statements import ACCOUNT, OTHER, good, two_accounts
from tests.providers.ibkr.builders import conversion, one_statement, trades

Write = Callable[..., Path]
KEYS = [
    "external_id", "account", "date", "activity_type", "subtype", "symbol", "isin", "conid", "currency",
    "quantity", "unit_price", "fee", "amount", "quantity_effect", "cash_effect",
]  # fmt: skip


def test_where_nothing_was_ever_synced_nothing_is_printed_or_made(cli: Cli, data_dir: Path) -> None:
    for arguments in ((), ("--json",), ("--account", ACCOUNT)):
        ran = cli("activities", *arguments)
        assert (ran.status, ran.out) == (0, "")
    assert not data_dir.exists()


def test_each_line_is_an_object_with_the_promised_keys(cli: Cli, write: Write) -> None:
    cli("ibkr", "--file", write(good()))
    booked = cli("activities", "--json").objects
    assert [list(activity) for activity in booked] == [KEYS] * 4
    assert {activity["account"] for activity in booked} == {ACCOUNT}


def test_a_purchase_reads_like_this(cli: Cli, write: Write) -> None:
    cli("ibkr", "--file", write(good()))
    (bought,) = [each for each in cli("activities", "--json").objects if each["activity_type"] == "BUY"]
    assert bought == {
        "external_id": "ibkr:trade:9001",
        "account": ACCOUNT,
        "date": "2026-05-20T14:30:00+00:00",
        "activity_type": "BUY",
        "subtype": None,
        "symbol": "WDGT",
        "isin": "US0000001001",
        "conid": "1001",
        "currency": "USD",
        "quantity": "10",
        "unit_price": "100",
        "fee": "1",
        "amount": "1001",
        "quantity_effect": "10",
        "cash_effect": {"USD": "-1001"},
    }


def test_the_legs_of_a_conversion_share_their_records_id(cli: Cli, write: Write) -> None:
    cli("ibkr", "--file", write(one_statement(trades(conversion()))))
    booked = cli("activities", "--json").objects
    assert {each["external_id"]: each["cash_effect"] for each in booked} == {
        "ibkr:trade:9003:in": {"EUR": "1000"},
        "ibkr:trade:9003:out": {"USD": "-1100"},
        "ibkr:trade:9003:fee": {"GBP": "-2"},
    }


def test_a_table_has_one_row_for_each(cli: Cli, write: Write) -> None:
    cli("ibkr", "--file", write(good()))
    lines = cli("activities").out.splitlines()
    assert lines[0].split() == ["booked", "on", "activity", "symbol", "shares", "cash", "id"]
    assert [line.split()[-1] for line in lines[1:]] == [
        "ibkr:opening:cash:USD",
        "ibkr:trade:9001",
        "ibkr:trade:9002",
        "ibkr:cash:7001",
    ]


def test_one_account_can_be_chosen(cli: Cli, write: Write) -> None:
    cli("ibkr", "--file", write(two_accounts()))
    assert {each["account"] for each in cli("activities", "--json").objects} == {ACCOUNT, OTHER}
    assert {each["account"] for each in cli("activities", "--json", "--account", OTHER).objects} == {OTHER}


def test_an_account_that_has_nothing_is_told_of_on_stderr(cli: Cli, write: Write) -> None:
    cli("ibkr", "--file", write(good()))
    ran = cli("activities", "--account", "U5555555")
    assert (ran.status, ran.out, ran.err) == (0, "", "INFO: nothing is booked for account U5555555\n")


def test_a_ledger_that_is_none_is_an_error_and_no_traceback(cli: Cli, data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "portfolio.db").write_bytes(b"no database" * 1000)
    ran = cli("activities", "--json")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("broker-sync: ")
    assert "portfolio.db" in ran.err
