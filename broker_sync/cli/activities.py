"""``broker-sync activities``."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Final

from broker_sync.cli.output import print_blocks, print_json, result_output
from broker_sync.cli.started import started
from broker_sync.models import Account, Activity
from broker_sync.report import activity_blocks, activity_object
from broker_sync.sinks.ledger import LedgerSink

__all__ = ["run_activities"]

_log: Final = logging.getLogger(__name__)
Booked = Iterable[tuple[Account, Activity]]


def run_activities(*, account: str | None, as_json: bool) -> int:
    """Print the ledger, or one account of it; the exit status."""
    settings = started()
    with LedgerSink(settings.data_dir / "portfolio.db", read_only=True) as ledger, result_output():
        booked = _noting_nothing(ledger.activities(account), account)
        if as_json:
            _print_each(booked)
        else:
            print_blocks(activity_blocks(booked), no_color=settings.no_color)
    return 0


def _print_each(booked: Booked) -> None:
    for account, activity in booked:
        print_json(activity_object(account, activity))


def _noting_nothing(booked: Booked, account: str | None) -> Iterator[tuple[Account, Activity]]:
    found = False
    for entry in booked:
        found = True
        yield entry
    if not found:
        _log.info("nothing is booked %s", "yet" if account is None else f"for account {account}")
