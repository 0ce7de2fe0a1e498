"""``broker-sync conflicts``: what people have changed in the tracker, and whose content is to stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import groupby

from broker_sync import __version__
from broker_sync.apply import NotDone, Writer
from broker_sync.changes import Keep
from broker_sync.cli import running
from broker_sync.cli.alone import alone
from broker_sync.cli.boundary import complain
from broker_sync.cli.clock import CLOCK, Clock
from broker_sync.cli.in_tracker import LEDGER
from broker_sync.cli.looking import looking
from broker_sync.cli.output import print_blocks, print_json, print_line, result_output
from broker_sync.cli.started import started
from broker_sync.contracts import Refused
from broker_sync.dedup import RunCounts, SavedConflict, SyncRecordStore
from broker_sync.errors import SettingsError
from broker_sync.models import Account
from broker_sync.recovery import carry_out_decisions, settle
from broker_sync.registry import open_sink
from broker_sync.report.conflicts import conflicts_blocks, conflicts_object
from broker_sync.settings import Settings
from broker_sync.sinks.ledger.reads import accounts_named
from broker_sync.sinks.ledger.tables import SCHEMA
from broker_sync.storage import Database

__all__ = ["run_conflicts", "side"]

_RUN = "conflicts"


def run_conflicts(
    names: Sequence[str], *, keep: Keep | None, everything: bool, as_json: bool, clock: Clock = CLOCK
) -> int:
    """List the conflicts, or decide those of `names` (or `everything`); the exit status.

    That is 1 for a name that there is no conflict about, and where the tracker would not take the content.
    """
    settings = started()
    if keep is None:
        if names or everything:
            raise SettingsError("Say whose content is to stand: --keep tracker or --keep broker.")
        _show(settings, as_json=as_json)
        return 0
    if bool(names) is everything:
        raise SettingsError(
            "Name the conflicts to decide, as `broker-sync conflicts` lists them, or all: --all."
        )
    with alone(settings, clock) as is_alone, SyncRecordStore(settings.data_dir, now=clock.now) as store:
        chosen = _chosen(store.all_conflicts(), names)
        unknown = [name for name in names if not any(_is_called(each, name) for each in chosen)]
        for name in unknown:
            complain(f"there is no conflict about {name!r}; `broker-sync conflicts` lists them")
        if unknown:
            return 1
        not_done = running.run(_decide(chosen, keep, settings, store, is_alone))
    for outcome in not_done:
        complain(f"{outcome.external_id} is left as it is: {outcome.reason}")
    left = {outcome.external_id for outcome in not_done}
    decided = [each for each in chosen if each.conflict.external_id not in left]
    print_line(f"{len(decided)} decided: what the {keep.value} says stands.")
    return 1 if not_done else 0


def side(text: str | None) -> Keep | None:
    """Whose content stands, as it is said with ``--keep``."""
    try:
        return None if text is None else Keep(text)
    except ValueError:
        raise SettingsError(f"--keep {text}: it must be tracker or broker") from None


def _show(settings: Settings, *, as_json: bool) -> None:
    with looking(settings) as store:
        found = store.all_conflicts()
    with result_output():
        if as_json:
            print_json(conflicts_object(found))
        else:
            print_blocks(conflicts_blocks(found), no_color=settings.no_color)


def _chosen(known: Sequence[SavedConflict], names: Sequence[str]) -> list[SavedConflict]:
    """Those of `names`; without names all that nobody has decided yet."""
    if not names:
        return [each for each in known if each.decision is None]
    return [each for each in known if any(_is_called(each, name) for name in names)]


def _is_called(saved: SavedConflict, name: str) -> bool:
    return name in {saved.conflict.external_id, saved.conflict.record_id}


async def _decide(
    chosen: Sequence[SavedConflict],
    keep: Keep,
    settings: Settings,
    store: SyncRecordStore,
    is_alone: Callable[[], None],
) -> list[NotDone]:
    """Write the decision down; that the broker's content is to stand is also carried out, at once.

    A run that dies in between leaves it to the next sync.
    """
    not_done: list[NotDone] = []
    for (sink, account_id), group in groupby(chosen, key=lambda each: (each.sink, each.account_id)):
        found = list(group)
        store.decide(sink, account_id, [each.conflict.external_id for each in found], keep)
        if keep is Keep.BROKER:
            account = _account(settings, found[0])
            not_done += await _carried_out(account, sink, settings, store, is_alone)
    return not_done


async def _carried_out(
    account: Account,
    sink_name: str,
    settings: Settings,
    store: SyncRecordStore,
    is_alone: Callable[[], None],
) -> list[NotDone]:
    sink = open_sink(sink_name, settings, read_only=False)
    run_id = store.begin_run(provider=_RUN, version=__version__)
    writer = Writer(account=account, sink=sink, store=store, run_id=run_id, check=is_alone)
    try:
        await sink.login()
        await settle(writer)
        not_done = await carry_out_decisions(writer)
    finally:
        await sink.close()
    outcome = "failed" if any(isinstance(each, Refused) for each in not_done) else "ok"
    store.end_run(run_id, outcome=outcome, counts=RunCounts())
    return not_done


def _account(settings: Settings, saved: SavedConflict) -> Account:
    """The account as the embedded ledger has it, else as far as the settings and the activity tell."""
    if saved.sink == LEDGER:
        books = Database(settings.data_dir / "portfolio.db", schema=SCHEMA, read_only=True)
        with closing(books), books.reading() as connection:
            named = accounts_named(connection, saved.account_id)
        if named:
            return named[0]
    upstream = [
        account.upstream_account_id
        for account in settings.ibkr_accounts
        if account.upstream_account_id is not None
        and saved.account_id in {account.tracker_account_id, account.upstream_account_id}
    ]
    booked = saved.conflict.booked
    return Account(
        id=saved.account_id,
        provider=booked.external_id.partition(":")[0],
        provider_account_id=upstream[0] if upstream else saved.account_id,
        account_type=booked.account_type,
        currency=None,
    )
