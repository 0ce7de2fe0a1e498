"""What happened from day to day: how runs ended, and what differed meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from broker_sync.report.page.facts import Body, Told
from broker_sync.report.page.state import Mood, differing

__all__ = ["Lane", "LaneState", "Stretch", "Timeline", "timeline_of"]

_DAY: Final = dt.timedelta(days=1)
_MOODS: Final[Mapping[str, Mood]] = {"ok": Mood.GOOD, "drift": Mood.ODD}
_WORST: Final = (Mood.BAD, Mood.ODD, Mood.GOOD, Mood.PLAIN)


@unique
class LaneState(StrEnum):
    """Whether a difference was found once, or in two runs in a row."""

    NEW = "new"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The days from `first` to `last`, both included, in which something was `state`."""

    first: dt.date
    last: dt.date
    state: LaneState


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One thing that differed: its name, in how many runs, by how much last, and when."""

    label: str
    of: str
    runs: int
    drift: str
    stretches: tuple[Stretch, ...]

    @property
    def is_over(self) -> bool:
        """Whether it did not differ after the last run."""
        return self.drift == "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The days from `first` to `last`; `ended` is how runs ended, by day, the worst of a day."""

    first: dt.date
    last: dt.date
    ended: Mapping[dt.date, Mood]
    lanes: tuple[Lane, ...]

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


def timeline_of(told: Sequence[Told]) -> Timeline | None:
    """What `told` (the earliest first) comes to; None without any of it. Days are those of UTC."""
    if not told:
        return None
    ended: dict[dt.date, Mood] = {}
    for each in told:
        moods = {ended.get(_day(each), Mood.PLAIN), _MOODS.get(each.outcome, Mood.BAD)}
        ended[_day(each)] = min(moods, key=_WORST.index)
    lanes = _lanes([each for each in told if each.error is None], until=_day(told[-1]))
    return Timeline(first=_day(told[0]), last=_day(told[-1]), ended=ended, lanes=tuple(lanes))


def _day(told: Told) -> dt.date:
    return told.ended_at.astimezone(dt.UTC).date()


def _lanes(told: Sequence[Told], *, until: dt.date) -> Iterable[Lane]:
    """One lane for each side that ever differed, the latest first."""
    sides: dict[tuple[str, str], list[tuple[dt.date, dt.date, Body]]] = {}
    for number, each in enumerate(told):
        # It is taken to have stayed so until somebody looked again.
        after = max(_day(told[number + 1]) - _DAY, _day(each)) if number + 1 < len(told) else until
        for standing in differing(each.body):
            key = (str(standing["of"]), str(standing["name"]))
            sides.setdefault(key, []).append((_day(each), after, standing))
    last = {} if not told else {(each["of"], each["name"]): each for each in differing(told[-1].body)}
    lanes = [_lane(key, found, last.get(key)) for key, found in sides.items()]
    return sorted(lanes, key=lambda lane: (lane.is_over, -lane.stretches[-1].last.toordinal(), lane.label))


def _lane(key: tuple[str, str], found: Sequence[tuple[dt.date, dt.date, Body]], last: Body | None) -> Lane:
    stretches: list[Stretch] = []
    for first, until, standing in found:
        state = LaneState(standing["state"])
        before = stretches[-1] if stretches else None
        if before is not None and before.state is state and first <= before.last + _DAY:
            stretches[-1] = Stretch(first=before.first, last=until, state=state)
        else:
            stretches.append(Stretch(first=first, last=until, state=state))
    return Lane(
        label=str(found[-1][2].get("label", key[1])),
        of=key[0],
        runs=len(found),
        drift="0" if last is None else str(last["drift"]),
        stretches=tuple(stretches),
    )
