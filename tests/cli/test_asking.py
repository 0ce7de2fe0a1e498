from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from broker_sync.cli.asking import Wanted, wanted
from broker_sync.coverage import AccountCoverage, Covered, coverage
from broker_sync.errors import SettingsError
from broker_sync.received import Days

NEW_YORK = ZoneInfo("America/New_York")
NOON = dt.datetime(2026, 5, 20, 12, tzinfo=dt.UTC)
YESTERDAY = dt.date(2026, 5, 19)
DAY = dt.timedelta(days=1)


def known(*ranges: tuple[dt.date, dt.date], section: str = "Trades") -> AccountCoverage:
    return coverage(
        Covered(
            account="U1234567",
            section=section,
            days=Days(first=first, last=last),
            received_at=NOON,
            has_rows=True,
        )
        for first, last in ranges
    )[0]


def asked(*accounts: AccountCoverage | None, now: dt.datetime = NOON, **words: dt.date | None) -> Wanted:
    return wanted(accounts, now=now, zone=NEW_YORK, overlap=90, **words)


def test_the_first_night_asks_for_as_much_as_every_other() -> None:
    found = asked(None)
    assert found.days == Days(first=YESTERDAY - 90 * DAY, last=YESTERDAY)
    assert found.covered_until is None
    again = asked(known((found.days.first, found.days.last)))
    assert again.days == found.days
    assert again.covered_until == YESTERDAY


def test_a_day_is_over_when_it_is_over_in_new_york() -> None:
    two_in_the_night = dt.datetime(2026, 5, 20, 2, tzinfo=dt.UTC)
    assert asked(None, now=two_in_the_night).days.last == dt.date(2026, 5, 18)


def test_a_query_for_several_accounts_asks_for_what_any_of_them_lacks() -> None:
    long_ago = known((dt.date(2026, 1, 1), dt.date(2026, 2, 28)))
    found = asked(long_ago, known((dt.date(2026, 1, 1), YESTERDAY)))
    assert found.days.first == dt.date(2026, 1, 1)  # nobody has anything before
    assert found.covered_until == dt.date(2026, 2, 28)
    assert asked(long_ago, None).covered_until is None


def test_a_gap_of_a_section_that_nobody_needs_is_not_asked_for() -> None:
    needed, not_needed = (
        coverage(
            [
                *(
                    Covered(
                        account="U1234567", section=name, days=Days(first=first, last=YESTERDAY),
                        received_at=NOON, has_rows=True,
                    )
                    for name, first in (("Trades", dt.date(2025, 1, 1)), (section, dt.date(2026, 5, 1)))
                ),
            ]
        )[0]
        for section in ("Transfers", "MTMPerformanceSummaryInBase")
    )  # fmt: skip
    assert asked(needed).days.first == YESTERDAY - 90 * DAY
    assert asked(needed).lacking == (
        Days(first=dt.date(2025, 5, 6), last=dt.date(2026, 4, 30)),
        Days(first=dt.date(2025, 1, 1), last=dt.date(2025, 5, 5)),
    )
    assert asked(not_needed).lacking == ()


def test_words_of_the_user_come_first_but_today_is_never_asked_for() -> None:
    found = asked(None, since=dt.date(2026, 5, 1), until=dt.date(2026, 5, 10))
    assert found.days == Days(first=dt.date(2026, 5, 1), last=dt.date(2026, 5, 10))
    assert asked(None, until=dt.date(2026, 6, 30)).days.last == YESTERDAY
    with pytest.raises(SettingsError, match="2026-05-19 is the last day"):
        asked(None, since=dt.date(2026, 5, 20))


def test_what_is_long_uncovered_does_not_hold_up_the_night() -> None:
    old = known((dt.date(2021, 1, 1), dt.date(2021, 12, 31)))
    found = asked(old)
    assert found.days == Days(first=YESTERDAY - 90 * DAY, last=YESTERDAY)
    assert found.lacking[0].last == found.days.first - DAY
    assert found.lacking[-1].first == dt.date(2021, 12, 31) - 90 * DAY
    assert all(days.count <= 360 for days in found.lacking)


def test_a_section_that_was_taken_out_is_not_waited_for() -> None:
    whole = coverage(
        Covered(
            account="U1234567",
            section=section,
            days=Days(first=dt.date(2026, 1, 1), last=last),
            received_at=NOON,
            has_rows=True,
        )
        for section, last in (("Trades", YESTERDAY), ("Transfers", dt.date(2026, 3, 1)))
    )[0]
    assert asked(whole).lacking == ()
