from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from broker_sync.cli.asking import Wanted, wanted
from broker_sync.coverage import AccountCoverage, Covered, coverage
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
    assert found.days.first == dt.date(2026, 2, 28) - 90 * DAY
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
    assert asked(needed).days.first == dt.date(2025, 1, 1)
    assert asked(not_needed).days.first == YESTERDAY - 90 * DAY


def test_words_of_the_user_come_first_but_today_is_never_asked_for() -> None:
    found = asked(None, since=dt.date(2026, 5, 1), until=dt.date(2026, 5, 10))
    assert found.days == Days(first=dt.date(2026, 5, 1), last=dt.date(2026, 5, 10))
    assert asked(None, until=dt.date(2026, 6, 30)).days.last == YESTERDAY
    assert asked(None, since=dt.date(2026, 5, 20)).days == Days(first=YESTERDAY, last=YESTERDAY)
