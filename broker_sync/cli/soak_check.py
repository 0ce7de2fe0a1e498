"""``broker-sync soak-check``: whether the last nights are good enough to rely on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from broker_sync.cli.clock import CLOCK, Clock
from broker_sync.cli.looking import looking
from broker_sync.cli.output import print_blocks, print_json, result_output
from broker_sync.cli.request import Request
from broker_sync.cli.started import started
from broker_sync.report.soak_text import soak_blocks, soak_object
from broker_sync.settings import Settings
from broker_sync.soak import FRESH, Found, Soak, judge

__all__ = ["run_soak_check"]

_DAY: Final = dt.timedelta(days=1)


def run_soak_check(*, days: int, as_json: bool, clock: Clock = CLOCK) -> int:
    """Print the judgement on the last `days` nights; the exit status, 0 if it holds, else 1."""
    settings = started()
    soak = _judged(settings, days=days, now=clock.now())
    with result_output():
        if as_json:
            print_json(soak_object(soak))
        else:
            print_blocks(soak_blocks(soak), no_color=settings.no_color)
    return 0 if soak.holds else 1


def _judged(settings: Settings, *, days: int, now: dt.datetime) -> Soak:
    # One day more than is judged: today may have none, and the first night begins with its day.
    since = now - max((days + 2) * _DAY, FRESH)
    accounts = [each.upstream_account_id for each in settings.ibkr_accounts]
    return judge(
        _found(settings, since=since),
        accounts=[account for account in accounts if account is not None],
        days=days,
        now=now,
    )


def _found(settings: Settings, *, since: dt.datetime) -> Iterator[Found]:
    """What was found of accounts in the trackers that the nights write to; other runs are trials."""
    sinks = {Request(files=()).sink_name(settings), *(a.sink for a in settings.ibkr_accounts if a.sink), ""}
    with looking(settings) as store:
        for each in store.results(since=since):
            if each.sink in sinks:
                yield Found(
                    account=each.account, ended_at=each.ended_at, outcome=each.outcome, body=each.body
                )
