"""Which statements may go: those of which others say all, and no other."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.archive import Retention
from broker_sync.archive.retention import expendable
from broker_sync.received import Booked, Contents, Days, Entry, Received, Refused, SectionFacts, Verdict
from tests.tables import for_each

from .samples import ACCOUNT, DAY, MAY, OTHER, START, booked, contents, days, entry, facts

LONG_AFTER = START + 1000 * DAY
YEAR = Retention(keep_days=365)


def gone(*entries: Entry, policy: Retention = YEAR, now: dt.datetime = LONG_AFTER) -> list[int]:
    """The numbers of those that may go."""
    return [int(each.sha256, 16) for each in expendable(entries, policy, now=now)]


def nightly(nights: int, *, length: int = 90) -> list[Entry]:
    """Each night a statement of the `length` days before it."""
    found = []
    for night in range(nights):
        at = START + night * DAY
        window = Days(first=at.date() - length * DAY, last=at.date() - DAY)
        found.append(entry(night, window=window, at=at))
    return found


def test_nothing_goes_by_itself() -> None:
    assert gone(*nightly(200), policy=Retention()) == []


@for_each("given", [{"keep_days": 0}, {"keep_last": 0}, {"keep_last": -1}, {"settled_days": 0}])
def test_nobody_keeps_nothing(given: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="for 1 day at least"):
        Retention(**given)


def test_one_that_another_repeats_may_go() -> None:
    assert gone(entry(1), entry(2, at=START + DAY)) == [1]
    assert gone(entry(1), entry(2, window=days("2026-04-01", "2026-05-31"), at=START + DAY)) == [1]


def test_what_is_young_enough_stays() -> None:
    pair = (entry(1), entry(2, at=START + DAY))
    assert gone(*pair, now=START + 365 * DAY) == []
    assert gone(*pair, now=START + 366 * DAY) == [1]


def test_the_last_of_each_account_stay() -> None:
    mine = [entry(number, at=START + number * DAY) for number in range(4)]
    others = [
        entry(number, within=contents(MAY, account=OTHER), at=START + (number - 10) * DAY)
        for number in range(10, 13)
    ]
    assert gone(*mine, *others, policy=Retention(keep_last=2)) == [0, 10, 1]
    assert gone(*mine, *others, policy=Retention(keep_last=2, keep_days=1000)) == []


def test_a_day_that_no_other_statement_has_keeps_it() -> None:
    later = START + DAY
    assert gone(entry(1), entry(2, window=days("2026-05-02", "2026-05-31"), at=later)) == []
    assert gone(
        entry(1),
        entry(2, window=days("2026-05-02", "2026-05-31"), at=later),
        entry(3, window=days("2026-04-01", "2026-05-01"), at=later),
    ) == [1]


def test_a_section_that_no_other_statement_has_keeps_it() -> None:
    fewer = Contents(accounts=(facts(MAY, sections=("Trades",)),))
    more = Contents(accounts=(facts(MAY, sections=("A", "CashTransactions", "Trades")),))
    assert gone(entry(1), entry(2, within=fewer, at=START + DAY)) == []
    assert gone(entry(1), entry(2, within=more, at=START + DAY)) == [1]


def test_another_account_in_it_keeps_it() -> None:
    both = Contents(accounts=(facts(MAY), facts(MAY, account=OTHER)))
    assert gone(entry(1, within=both), entry(2, at=START + DAY)) == []
    assert gone(entry(1), entry(2, within=both, at=START + DAY)) == [1]


def test_sections_may_be_there_for_days_of_their_own() -> None:
    half, other_half = days("2026-05-01", "2026-05-15"), days("2026-05-16", "2026-05-29")
    account = facts(MAY, sections=("Trades",))
    cash = SectionFacts(section="CashTransactions", rows=1, days=(half,))
    by_halves = Contents(
        accounts=(type(account)(account=ACCOUNT, days=(MAY,), sections=(*account.sections, cash)),)
    )
    rest = entry(3, window=other_half, at=START + DAY)
    assert gone(entry(1), entry(2, within=by_halves, at=START + DAY)) == []
    assert gone(entry(1), entry(2, within=by_halves, at=START + DAY), rest) == [1]


@for_each(("at", "found"), [(-1, []), (0, [2]), (1, [2])])
def test_an_earlier_statement_will_do_once_the_days_were_settled(at: int, found: list[int]) -> None:
    day = days("2026-05-29", "2026-05-29")
    settled = dt.datetime(2026, 7, 28, tzinfo=dt.UTC)  # 60 days after
    earlier = entry(1, at=settled + at * dt.timedelta(minutes=1), window=days("2026-05-01", "2026-05-29"))
    assert gone(earlier, entry(2, window=day, at=settled + DAY)) == found


def test_one_that_restated_records_stays() -> None:
    restating = entry(1, verdict=Booked(days=(booked(restated=1),)))
    assert gone(restating, entry(2, at=START + DAY)) == []


@for_each("verdict", [Received(), Refused(at=START, reason="no"), Booked(days=())])
def test_only_what_was_booked_stands_in_for_another(verdict: Verdict) -> None:
    stand_in = entry(2, at=START + DAY, verdict=verdict)
    expected = {Received: [], Refused: [2], Booked: [1]}[type(verdict)]
    assert gone(entry(1), stand_in) == expected


def test_what_nobody_has_decided_on_stays_and_what_was_refused_goes() -> None:
    assert gone(entry(1, window=None)) == []
    assert gone(entry(2, window=None, verdict=Refused(at=START, reason="no"))) == [2]


def test_what_does_not_say_its_days_stays() -> None:
    assert gone(entry(1, within=contents()), entry(2, at=START + DAY)) == [1]
    silent = Contents(accounts=(facts(),))
    assert gone(entry(1, within=silent), entry(2, at=START + DAY)) == []
    assert gone(entry(3, window=None, verdict=Booked(days=(booked(),))), entry(2, at=START + DAY)) == []


def test_of_two_that_say_the_same_one_stays() -> None:
    assert gone(entry(1), entry(2)) == [1]


def test_what_is_gone_is_nobodys_stand_in() -> None:
    removed = entry(2, at=START + DAY)
    object.__setattr__(removed, "body_removed_at", START)
    assert gone(entry(1), removed) == []


def test_of_nightly_statements_about_one_a_month_stays() -> None:
    # All of 90 days would take long: of 9 days, settled after 6, every fourth stays instead.
    nights = nightly(40, length=9)
    removed = gone(*nights, policy=Retention(keep_last=10, settled_days=6))
    assert [number for number in range(40) if number not in removed] == [*range(0, 30, 4), *range(30, 40)]


def seen(entries: list[Entry]) -> set[tuple[str, str, dt.date]]:
    """Account, section and day of all that the entries say."""
    return {
        (account.account, section.section, window.first + n * DAY)
        for each in entries
        for account in (each.contents.accounts if each.contents else ())
        for section in account.sections
        for window in section.days
        for n in range(window.count)
    }


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    found = []
    for number in range(draw(st.integers(1, 8))):
        first = dt.date(2026, 1, 1) + draw(st.integers(0, 8)) * DAY
        window = Days(first=first, last=first + draw(st.integers(0, 8)) * DAY)
        sections = tuple(sorted(draw(st.sets(st.sampled_from(["A", "B", "C"]), min_size=1))))
        within = Contents(accounts=(facts(window, sections=sections),))
        at = START + draw(st.integers(0, 200)) * DAY
        found.append(entry(number, window=window, within=within, at=at))
    return found


@given(entries=histories(), keep_last=st.integers(1, 4))
def test_whatever_goes_every_day_stays_readable(entries: list[Entry], keep_last: int) -> None:
    removed = gone(*entries, policy=Retention(keep_last=keep_last))
    left = [each for each in entries if int(each.sha256, 16) not in removed]
    assert seen(left) == seen(entries)
    assert len(left) >= min(keep_last, len(entries))
