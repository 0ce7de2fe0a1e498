"""An account in a tracker is that of one account at the broker, and of no other."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from broker_sync.contracts import Truth
from broker_sync.dedup import SyncRecordStore
from broker_sync.errors import SettingsError
from broker_sync.models import Account, Activity
from broker_sync.pipeline import sync_provider_to_wealthfolio
from broker_sync.results import SyncResult
from tests.memory import Book, Broker, MemorySink
from tests.storage.samples import ACCOUNT, deposit

ANOTHER = replace(ACCOUNT, provider_account_id="U7654321")
TRUTH = Truth(
    account=ACCOUNT,
    first_day=dt.date(2026, 3, 1),
    last_day=dt.date(2026, 3, 31),
    document="a",
    positions=None,
    opening_positions=(),
    cash=None,
    lists=frozenset({"cash"}),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SyncRecordStore]:
    with SyncRecordStore(tmp_path) as store:
        yield store


def sync(
    book: Book, store: SyncRecordStore, account: Account, *activities: Activity, dry_run: bool = False
) -> SyncResult:
    return asyncio.run(
        sync_provider_to_wealthfolio(
            provider=Broker(activities, [TRUTH], account=account),
            sink=MemorySink(book),
            dedup=store,
            delete_vanished=True,
            dry_run=dry_run,
        )
    )


@pytest.mark.parametrize("dry_run", [False, True])
def test_the_statement_of_another_account_is_refused_before_anything_is_written(
    store: SyncRecordStore, *, dry_run: bool
) -> None:
    book = Book()
    sync(book, store, ACCOUNT, deposit(1, "5"))
    before = book.contents()
    with pytest.raises(SettingsError, match=r"that of U12345678 at the broker, not of U7654321: nothing"):
        sync(book, store, ANOTHER, dry_run=dry_run)
    assert book.contents() == before
    assert sync(book, store, ACCOUNT, deposit(1, "5")).known == 1


def test_a_dry_run_does_not_decide_whose_an_account_is(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ACCOUNT, dry_run=True)
    assert sync(book, store, ANOTHER, deposit(1, "5")).imported == 1


def test_two_accounts_of_the_broker_have_two_in_the_tracker(store: SyncRecordStore) -> None:
    sync(Book(), store, ACCOUNT, deposit(1, "5"))
    other = replace(ANOTHER, id="gia")
    assert sync(Book(), store, other, replace(deposit(2, "5"), account_id="gia")).imported == 1
