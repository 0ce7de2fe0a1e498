"""The store of sync records: what was asked of which tracker, and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from broker_sync.changes import Change, Keep
from broker_sync.confirm import Standing
from broker_sync.contracts import Rejection
from broker_sync.dedup import (
    adoption,
    conflicts,
    drifts,
    history,
    intents,
    lookups,
    owners,
    rejected,
    results,
    runs,
    settling,
    tracing,
    unverified,
    windows,
)
from broker_sync.dedup.conflicts import Opened
from broker_sync.dedup.history import PastChange
from broker_sync.dedup.lookups import Scope
from broker_sync.dedup.results import PastResult
from broker_sync.dedup.runs import PastRun
from broker_sync.dedup.tables import SCHEMA
from broker_sync.dedup.tracing import Trace, TracedRun
from broker_sync.dedup.types import (
    Adopted,
    Intent,
    Known,
    Pending,
    RunCounts,
    SavedConflict,
    SavedRejection,
    Settlement,
)
from broker_sync.dedup.writing import Stamp
from broker_sync.models import Activity
from broker_sync.opening import Window
from broker_sync.storage import Database, database_file
from broker_sync.storage.statements import portions
from broker_sync.vanished import BookedLeg

__all__ = ["SyncRecordStore"]


def _utc_now() -> dt.datetime:
    # The contract lets a store be made from a path alone.
    return dt.datetime.now(dt.UTC)  # noqa: TID251


class SyncRecordStore:
    """The records in `path`, a file or the directory of ``sync.db``; opened, and made, at the first use.

    Everything is scoped by the tracker's name and the account's id there; within them an external id is known
    once. Each call is one transaction. All of them raise :class:`~broker_sync.errors.StoreError`, and
    :class:`~broker_sync.errors.TransientError` while another program writes.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        now: Callable[[], dt.datetime] = _utc_now,
        read_only: bool = False,
    ) -> None:
        self._database = Database(
            database_file(Path(path), name="sync.db"), schema=SCHEMA, read_only=read_only
        )
        self._now = now

    @classmethod
    def read_only(cls, path: Path | str) -> Self:
        """The records in `path`, where nothing is changed or made; an absent file reads as empty."""
        return cls(path, read_only=True)

    @contextmanager
    def rehearsal(self) -> Iterator[SyncRecordStore]:
        """A copy to write to, gone in the end: in memory, and what is too much in a temporary file."""
        with SyncRecordStore(self._database.path, now=self._now) as store:
            store._database = self._database.rehearsal()
            yield store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def begin_run(self, *, provider: str, version: str) -> int:
        """Write down that a run of this `version` has begun; its id."""
        with self._database.writing() as connection:
            return runs.begin(connection, provider=provider, version=version, at=self._at())

    def end_run(self, run_id: int, *, outcome: str, counts: RunCounts) -> None:
        """Write down how a run ended; one that dies has no end."""
        with self._database.writing() as connection:
            runs.end(connection, run_id, outcome=outcome, counts=counts, at=self._at())

    def latest_runs(self, provider: str, *, most: int = 10) -> list[PastRun]:
        """The last runs of `provider`, at most so many, the latest first."""
        with self._database.reading() as connection:
            return runs.latest(connection, provider=provider, most=most)

    def owner(self, sink: str, account_id: str) -> tuple[str, str] | None:
        """The broker and its id of the account that was booked into this one; None for none yet."""
        with self._database.reading() as connection:
            return owners.owner(connection, _scope(sink, account_id))

    def keep_owner(self, sink: str, account_id: str, *, provider: str, provider_account_id: str) -> None:
        """Write down whose account this one is from now on, where that is not known."""
        with self._database.writing() as connection:
            scope = _scope(sink, account_id)
            owners.keep(connection, scope, provider=provider, provider_account_id=provider_account_id)

    def lookup(self, sink: str, account_id: str, external_ids: Iterable[str]) -> dict[str, Known]:
        """What is known of `external_ids`; those never seen are missing."""
        with self._database.reading() as connection:
            return lookups.by_external_id(connection, _scope(sink, account_id), external_ids)

    def lookup_records(self, sink: str, account_id: str, record_ids: Iterable[str]) -> dict[str, list[Known]]:
        """All legs of `record_ids`, in the order of their ids; records never seen are missing."""
        with self._database.reading() as connection:
            return lookups.by_record(connection, _scope(sink, account_id), record_ids)

    def seen(
        self, external_ids: Iterable[str], *, sink: str | None = None, account_id: str | None = None
    ) -> set[str]:
        """Which of `external_ids` are booked, in any sink or any account where none is named."""
        with self._database.reading() as connection:
            return lookups.seen(connection, external_ids, sink=sink, account_id=account_id)

    def booked_between(self, sink: str, account_id: str, first: dt.date, last: dt.date) -> list[BookedLeg]:
        """What is booked on the days from `first` to `last`, opening balances apart, by day and id."""
        with self._database.reading() as connection:
            return lookups.booked_between(connection, _scope(sink, account_id), first, last)

    def refused_between(self, sink: str, account_id: str, first: dt.date, last: dt.date) -> list[BookedLeg]:
        """What the sink would not create, of the days from `first` to `last`, by day and id."""
        with self._database.reading() as connection:
            return lookups.refused_between(connection, _scope(sink, account_id), first, last)

    def forget_refused(self, sink: str, account_id: str, external_ids: Collection[str]) -> None:
        """Forget what the sink would not create; what it has, or may have, is not forgotten."""
        with self._database.writing() as connection:
            settling.forget_refused(connection, _scope(sink, account_id), external_ids)

    def openings(self, sink: str, account_id: str) -> dict[str, Known]:
        """The opening balances, by external id."""
        with self._database.reading() as connection:
            return lookups.openings(connection, _scope(sink, account_id))

    def opening_activities(self, sink: str, account_id: str) -> list[Activity]:
        """The opening balances that the sink has, as they were booked; by external id."""
        with self._database.reading() as connection:
            return lookups.opening_activities(connection, _scope(sink, account_id))

    def booked_activities(
        self, sink: str, account_id: str, external_ids: Collection[str] | None = None
    ) -> Iterator[Activity]:
        """What the sink has, opening balances included, as it was booked: of `external_ids`, or (None) all.

        It is in the order of the ids, and read page by page: others may write in between.
        """
        scope = _scope(sink, account_id)
        for ids in [None] if external_ids is None else portions(sorted(external_ids)):
            last: str | None = ""
            while last is not None:
                with self._database.reading() as connection:
                    page = lookups.booked_after(connection, scope, last, among=ids)
                yield from page
                last = page[-1].external_id if page else None

    def latest_booked(self, sink: str, account_id: str, *, most: int | None = None) -> list[str]:
        """The ids of what the sink has, opening balances included, what was last written first."""
        with self._database.reading() as connection:
            return lookups.latest_booked(connection, _scope(sink, account_id), most=most)

    def refusals(self, sink: str, account_id: str) -> dict[str, str]:
        """By external id, why the sink did not take what it was last asked to create."""
        with self._database.reading() as connection:
            return lookups.refusals(connection, _scope(sink, account_id))

    def intend(self, sink: str, account_id: str, batch: Sequence[Intent], *, run_id: int) -> None:
        """Commit what the sink will be asked, before it is asked; all of `batch` or nothing.

        Raises :class:`~broker_sync.dedup.RunConflictError` for a create of what is booked or not settled, and
        for an update or delete of what is not booked. An update leaves what is known as it is until settled.
        """
        with self._database.writing() as connection:
            provider = runs.provider_of(connection, run_id)
            stamp = Stamp(run_id=run_id, provider=provider, at=self._at())
            intents.intend(connection, _scope(sink, account_id), batch, stamp)

    def settle(self, sink: str, account_id: str, outcomes: Sequence[Settlement]) -> list[Change]:
        """Commit what the sink answered to intents; all of `outcomes` or nothing.

        What it stored is confirmed, what it deleted is forgotten, and what they said before is kept in the
        history and given back. What it refused to create has failed and may be created again; what it refused
        to change is confirmed as it was, and so is what a person has changed, which is a conflict from then
        on. Raises :class:`~broker_sync.dedup.RunConflictError` for an outcome without an intent.
        """
        with self._database.writing() as connection:
            return settling.settle(connection, _scope(sink, account_id), outcomes, at=self._at())

    def adopt(self, sink: str, account_id: str, found: Sequence[Adopted], *, run_id: int) -> int:
        """Commit what the sink has had all along; how many of `found` were not known, or otherwise.

        None of it may be waiting for an outcome.
        """
        with self._database.writing() as connection:
            provider = runs.provider_of(connection, run_id)
            stamp = Stamp(run_id=run_id, provider=provider, at=self._at())
            return adoption.adopt(connection, _scope(sink, account_id), found, stamp)

    def renumber(self, sink: str, account_id: str, ids: Mapping[str, str]) -> None:
        """Commit what the sink calls activities by now, by external id; others keep their ids."""
        with self._database.writing() as connection:
            adoption.renumber(connection, _scope(sink, account_id), ids, at=self._at())

    def history(self, sink: str, account_id: str, record_id: str) -> list[PastChange]:
        """What the activities of a record said before, the earliest first."""
        with self._database.reading() as connection:
            return history.of_record(connection, _scope(sink, account_id), record_id)

    def records_with_past(self, name: str) -> list[tuple[Scope, str]]:
        """The records that said something else under this external or record id, booked still or not."""
        with self._database.reading() as connection:
            return history.records_named(connection, name)

    def open_conflicts(self, sink: str, account_id: str, opened: Sequence[Opened], *, run_id: int) -> None:
        """Keep what a person was found to have changed. A decision stands while the broker says the same."""
        with self._database.writing() as connection:
            conflicts.save(connection, _scope(sink, account_id), opened, run_id=run_id, at=self._at())

    def close_conflicts(self, sink: str, account_id: str, external_ids: Collection[str]) -> None:
        """Forget the conflicts about `external_ids`: both sides agree again."""
        with self._database.writing() as connection:
            conflicts.close(connection, _scope(sink, account_id), external_ids)

    def conflicts(self, sink: str, account_id: str) -> list[SavedConflict]:
        """The conflicts of an account, decided ones included, by external id."""
        with self._database.reading() as connection:
            return conflicts.saved(connection, _scope(sink, account_id))

    def all_conflicts(self) -> list[SavedConflict]:
        """The conflicts anywhere, by sink, account and external id."""
        with self._database.reading() as connection:
            return conflicts.saved(connection, None)

    def decide(self, sink: str, account_id: str, external_ids: Collection[str], keep: Keep) -> None:
        """Commit whose content a person wants to stand; what is no conflict is passed over."""
        with self._database.writing() as connection:
            conflicts.decide(connection, _scope(sink, account_id), external_ids, keep)

    def pending(self, sink: str, account_id: str) -> list[Pending]:
        """The intents without an outcome, left by a run that died; by external id."""
        with self._database.reading() as connection:
            return lookups.pending(connection, _scope(sink, account_id))

    def withdraw(self, sink: str, account_id: str, external_ids: Collection[str]) -> None:
        """Take back intents that the sink turned out not to have carried out.

        A create is forgotten; what was to be changed is confirmed as it was. Raises
        :class:`~broker_sync.dedup.RunConflictError` for an id without an intent.
        """
        with self._database.writing() as connection:
            settling.withdraw(connection, _scope(sink, account_id), external_ids, at=self._at())

    def save_rejections(
        self, sink: str, account_id: str, rejections: Sequence[Rejection], *, run_id: int
    ) -> None:
        """Keep records that were not booked; one that is met again keeps the time of its first meeting."""
        with self._database.writing() as connection:
            scope = _scope(sink, account_id)
            rejected.save(connection, scope, rejections, run_id=run_id, at=self._at())

    def rejections(self, sink: str, account_id: str) -> list[SavedRejection]:
        """All records that were not booked, by external id."""
        with self._database.reading() as connection:
            return rejected.saved(connection, _scope(sink, account_id))

    def clear_rejections(self, sink: str, account_id: str, record_ids: Collection[str]) -> int:
        """Forget the rejections of records that are booked by now; how many there were."""
        with self._database.writing() as connection:
            return rejected.clear(connection, _scope(sink, account_id), record_ids)

    def await_verification(self, sink: str, account_id: str, record_ids: Collection[str]) -> None:
        """Note that records are to be held against the open positions, before they are booked."""
        with self._database.writing() as connection:
            unverified.add(connection, _scope(sink, account_id), record_ids)

    def awaiting_verification(self, sink: str, account_id: str) -> set[str]:
        """The records that no run has held against the open positions yet."""
        with self._database.reading() as connection:
            return unverified.waiting(connection, _scope(sink, account_id))

    def end_verification(self, sink: str, account_id: str, record_ids: Collection[str]) -> None:
        """Note that records have been held against the open positions."""
        with self._database.writing() as connection:
            unverified.remove(connection, _scope(sink, account_id), record_ids)

    def save_window(self, sink: str, account_id: str, window: Window, *, run_id: int) -> None:
        """Keep which days a statement covered and what it opened with; the same one again replaces itself."""
        with self._database.writing() as connection:
            provider = runs.provider_of(connection, run_id)
            windows.save(connection, _scope(sink, account_id), window, provider=provider, run_id=run_id)

    def windows(self, sink: str, account_id: str) -> list[Window]:
        """All windows: the earliest first, of equals in the order of their saving."""
        with self._database.reading() as connection:
            return windows.saved(connection, _scope(sink, account_id))

    def save_drifts(self, sink: str, account_id: str, standings: Sequence[Standing]) -> None:
        """Keep what differs after a run, in place of what the run before left."""
        with self._database.writing() as connection:
            drifts.save(connection, _scope(sink, account_id), standings)

    def drifts(self, sink: str, account_id: str) -> list[Standing]:
        """What the last run found to differ, sorted by side."""
        with self._database.reading() as connection:
            return drifts.saved(connection, _scope(sink, account_id))

    def save_result(self, found: PastResult) -> None:
        """Keep what a run that has begun here found of an account; once for a run."""
        with self._database.writing() as connection:
            results.save(connection, found)

    def results(self, *, since: dt.datetime | None = None, account: str | None = None) -> list[PastResult]:
        """What was found by the runs that ended at `since` or later, the earliest first.

        `account` is the broker's id, None for all accounts.
        """
        with self._database.reading() as connection:
            return results.found(connection, since=since, account=account)

    def latest_results(self) -> list[PastResult]:
        """The last result of each account in each sink, by both; ``""`` where a run came to no sink."""
        with self._database.reading() as connection:
            return results.latest(connection)

    def traces(self, name: str) -> list[Trace]:
        """All legs of the records that have an activity of this external, record or tracker id, anywhere."""
        with self._database.reading() as connection:
            return tracing.traces(connection, name)

    def scopes(self) -> list[Scope]:
        """The accounts in trackers that anything was booked into."""
        with self._database.reading() as connection:
            return tracing.scopes(connection)

    def rejections_named(self, name: str) -> list[tuple[Scope, SavedRejection]]:
        """The records of this id that were not booked, anywhere."""
        with self._database.reading() as connection:
            return tracing.rejections_named(connection, name)

    def similar(self, name: str, *, most: int = 10) -> list[str]:
        """Ids that begin with `name`, else ids that have it in them; at most so many."""
        with self._database.reading() as connection:
            return tracing.similar(connection, name, most=most)

    def run(self, number: int) -> TracedRun:
        """A run by its number; it must be there."""
        with self._database.reading() as connection:
            return tracing.run_of(connection, number)

    def _at(self) -> str:
        now = self._now()
        if now.tzinfo is None:
            raise ValueError(f"{now.isoformat()} has no time zone")
        return now.astimezone(dt.UTC).isoformat()


def _scope(sink: str, account_id: str) -> Scope:
    return Scope(sink=sink, account_id=account_id)
