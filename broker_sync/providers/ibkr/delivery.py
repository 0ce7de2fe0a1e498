"""Whether a downloaded statement is what was asked for; pure.

The Flex Web Service answers with less than was asked, and says nothing of it: a saved "Last 90 Calendar Days"
that became one day, a statement with all its sections empty. Taken for "nothing happened", that loses money.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from broker_sync.coverage import has_weekday
from broker_sync.errors import ValueFormatError
from broker_sync.providers.ibkr.admission import Admitted
from broker_sync.providers.ibkr.errors import StatementRefusedError
from broker_sync.providers.ibkr.formats import DayOrder, read_day
from broker_sync.providers.ibkr.sections import Use, use_of
from broker_sync.providers.ibkr.survey import AccountSurvey, counts_for_owner
from broker_sync.providers.ibkr.truth import window
from broker_sync.received import Days

__all__ = [
    "Delivery",
    "EmptyStatementError",
    "ShortStatementError",
    "judge",
    "opened_on",
    "says_something",
]

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

    `is_first`: it begins later than was asked for because there was nothing in any account before.
    """

    days: Days
    notes: tuple[str, ...] = ()
    is_first: bool = False


def opened_on(account: AccountSurvey, order: DayOrder | None) -> dt.date | None:
    """The day on which the account was opened; None where the statement does not say, or not readably."""
    try:
        return read_day(account.opened, order=order)
    except ValueFormatError:
        return None


def says_something(account: AccountSurvey) -> bool:
    """Whether a statement has anything to book or to compare of an account."""
    if any(part.positions or part.cash for part in account.parts.values()):
        return True
    return any(
        use_of(section) in _RECORDS and counts_for_owner(section, tag) for section, tag in account.counts
    )


def judge(
    admitted: Admitted,
    *,
    asked: Days | None,
    covered_until: dt.date | None = None,
    began_with_nothing: Callable[[str], bool] = lambda _: False,
) -> Delivery:
    """What `admitted` delivers of the days `asked` for, None where the query's own period was to be used.

    Each account must have them. `covered_until` is the last day that earlier statements cover;
    `began_with_nothing` says of an account whether it held nothing when its statement begins. Raises
    :class:`EmptyStatementError`, and :class:`ShortStatementError` where so much is missing that it cannot be
    holidays.
    """
    name = admitted.document.name
    accounts = admitted.survey.accounts
    telling = [account for account in accounts.values() if says_something(account)]
    if not telling:
        raise EmptyStatementError(
            document=name,
            reason="it has sections, but no record, no position and no balance in any of them",
            advice="An idle account has balances: run again later, and check the query's accounts.",
        )
    judged = [
        _judge(_Case(admitted=admitted, account=account), asked, covered_until, began_with_nothing)
        for account in telling
    ]
    days = Days(first=min(each.days.first for each in judged), last=max(each.days.last for each in judged))
    notes = dict.fromkeys(note for each in judged for note in each.notes)
    return Delivery(days=days, notes=tuple(notes), is_first=all(each.is_first for each in judged))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    admitted: Admitted
    account: AccountSurvey

    @property
    def name(self) -> str:
        return self.admitted.document.name

    @property
    def days(self) -> Days:
        found = window(self.account, order=self.admitted.survey.order)
        if found is None:
            raise StatementRefusedError(
                document=self.name,
                reason="it does not say which days it covers (fromDate and toDate)",
                advice="Run the query again; it must be an Activity Flex query in XML.",
            )
        return Days(first=found[0], last=found[1])

    @property
    def opened(self) -> dt.date | None:
        return opened_on(self.account, self.admitted.survey.order)


def _judge(
    case: _Case,
    asked: Days | None,
    covered_until: dt.date | None,
    began_with_nothing: Callable[[str], bool],
) -> Delivery:
    if asked is None:
        return _of_saved_period(case, covered_until)
    return _of_asked(case, asked, began_with_nothing)


def _of_saved_period(case: _Case, covered_until: dt.date | None) -> Delivery:
    days = case.days
    continues = covered_until is not None and days.first <= covered_until + _DAY
    if days.count == 1 and not continues:
        raise ShortStatementError(
            document=case.name,
            days=days,
            reason=f"it covers one day, {days.first}, although the query's period is used",
            advice="Set a longer period in the Flex query. If the account is new, name its first day once "
            "with --since.",
        )
    note = f"IBKR gives this query no range of days; the period that is saved in it gave {days}."
    return Delivery(days=days, notes=(note,))


def _of_asked(case: _Case, asked: Days, began_with_nothing: Callable[[str], bool]) -> Delivery:
    days = case.days
    at_start = _missing(asked.first, days.first - _DAY)
    at_end = _missing(days.last + _DAY, asked.last)
    is_first = False
    if at_start is not None and at_start.count > _LEEWAY:
        is_first = _was_opened_then(case, asked) or began_with_nothing(case.account.account_id)
        at_start = None if is_first else at_start
    short = [each for each in (at_start, at_end) if each is not None and each.count > _LEEWAY]
    if short:
        raise ShortStatementError(
            document=case.name,
            days=days,
            reason=f"it covers {days} for account {case.account.account_id}, asked for were {asked}",
            advice="Run again later; if it stays so, see what 'broker-sync ibkr doctor' says. If the account "
            "is new, name its first day once with --since.",
        )
    return Delivery(days=days, notes=tuple(_notes(at_start, at_end)), is_first=is_first)


def _was_opened_then(case: _Case, asked: Days) -> bool:
    """Whether the account says that it was opened about when its statement begins."""
    opened = case.opened
    if opened is None:
        return False
    before = _missing(max(opened, asked.first), case.days.first - _DAY)
    return before is None or before.count <= _LEEWAY


def _missing(first: dt.date, last: dt.date) -> Days | None:
    """The days from `first` to `last` if there is a business day among them."""
    if first > last:
        return None
    days = Days(first=first, last=last)
    return days if has_weekday(days) else None


def _notes(*missing: Days | None) -> Iterable[str]:
    for days in missing:
        if days is not None:
            yield f"The broker's statement leaves out {days}, which was asked for."
