"""Whatever the broker tells, in whatever order the nights come and however they end: every record once.

Run with --hypothesis-profile=ci for many more; a failure prints what happened, step by step.
"""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from broker_sync.changes import Keep
from tests.exactly_once.claims import problems, problems_at_the_end
from tests.exactly_once.moods import Mood
from tests.exactly_once.walk import Walk

pytestmark = pytest.mark.slow

_IN_MEMORY = Path("/dev/shm")  # noqa: S108  # a shared folder, in which only folders of our own are made
_DAY = dt.timedelta(days=1)
_MANY = settings().max_examples >= 100
_PICKS = st.integers(0, 50)
_ILL = st.sampled_from([each for each in Mood if each is not Mood.WELL])


class Nights(RuleBasedStateMachine):
    """The walk of one account."""

    sink = "ledger"

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.folder = Path(mkdtemp(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None))
        self.walk = Walk(self.folder, seed, sink_name=self.sink)

    @rule(count=st.integers(1, 8))
    def days_go_by(self, count: int) -> None:
        self.walk.broker.pass_days(count)

    @rule(pick=_PICKS, cents=st.integers(1, 9999))
    def the_broker_restates(self, pick: int, cents: int) -> None:
        self.walk.broker.restate(pick, Decimal(cents) / 100)

    @rule(pick=_PICKS, days=st.integers(1, 6))
    def the_broker_moves_a_booking(self, pick: int, days: int) -> None:
        self.walk.broker.move(pick, days)

    @rule(pick=_PICKS)
    def the_broker_takes_back(self, pick: int) -> None:
        self.walk.broker.take_back(pick)

    @rule()
    def the_broker_tells_again(self) -> None:
        self.walk.broker.tell_again()

    @rule(pick=_PICKS)
    def the_broker_books_again(self, pick: int) -> None:
        self.walk.broker.rebook(pick)

    @rule(length=st.integers(0, 40))
    def a_night(self, length: int) -> None:
        first, last = self.window(length, 0)
        if self.walk.night(first, last) is not None:
            self.check(problems(self.walk, first, last))

    @rule(length=st.integers(0, 40), mood=_ILL, calls=st.integers(0, 2))
    def a_night_goes_ill(self, length: int, mood: Mood, calls: int) -> None:
        self.walk.night(*self.window(length, 0), mood, calls)
        self.check(self.walk.wrong)

    @rule(length=st.integers(0, 10), ago=st.integers(1, 20))
    def a_night_comes_late(self, length: int, ago: int) -> None:
        self.walk.night(*self.window(length, ago))
        self.check(self.walk.wrong)

    @rule()
    def the_next_run_is_another_process(self) -> None:
        self.walk.restart()

    @rule()
    def the_memory_is_lost(self) -> None:
        self.walk.lose_memory()

    @rule()
    def the_memory_is_copied(self) -> None:
        self.walk.keep_copy()

    @precondition(lambda self: (self.folder / "sync.db.copy").exists())
    @rule()
    def an_older_memory_is_put_back(self) -> None:
        self.walk.put_copy_back()

    @rule()
    def the_tracker_restarts(self) -> None:
        self.walk.tracker_restarts()

    @rule()
    def the_tracker_forgets(self) -> None:
        self.walk.tracker_forgets()

    @rule()
    def the_tracker_is_copied(self) -> None:
        self.walk.keep_tracker()

    @precondition(lambda self: self.walk.is_tracker_copied)
    @rule()
    def an_older_tracker_is_put_back(self) -> None:
        self.walk.put_tracker_back()

    @rule(pick=_PICKS, keep=st.sampled_from(Keep), mood=st.sampled_from(Mood), calls=st.integers(0, 1))
    def a_person_decides(self, pick: int, keep: Keep, mood: Mood, calls: int) -> None:
        self.walk.person_decides(pick, keep, mood, calls)

    def window(self, length: int, ago: int) -> tuple[dt.date, dt.date]:
        """So many days, the last of them so many days ago."""
        begun = self.walk.broker.life.first_day
        last = max(begun, self.walk.broker.today - ago * _DAY)
        return max(begun, last - length * _DAY), last

    def check(self, problems: list[str]) -> None:
        """Fail with what has happened so far."""
        if problems:
            raise AssertionError("\n".join([f"seed {self.walk.seed}", *self.walk.log, *problems]))

    def teardown(self) -> None:
        if not hasattr(self, "walk"):
            return
        try:
            self.check(problems_at_the_end(self.walk))
        finally:
            self.walk.close()
            shutil.rmtree(self.folder)


class NightsInWealthfolio(Nights):
    """The same, into Wealthfolio, in which people edit."""

    sink = "wealthfolio"

    @rule(pick=_PICKS, cents=st.integers(0, 9999))
    def a_person_changes(self, pick: int, cents: int) -> None:
        self.walk.person_changes(pick, Decimal(cents) / 100)

    @rule(pick=_PICKS)
    def a_person_removes(self, pick: int) -> None:
        self.walk.person_removes(pick)


_SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
_STEPS = 20
# To find the least that fails takes minutes, which only whoever looks for it has; the seed is told anyway.
_PHASES = tuple(Phase) if _MANY else (Phase.explicit, Phase.reuse, Phase.generate)
TestNights = Nights.TestCase
TestNights.settings = settings(
    max_examples=500 if _MANY else 18,
    stateful_step_count=_STEPS,
    suppress_health_check=_SLOW,
    phases=_PHASES,
)
TestNightsInWealthfolio = NightsInWealthfolio.TestCase
TestNightsInWealthfolio.settings = settings(
    max_examples=200 if _MANY else 10,
    stateful_step_count=_STEPS,
    suppress_health_check=_SLOW,
    phases=_PHASES,
)
