"""What was booked, and what each run did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from broker_sync.accounting import cash_effect
from broker_sync.models import Activity
from broker_sync.report.page.charts import icon
from broker_sync.report.page.facts import AccountFacts, Told, count_of
from broker_sync.report.page.markup import Markup, tag
from broker_sync.report.page.state import Mood
from broker_sync.report.page.wording import MONEY, day_words, moment_words, number_words, signed
from broker_sync.report.wording import counted
from broker_sync.values import decimal_text

__all__ = ["bookings", "run_list"]

_MOST: Final = 20
_MOST_RUNS: Final = 25
_MOODS: Final = {"ok": Mood.GOOD, "drift": Mood.ODD}
_COUNTS: Final = (("new", "new"), ("updated", "changed"), ("deleted", "removed"), ("failed", "not taken"))


# --- bookings ---


def bookings(facts: AccountFacts) -> Markup | None:
    """The latest bookings; None where there are none."""
    if not facts.booked:
        return None
    shown = facts.booked[:_MOST]
    return tag(
        "section",
        tag("h3", "Latest bookings"),
        tag("ul", *(_booking(activity) for activity in shown), class_="bookings"),
    )


def _booking(activity: Activity) -> Markup:
    kind = str(activity.subtype or activity.activity_type).replace("_", " ").capitalize()
    units = ""
    if activity.quantity is not None and activity.symbol is not None:
        units = number_words(decimal_text(activity.quantity))
        if activity.unit_price is not None:
            units += f" at {number_words(decimal_text(activity.unit_price))}"
    money = [
        f"{signed(decimal_text(amount), places=MONEY)}\u00a0{currency}"
        for currency, amount in cash_effect(activity).items()
        if amount
    ]
    return tag(
        "li",
        tag("span", day_words(activity.booked_on), class_="when"),
        tag("span", tag("strong", kind), f" {activity.symbol}" if activity.symbol else "", class_="what"),
        tag("span", units, class_="units") if units else None,
        tag("span", ", ".join(money), class_="money") if money else None,
    )


# --- runs ---


def run_list(facts: AccountFacts) -> Markup | None:
    """What each run did, the last first; runs in a row that ended alike and did nothing are one line."""
    if not facts.told:
        return None
    groups = [[*group] for _, group in groupby(reversed(facts.told), _kind_of)]
    lines = [line for group in groups for line in _lines(group)]
    more = len(lines) - _MOST_RUNS
    rest = tag("p", f"And {more} lines of earlier runs.", class_="faint") if more > 0 else None
    return tag("section", tag("h3", "What each run did"), tag("ul", *lines[:_MOST_RUNS], class_="runs"), rest)


def _kind_of(told: Told) -> tuple[str, str, str | None]:
    """What two runs have in common that can be told of in one line; of those that did something nothing."""
    return told.outcome, told.ended_at.isoformat() if _done(told) else "", told.error


def _done(told: Told) -> str:
    counts = ((count_of(told, name), word) for name, word in _COUNTS)
    return ", ".join(f"{count} {word}" for count, word in counts if count)


def _lines(group: Sequence[Told]) -> Iterator[Markup]:
    last, first = group[0], group[-1]
    when = moment_words(last.ended_at)
    if len(group) > 1:
        days = f"{day_words(first.ended_at.date())} to {day_words(last.ended_at.date())}"
        when = f"{len(group)} runs, {days}"
    yield tag(
        "li",
        tag("span", icon(_MOODS.get(last.outcome, Mood.BAD)), when, class_="when"),
        tag("span", _outcome(last), class_="error" if last.error is not None else None),
    )


def _outcome(told: Told) -> str:
    if told.error is not None:
        return f"{told.outcome}: {told.error}"
    found = count_of(told, "standings")
    differs = f"; {counted(found, 'difference')}" if found else ""
    return f"{_done(told) or 'nothing new'}{differs}"
