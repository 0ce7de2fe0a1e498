"""``broker-sync explain``: from the broker's row to the tracker's, and back."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from broker_sync.cli.boundary import status_of
from broker_sync.cli.explain_id import run_explain_id
from broker_sync.contracts import Stored
from broker_sync.dedup import SyncRecordStore, ToCreate
from broker_sync.fingerprint import content_hash
from broker_sync.registry import SINKS
from broker_sync.settings import Settings
from broker_sync.sinks.ledger import LedgerSink
from tests.providers.ibkr.builders import (
    cash,
    cash_rows,
    conversion,
    document,
    one_statement,
    sale,
    trade,
    trades,
)
from tests.storage.samples import ACCOUNT as STORED_ACCOUNT
from tests.storage.samples import buy

from .conftest import Cli
from .statements import ACCOUNT, good, good_of, two_accounts, with_rejections

Write = Callable[..., Path]
Told = Callable[[str], dict[str, Any]]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """What a script is told of an id."""

    def call(name: str) -> dict[str, Any]:
        capsys.readouterr()
        assert run_explain_id(name, as_json=True) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return call


def rows(record: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [
        (row["section"], row["row"], row["raw"].get("transactionID", ""))
        for statement in record["statements"]
        for row in statement["rows"]
    ]


def test_an_activity_is_traced_to_its_row_and_back_from_the_trackers_id(
    cli: Cli, write: Write, told: Told, data_dir: Path
) -> None:
    cli("ibkr", "--file", write(good()))
    (record,) = told("ibkr:trade:9002")["records"]
    assert rows(record) == [("Trades", 2, "9002")]
    assert record["statements"][0]["rows"][0]["raw"] == sale()
    (leg,) = record["activities"]
    assert leg["tracker"]["as_booked"] is True
    assert (leg["run"]["number"], leg["run"]["outcome"]) == (1, "ok")
    with LedgerSink.read_only(data_dir) as ledger:
        assert record["account"] == next(ledger.activities())[0].provider_account_id
    assert told(leg["tracker_id"])["records"] == [record]


def test_all_legs_of_a_record_are_told_by_the_name_of_any(cli: Cli, write: Write, told: Told) -> None:
    cli("ibkr", "--file", write(one_statement(trades(conversion()))))
    (record,) = told("ibkr:trade:9003")["records"]
    ids = [leg["external_id"] for leg in record["activities"]]
    assert len(ids) > 1
    for name in ids:
        assert told(name)["records"] == [record]


def test_every_statement_that_has_it_is_told_with_what_changed(
    cli: Cli, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    cli("ibkr", "--file", write(good()))
    cli("ibkr", "--file", write(one_statement(trades(trade(closePrice="101")), toDate="20260621")))
    cli("ibkr", "--file", write(one_statement(cash_rows(cash()), fromDate="20260601", toDate="20260622")))
    assert run_explain_id("ibkr:trade:9001", as_json=False) == 0
    out = capsys.readouterr().out
    assert out.count("Statement ") == 2
    assert "Trades, row 1: as before but for\nattribute   value\nclosePrice   -> 101\n" in out


def test_of_several_accounts_only_the_one_is_looked_at(cli: Cli, write: Write, told: Told) -> None:
    cli("ibkr", "--file", write(two_accounts()))
    (record,) = told("ibkr:trade:9901")["records"]
    assert record["account"] == "U7654321"
    assert rows(record) == [("Trades", 2, "9901")]


def test_a_record_that_was_not_booked_is_told_with_its_reason(cli: Cli, write: Write, told: Told) -> None:
    cli("ibkr", "--file", write(with_rejections()))
    found = told("ibkr:cash:8000")
    (rejection,) = found["rejections"]
    assert found["records"] == []
    assert "Gift Voucher" in rejection["reason"]
    assert rows(rejection) == [("CashTransactions", 2, "8000")]


def test_an_opening_balance_is_traced_to_its_statement(cli: Cli, write: Write, told: Told) -> None:
    cli("ibkr", "--file", write(good()))
    (record,) = told("ibkr:opening:cash:USD")["records"]
    assert record["opening"] is True
    assert len(record["statements"]) == 1
    assert record["statements"][0]["rows"] == []


def test_what_the_tracker_has_otherwise_is_told(cli: Cli, write: Write, told: Told, data_dir: Path) -> None:
    cli("ibkr", "--file", write(good()))
    with closing(sqlite3.connect(data_dir / "portfolio.db")) as books, books:
        books.execute("UPDATE activities SET amount = '7' WHERE external_id = 'ibkr:trade:9001'")
        books.execute("DELETE FROM activities WHERE external_id = 'ibkr:trade:9002'")
    (changed,) = told("ibkr:trade:9001")["records"]
    assert changed["activities"][0]["tracker"]["as_booked"] is False
    assert changed["activities"][0]["tracker"]["content"]["amount"] == "7"
    (gone,) = told("ibkr:trade:9002")["records"]
    assert gone["activities"][0]["tracker"] == {"there": False}


def test_statements_that_cannot_be_read_are_told_as_such(
    cli: Cli, write: Write, told: Told, data_dir: Path
) -> None:
    cli("ibkr", "--file", write(good()))
    next(data_dir.rglob("*.gz")).unlink()
    (record,) = told("ibkr:trade:9001")["records"]
    assert "is missing. Restore it from a backup." in record["statements"][0]["problem"]
    sidecar = next((data_dir / "archive").rglob("*.json"))
    facts = json.loads(sidecar.read_text())
    sidecar.write_text(json.dumps(facts | {"body_removed_at": "2026-06-02T00:00:00+00:00"}))
    (record,) = told("ibkr:trade:9001")["records"]
    assert "bytes were removed on 2026-06-02" in record["statements"][0]["problem"]
    sidecar.write_text(json.dumps(facts | {"contents": None}))
    (record,) = told("ibkr:trade:9001")["records"]
    assert record["statements"][0]["problem"] is not None


def test_a_tracker_that_cannot_be_asked_does_not_keep_the_rest_from_being_told(
    data_dir: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir.mkdir()
    with SyncRecordStore(data_dir / "sync.db") as store:
        run = store.begin_run(provider="ibkr", version="1")
        intent = ToCreate(activity=buy(1), content_hash=content_hash(buy(1)))
        store.intend("nowhere", "isa", [intent], run_id=run)
        store.settle("nowhere", "isa", [Stored(external_id="ibkr:trade:1", tracker_id="abc-def")])
    (record,) = told("abc-def")["records"]
    tracker = record["activities"][0]["tracker"]
    assert tracker["there"] is None
    assert "there is no tracker 'nowhere'" in tracker["reason"]
    assert record["account"] is None
    monkeypatch.setenv("IBKR_ACCOUNT_ID", "isa")
    monkeypatch.setenv("IBKR_ACCOUNT_ID_UPSTREAM", ACCOUNT)
    (record,) = told("abc-def")["records"]
    assert record["account"] == ACCOUNT


class Silent:
    """A tracker that is asked by the contract alone: it cannot tell what it was given."""

    def __init__(self, books: LedgerSink) -> None:
        self.login = books.login
        self.find = books.find
        self.close = books.close


def open_books(settings: Settings, *, read_only: bool) -> Silent:
    return Silent(LedgerSink(settings.data_dir / "elsewhere.db", read_only=read_only))


def test_a_tracker_is_asked_what_it_has(data_dir: Path, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cast("dict[str, str]", SINKS), "elsewhere", f"{__name__}:open_books")
    data_dir.mkdir()
    trades_made = [buy(number) for number in range(3)]
    with SyncRecordStore(data_dir / "sync.db") as store, LedgerSink(data_dir / "elsewhere.db") as sink:
        run = store.begin_run(provider="ibkr", version="1")
        intents = [ToCreate(activity=each, content_hash=content_hash(each)) for each in trades_made]
        store.intend("elsewhere", "isa", intents, run_id=run)
        asyncio.run(sink.create(STORED_ACCOUNT, trades_made[:2]))
        answers = [Stored(external_id=each.external_id, tracker_id="1") for each in trades_made]
        store.settle("elsewhere", "isa", answers)
    found = [told(each.external_id)["records"][0]["activities"][0]["tracker"] for each in trades_made]
    assert found == [
        {"there": True, "tracker_id": "1", "as_booked": True, "content": None},
        {"there": True, "tracker_id": "2", "as_booked": False, "content": None},
        {"there": False},
    ]


def test_an_unknown_id_is_answered_with_those_that_are_like_it(
    cli: Cli, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    cli("ibkr", "--file", write(document(good_of(ACCOUNT, "9001"))))
    for name, hint in (
        ("ibkr:trade:90", "; there is ibkr:trade:9001\n"),
        ("9001", "; there is ibkr:trade:9001\n"),
        ("%", "nor in the tracker\n"),
        ("nothing", "nor in the tracker\n"),
    ):
        assert status_of(lambda name=name: run_explain_id(name, as_json=False)) == 1  # type: ignore[misc]
        assert capsys.readouterr().err.endswith(hint), name


def test_where_nothing_was_ever_booked_nothing_is_made(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_explain_id("ibkr:trade:1", as_json=True) == 1
    assert "nothing goes by the id" in capsys.readouterr().err
    assert not data_dir.exists()
