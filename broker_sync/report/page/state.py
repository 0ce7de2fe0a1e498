"""How an account stands, in a few words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any, Final

from broker_sync.report.page.facts import AccountFacts, Body, Told
from broker_sync.report.page.months import Cover, months_of
from broker_sync.report.page.wording import MONEY, day_words, moment_words, signed
from broker_sync.report.wording import counted

__all__ = ["Figure", "Mood", "State", "differing", "drift_words", "figures_of", "latest", "state_of"]

_STALE: Final = dt.timedelta(hours=36)


@unique
class Mood(StrEnum):
    """What a colour stands for; each has a sign of its own too."""

    GOOD = "good"
    ODD = "odd"
    BAD = "bad"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The headline of an account, and a sentence or two below it."""

    mood: Mood
    headline: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number that is seen at a glance."""

    label: str
    value: str
    note: str = ""
    mood: Mood = Mood.PLAIN


def latest(facts: AccountFacts) -> Told | None:
    """The last run that came to an end of the account."""
    return next((each for each in reversed(facts.told) if each.error is None), None)


def differing(body: Body) -> list[Body]:
    """What stands as different after a run."""
    return list(body.get("standings", ()))


def drift_words(standing: Body) -> str:
    """By how much it differs, with its sign; money with two places at least."""
    return signed(str(standing["drift"]), places=0 if standing["of"] == "position" else MONEY)


def state_of(facts: AccountFacts) -> State:
    """How the account stands after the last run."""
    last = facts.told[-1] if facts.told else None
    known = latest(facts)
    if last is None:
        return State(mood=Mood.PLAIN, headline="Not synced yet", detail="No run has come to this account.")
    if last.error is not None:
        how = "was refused" if last.outcome == "refused" else "failed"
        return State(mood=Mood.BAD, headline=f"The last run {how}", detail=_since_then(last, known))
    return _compared(last)


def _since_then(last: Told, known: Told | None) -> str:
    failed = f"{moment_words(last.ended_at)}: {last.error}"
    if known is None:
        return f"{failed} No run has come to an end of this account."
    before = _compared(known)
    return f"{failed} Before that, {moment_words(known.ended_at)}: {before.headline}."


def _compared(told: Told) -> State:
    body = told.body
    detail = f"Last run {moment_words(told.ended_at)}. {_looked_at(body)}"
    found = differing(body)
    if body.get("failures"):
        headline = f"The tracker did not take {counted(len(body['failures']), 'record')}"
        return State(mood=Mood.BAD, headline=headline, detail=detail)
    if found:
        return _differs(found, detail)
    if not any(_sides(body)):
        return State(mood=Mood.PLAIN, headline="Nothing to compare with", detail=detail)
    as_of = _last_day(body)
    day = "" if as_of is None else f" as of {day_words(as_of)}"
    return State(mood=Mood.GOOD, headline=f"Equal to the broker{day}", detail=detail)


def _differs(found: Sequence[Body], detail: str) -> State:
    sure = [each for each in found if each["state"] == "confirmed"]
    number = counted(len(found), "difference")
    if not sure:
        return State(mood=Mood.ODD, headline=f"{number}, not confirmed yet", detail=detail)
    first = min(dt.datetime.fromisoformat(each["first_seen"]).date() for each in sure)
    part = "" if len(sure) == len(found) else f"{len(sure)} "
    headline = f"{number}, {part}confirmed since {day_words(first)}"
    return State(mood=Mood.BAD, headline=headline, detail=detail)


def _sides(body: Body) -> Iterator[Sequence[Any]]:
    yield body.get("positions", ())
    yield body.get("cash", ())


def _looked_at(body: Body) -> str:
    positions, cash = _sides(body)
    if not positions and not cash:
        return "The statement does not say what the account holds."
    told = f"{counted(len(positions), 'position')} and {counted(len(cash), 'currency', 'currencies')}"
    return f"{told} compared."


def _last_day(body: Body) -> dt.date | None:
    day = body.get("window", {}).get("to")
    return None if day is None else dt.date.fromisoformat(day)


# --- figures ---


def figures_of(facts: AccountFacts, *, now: dt.datetime) -> list[Figure]:
    """The figures of an account, as far as they are known."""
    known = latest(facts)
    return [*_of_run(known, now), *_of_records(known), *_of_days(facts), *_of_rejected(facts)]


def _of_run(known: Told | None, now: dt.datetime) -> Iterator[Figure]:
    if known is None:
        return
    age = now - known.ended_at
    yield Figure(
        label="Last synced",
        value=_age(age),
        note=moment_words(known.ended_at),
        mood=Mood.ODD if age > _STALE else Mood.PLAIN,
    )


def _age(age: dt.timedelta) -> str:
    hours = max(age // dt.timedelta(hours=1), 0)
    if hours < 1:
        return "just now"
    return f"{counted(hours, 'hour')} ago" if hours < 48 else f"{hours // 24} days ago"


def _of_records(known: Told | None) -> Iterator[Figure]:
    if known is not None and "fetched" in known.body:
        new, fetched = known.body.get("new", 0), known.body["fetched"]
        yield Figure(label="New records", value=str(new), note=f"of {fetched} in the last statement")


def _of_days(facts: AccountFacts) -> Iterator[Figure]:
    if facts.coverage is None:
        return
    span, gaps = facts.coverage.span, facts.coverage.gaps
    missing = sum(month.count(Cover.MISSING) for month in months_of(facts.coverage))
    yield Figure(
        label="Weekdays missing",
        value=str(missing),
        note=f"{day_words(span.first)} to {day_words(span.last)}",
        mood=Mood.BAD if gaps else Mood.PLAIN,
    )


def _of_rejected(facts: AccountFacts) -> Iterator[Figure]:
    number = len(facts.not_booked)
    yield Figure(
        label="Not booked",
        value=str(number),
        note="see the reasons below" if number else "every record is booked",
        mood=Mood.ODD if number else Mood.PLAIN,
    )
