"""Pictures, as SVG within the page: drawn in the colours of the page, each with its meaning in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Final

from broker_sync.report.page.markup import Markup, joined, tag
from broker_sync.report.page.months import Cover, Month
from broker_sync.report.page.state import Mood
from broker_sync.report.page.timeline import Lane, LaneState, Timeline
from broker_sync.report.page.wording import day_words, month_words
from broker_sync.report.wording import counted

__all__ = ["icon", "lane_chart", "month_chart", "runs_chart"]

_DAY: Final = dt.timedelta(days=1)
_CELL: Final = 14  # from one day of the calendar to the next
_SIDE: Final = 12
_STRIP: Final = 20
_ICONS: Final[Mapping[Mood, str]] = {
    Mood.GOOD: "M6 12.5l4 4 8-9",
    Mood.ODD: "M12 6v7M12 17v.5",
    Mood.BAD: "M7.5 7.5l9 9M16.5 7.5l-9 9",
    Mood.PLAIN: "M7 12h10",
}
# The worse, the larger: what stands out is seen without its colour.
_TOPS: Final[Mapping[Mood, int]] = {Mood.GOOD: 12, Mood.ODD: 6, Mood.BAD: 0}
_MARGINS: Final[Mapping[LaneState, int]] = {LaneState.CONFIRMED: 3, LaneState.NEW: 7}
_RUN_WORDS: Final[Mapping[Mood, str]] = {
    Mood.GOOD: "in order",
    Mood.ODD: "with a difference",
    Mood.BAD: "failed",
}


def icon(mood: Mood) -> Markup:
    """A sign for a mood, so that it is not told by colour alone; it says nothing to who cannot see it."""
    return tag(
        "svg",
        tag("circle", cx=12, cy=12, r=11),
        tag("path", d=_ICONS[mood]),
        class_=f"icon {mood}",
        viewBox="0 0 24 24",
        aria_hidden="true",
    )


def _picture(title: str, *shapes: Markup, width: int, height: int, kind: str) -> Markup:
    stretched = "none" if kind == "strip" else None
    return tag(
        "svg",
        tag("title", title),
        *shapes,
        class_=kind,
        role="img",
        viewBox=f"0 0 {width} {height}",
        preserveAspectRatio=stretched,
    )


# --- what happened from day to day ---


def runs_chart(timeline: Timeline) -> Markup:
    """How the runs of each day ended."""
    days = [timeline.first + number * _DAY for number in range(timeline.days)]
    moods = [timeline.ended.get(day, Mood.PLAIN) for day in days]
    shapes = []
    place = 0
    for mood, group in groupby(moods):
        length = len(list(group))
        if mood is not Mood.PLAIN:
            shapes.append(_bar(place, length, f"run {mood}", top=_TOPS[mood], bottom=_STRIP))
        place += length
    return _picture(_runs_told(moods), *shapes, width=timeline.days, height=_STRIP, kind="strip")


def _runs_told(moods: list[Mood]) -> str:
    told = [
        f"{counted(moods.count(mood), 'day')} {words}" for mood, words in _RUN_WORDS.items() if mood in moods
    ]
    return f"Runs: {', '.join(told)}"


def lane_chart(lane: Lane, timeline: Timeline) -> Markup:
    """When one thing differed."""
    shapes = [
        _bar(
            (stretch.first - timeline.first).days,
            (stretch.last - stretch.first).days + 1,
            f"lane {stretch.state}",
            top=_MARGINS[stretch.state],
            bottom=_STRIP - _MARGINS[stretch.state],
        )
        for stretch in lane.stretches
    ]
    told = ", ".join(
        f"{stretch.state} {day_words(stretch.first)} to {day_words(stretch.last)}"
        for stretch in lane.stretches
    )
    ground = tag("rect", x=0, y=9, width=timeline.days, height=2, class_="ground")
    title = f"{lane.label} differed: {told}"
    return _picture(title, ground, *shapes, width=timeline.days, height=_STRIP, kind="strip")


def _bar(place: int, length: int, kind: str, *, top: int, bottom: int) -> Markup:
    return tag("rect", x=place, y=top, width=length, height=bottom - top, class_=kind)


# --- the calendar ---


def month_chart(month: Month) -> Markup:
    """A month as a leaf of a calendar, weeks from Monday on."""
    begins = month.first.weekday()
    cells = [_day(number + begins, cover) for number, cover in enumerate(month.days)]
    rows = -(-(begins + len(month.days)) // 7)
    return _picture(
        _month_told(month), joined(cells), width=7 * _CELL - 2, height=rows * _CELL - 2, kind="month"
    )


def _day(place: int, cover: Cover) -> Markup:
    x, y = place % 7 * _CELL, place // 7 * _CELL
    box = tag("rect", x=x, y=y, width=_SIDE, height=_SIDE, rx=2, class_=f"day {cover}")
    if cover is not Cover.MISSING:
        return box
    cross = f"M{x + 3} {y + 3}l6 6M{x + 9} {y + 3}l-6 6"
    return joined([box, tag("path", d=cross, class_="cross")])


def _month_told(month: Month) -> str:
    return f"{month_words(month.first)}: {', '.join(_counts(month))}"


def _counts(month: Month) -> Iterator[str]:
    words = {Cover.WHOLE: "covered", Cover.PART: "covered in part", Cover.MISSING: "missing"}
    for cover, told in words.items():
        if month.count(cover):
            yield f"{counted(month.count(cover), 'weekday')} {told}"
    if not any(month.count(cover) for cover in words):
        yield "no weekday"
