"""Whether a downloaded statement is what was asked for; pure.

The Flex Web Service answers with less than was asked, and says nothing of it: a saved "Last 90 Calendar Days"
that became one day, a statement with all its sections empty. Taken for "nothing happened", that loses money.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from broker_sync.coverage import has_weekday
from broker_sync.providers.ibkr.admission import Admitted
from broker_sync.providers.ibkr.errors import StatementRefusedError
from broker_sync.providers.ibkr.formats import DayOrder, read_day
from broker_sync.providers.ibkr.records import CashReportCurrency
from broker_sync.providers.ibkr.sections import Use, use_of
from broker_sync.providers.ibkr.survey import AccountSurvey, Part, counts_for_owner
from broker_sync.providers.ibkr.truth import window
from broker_sync.received import Days

__all__ = ["Delivery", "EmptyStatementError", "ShortStatementError", "judge", "says_something"]

_DAY: Final = dt.timedelta(days=1)
# Over a long week-end of holidays, and while a day is not closed yet, the broker gives a little less.
_LEEWAY: Final = 5
_RECORDS: Final = frozenset({Use.BOOKED, Use.NOT_YET, Use.UNKNOWN})


class EmptyStatementError(StatementRefusedError):
    """The statement has its sections, and nothing in them."""


class ShortStatementError(StatementRefusedError):
    """The statement covers fewer days than were asked for; `days` are those that it has."""

    def __init__(self, *, document: str, days: Days, reason: str, advice: str) -> None:
        super().__init__(document=document, reason=reason, advice=advice)
        self.days = days


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What was delivered: the `days` of the statement, and `notes` on those that are missing at its ends.

    `is_first`: it begins later than was asked for because there was nothing in the account before.
    """

    days: Days
    notes: tuple[str, ...] = ()
    is_first: bool = False


def says_something(account: AccountSurvey) -> bool:
    """Whether a statement has anything to book or to compare of an account."""
    if any(part.positions or part.cash for part in account.parts.values()):
        return True
    return any(
        use_of(section) in _RECORDS and counts_for_owner(section, tag) for section, tag in account.counts
    )


def judge(admitted: Admitted, *, asked: Days | None, covered_until: dt.date | None = None) -> Delivery:
    """What `admitted` delivers of the days `asked` for, None where the query's own period was to be used.

    `covered_until` is the last day that earlier statements cover. Raises :class:`EmptyStatementError`, and
    :class:`ShortStatementError` where so much is missing that it cannot be holidays.
    """
    name = admitted.document.name
    if not any(says_something(account) for account in admitted.survey.accounts.values()):
        raise EmptyStatementError(
            document=name,
            reason="it has sections, but no record, no position and no balance in any of them",
            advice="An idle account has balances: run again later, and check the query's accounts.",
        )
    days = _days(admitted)
    if asked is None:
        return _of_saved_period(name, days, covered_until)
    return _of_asked(admitted, days, asked)


def _days(admitted: Admitted) -> Days:
    order = admitted.survey.order
    windows = [window(account, order=order) for account in admitted.survey.accounts.values()]
    told = [each for each in windows if each is not None]
    if not told:
        raise StatementRefusedError(
            document=admitted.document.name,
            reason="it does not say which days it covers (fromDate and toDate)",
            advice="Run the query again; it must be an Activity Flex query in XML.",
        )
    return Days(first=min(first for first, _ in told), last=max(last for _, last in told))


def _of_saved_period(name: str, days: Days, covered_until: dt.date | None) -> Delivery:
    continues = covered_until is not None and days.first <= covered_until + _DAY
    if days.count == 1 and not continues:
        raise ShortStatementError(
            document=name,
            days=days,
            reason=f"it covers one day, {days.first}, although the query's period is used",
            advice="Set the period of the Flex query to a custom range, or allow ranges of days in it.",
        )
    return Delivery(days=days)


def _of_asked(admitted: Admitted, days: Days, asked: Days) -> Delivery:
    is_first = days.first > asked.first and _begins_with_nothing(admitted)
    at_start = None if is_first else _missing(asked.first, days.first - _DAY)
    at_end = _missing(days.last + _DAY, asked.last)
    short = [each for each in (at_start, at_end) if each is not None and each.count > _LEEWAY]
    if short:
        raise ShortStatementError(
            document=admitted.document.name,
            days=days,
            reason=f"it covers {days}, asked for were {asked}",
            advice="Run again later; if it stays so, see what 'broker-sync ibkr doctor' says.",
        )
    return Delivery(days=days, notes=tuple(_notes(at_start, at_end)), is_first=is_first)


def _missing(first: dt.date, last: dt.date) -> Days | None:
    """The days from `first` to `last` if there is a business day among them."""
    if first > last:
        return None
    days = Days(first=first, last=last)
    return days if has_weekday(days) else None


def _begins_with_nothing(admitted: Admitted) -> bool:
    """Whether every account had no money at all when its first day began, as far as Cash Reports say."""
    order = admitted.survey.order
    starts = [
        CashReportCurrency(raw, order).starting_cash
        for account in admitted.survey.accounts.values()
        for raw in _earliest(account, order).cash or ()
    ]
    return bool(starts) and all(start == 0 for start in starts)


def _earliest(account: AccountSurvey, order: DayOrder | None) -> Part:
    def first_day(part: Part) -> dt.date:
        return read_day(part.head.get("fromDate"), order=order) or dt.date.max

    return min(account.parts.values(), key=first_day)


def _notes(*missing: Days | None) -> Iterable[str]:
    for days in missing:
        if days is not None:
            yield f"The broker's statement leaves out {days}, which was asked for."
