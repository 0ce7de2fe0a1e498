"""A lost or older memory, a lost tracker: nothing is written twice, and nothing stays lost."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.providers.ibkr.builders import (
    account_information,
    balance,
    balances,
    cash,
    cash_rows,
    document,
    position,
    positions,
    statement,
)
from tests.standins.wealthfolio import PASSWORD, Service, WealthfolioServer

from .conftest import Cli

Write = Callable[..., Path]
Rows = list[tuple[Any, ...]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Place:
    """Somewhere to book to: what is in it, and how it is lost."""

    rows: Callable[[], Rows]
    lose: Callable[[], None]


@pytest.fixture(params=["ledger", "wealthfolio"])
def place(request: pytest.FixtureRequest, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    if request.param == "ledger":
        books = data_dir / "portfolio.db"
        yield Place(rows=lambda: _rows(books), lose=books.unlink)
        return
    with WealthfolioServer(Service(settle_after=0)) as server:
        monkeypatch.setenv("WF_BASE_URL", server.address)
        monkeypatch.setenv("WF_PASSWORD", PASSWORD)
        monkeypatch.setenv("WF_CREATE_ACCOUNT", "1")
        rows = server.service.store.rows
        yield Place(
            rows=lambda: sorted(
                (row.id, str(row.key), str(row.amount), str(row.quantity)) for row in rows.values()
            ),
            lose=rows.clear,
        )


def _rows(path: Path) -> Rows:
    with closing(sqlite3.connect(path)) as books:
        return books.execute("SELECT * FROM activities ORDER BY id").fetchall()


def _month(month: str, number: str, amount: str, *, before: str, after: str) -> str:
    """A deposit in a month of 2026; 3 WDGT, that cost 100, were there all along."""
    days = {"fromDate": f"2026{month}01", "toDate": f"2026{month}30"}
    on = {"dateTime": f"2026{month}10;120000", "reportDate": f"2026{month}10", "settleDate": f"2026{month}10"}
    deposit = cash(
        transactionID=number, amount=amount, type="Deposits/Withdrawals", symbol="", conid="", **on
    )
    return document(
        statement(
            account_information(),
            cash_rows(deposit),
            positions(position(position="3", costBasisMoney="100", reportDate=days["toDate"])),
            balances(balance(startingCash=before, endingCash=after, **days)),
            **days,
        )
    )


MARCH = _month("03", "7001", "100", before="400", after="500")
APRIL = _month("04", "7002", "100", before="500", after="600")
MAY = _month("05", "7003", "50", before="600", after="650")
MAY_RESTATED = _month("05", "7003", "55", before="600", after="655")


@pytest.fixture
def sync(cli: Cli, write: Write) -> Callable[[str], dict[str, Any]]:
    def synced(text: str) -> dict[str, Any]:
        ran = cli("ibkr", "--file", write(text), "--json")
        assert ran.status == 0, ran.err
        (account,) = ran.result["accounts"]
        assert {each["drift"] for each in (*account["positions"], *account["cash"])} == {"0"}, account
        assert account["conflicts"] == []
        assert isinstance(account, dict)
        return account

    return synced


Sync = Callable[[str], dict[str, Any]]


def counts(account: dict[str, Any]) -> tuple[int, int, int]:
    return account["new"], account["updated"], account["opening"]["changed"]


@pytest.mark.parametrize("archive", ["kept", "lost"])
def test_a_lost_memory_is_made_again_of_what_the_tracker_has(
    cli: Cli, place: Place, sync: Sync, data_dir: Path, archive: str
) -> None:
    sync(APRIL)
    sync(MAY)
    before = place.rows()
    assert len(before) == 4
    (data_dir / "sync.db").unlink()
    if archive == "lost":
        shutil.rmtree(data_dir / "archive")
    told = sync(MAY)
    # The opening balances are of before April still, though this statement knows nothing of April.
    assert (counts(told), place.rows()) == ((0, 0, 0), before)
    assert any("known again" in note for note in told["notes"])
    assert cli("explain", "ibkr:cash:7002", "--json").result["records"][0]["booked_on"] == "2026-04-10"
    told = sync(MAY)
    assert (counts(told), place.rows()) == ((0, 0, 0), before)
    assert not any("known again" in note for note in told["notes"])
    assert counts(sync(APRIL))[0] == 0
    assert counts(sync(MARCH)) == (1, 0, 2)  # opening balances still move back


def test_an_older_memory_learns_what_was_booked_since(place: Place, sync: Sync, data_dir: Path) -> None:
    sync(APRIL)
    shutil.copy(data_dir / "sync.db", data_dir / "older.db")
    sync(MAY)
    sync(MARCH)  # moves the opening balances
    sync(MAY_RESTATED)
    before = place.rows()
    (data_dir / "older.db").replace(data_dir / "sync.db")
    told = sync(MAY_RESTATED)
    assert (counts(told), place.rows()) == ((0, 0, 0), before)
    assert counts(sync(APRIL)) == (0, 0, 0)
    assert place.rows() == before


def test_an_older_memory_without_an_archive_does_not_put_opening_balances_back(
    place: Place, sync: Sync, data_dir: Path
) -> None:
    sync(APRIL)
    shutil.copy(data_dir / "sync.db", data_dir / "older.db")
    sync(MARCH)
    before = place.rows()
    (data_dir / "older.db").replace(data_dir / "sync.db")
    shutil.rmtree(data_dir / "archive")
    assert (counts(sync(APRIL)), place.rows()) == ((0, 0, 0), before)


def test_what_says_something_else_in_the_tracker_is_updated_after_a_loss(
    place: Place, sync: Sync, data_dir: Path
) -> None:
    sync(APRIL)
    sync(MAY)
    before = place.rows()
    (data_dir / "sync.db").unlink()
    told = sync(MAY_RESTATED)
    assert counts(told) == (0, 1, 0)
    (change,) = told["changes"]
    assert {"field": "amount", "old": "50", "new": "55"} in change["fields"]
    assert len(place.rows()) == len(before)


def test_a_lost_tracker_gets_everything_again_from_the_memory(
    place: Place, sync: Sync, data_dir: Path
) -> None:
    del data_dir
    sync(APRIL)
    sync(MAY)
    before = sorted(row[1:] for row in place.rows())
    place.lose()
    told = sync(MAY)
    assert counts(told) == (0, 0, 0)
    assert any("all of it was booked again" in note for note in told["notes"])
    assert len(place.rows()) == len(before)
    assert sync(MAY)["notes"] == []
