"""Facts of made-up runs."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

from broker_sync.metrics import AccountFacts, Confirmed, FlexFacts, RunFacts
from broker_sync.report import AccountError, Run
from broker_sync.results import SyncResult
from tests.report_samples import WIDGET, perfect, troubled, worth

__all__ = ["ENDED", "NIGHT", "failed", "full", "of", "refused"]

ENDED = dt.datetime(2026, 6, 1, 2, 0, 30, tzinfo=dt.UTC)
NIGHT = dt.timedelta(days=1)


def of(*results: SyncResult, errors: Sequence[AccountError] = (), **facts: Any) -> RunFacts:  # noqa: ANN401
    given = {"ended": ENDED, "version": "1.2.3", **facts}
    return RunFacts(run=Run(provider="ibkr", results=results, errors=errors), **given)


def failed(**facts: Any) -> RunFacts:  # noqa: ANN401
    """A run that could not even begin."""
    return dataclasses.replace(of(**facts), run=Run(provider="ibkr", error="the broker is away"))


def refused(**facts: Any) -> RunFacts:  # noqa: ANN401
    return dataclasses.replace(of(**facts), run=Run(provider="ibkr", error="it is empty", refused=True))


def full(**facts: Any) -> RunFacts:  # noqa: ANN401
    """Everything that can be known of a run."""
    confirmed = Confirmed(instruments=frozenset({WIDGET.key}), currencies=frozenset({"GBP"}), nav=True)
    night = AccountFacts(confirmed=confirmed, conflicts=2, gaps=[(dt.date(2026, 5, 8), dt.date(2026, 5, 11))])
    return of(
        dataclasses.replace(perfect(), nav=worth("10.5", "10")),
        troubled(),
        duration=dt.timedelta(seconds=1.5),
        stages={"download": dt.timedelta(seconds=1), "book": dt.timedelta(milliseconds=250)},
        accounts={"U1234567": night, "U7654321": AccountFacts(confirmed=Confirmed())},
        flex=FlexFacts(error_code=1012, token_expires=ENDED, breaker_open=True),
        trackers={"wealthfolio": "3.1.0"},
        **facts,
    )
