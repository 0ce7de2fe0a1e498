"""What is not booked, and what was corrected since it was: by the broker, and by people in the tracker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from broker_sync.report.page.facts import AccountFacts, Body, NotBooked, Told, count_of
from broker_sync.report.page.markup import Markup, tag
from broker_sync.report.page.state import latest
from broker_sync.report.page.wording import day_words, number_words
from broker_sync.report.wording import counted, listed

__all__ = ["by_hand", "corrections", "not_booked", "notes"]

_MOST: Final = 20
_MOST_FIELDS: Final = 4
_MOST_IDS: Final = 6


def _section(head: str, *lines: Markup | str, class_: str | None = None) -> Markup:
    items = [tag("li", line) for line in lines[:_MOST]]
    more = len(lines) - _MOST
    rest = tag("p", f"And {more} more.", class_="faint") if more > 0 else None
    return tag("section", tag("h3", head), tag("ul", *items, class_=class_ or "lines"), rest)


# --- what is not booked ---


def not_booked(facts: AccountFacts) -> Markup | None:
    """Records that are not booked, by the reason; None where there are none."""
    if not facts.not_booked:
        return None
    ordered = sorted(facts.not_booked, key=lambda each: (*_group_of(each), each.external_id))
    groups = [(key, [*group]) for key, group in groupby(ordered, _group_of)]
    parts = [
        tag(
            "div",
            tag("p", tag("strong", f"{counted(len(group), 'record')} in {section}"), f": {reason}"),
            tag("p", listed([_named(each) for each in group], most=_MOST_IDS), class_="faint"),
        )
        for (section, reason), group in groups
    ]
    return _section("Not booked", *parts, class_="cards")


def _group_of(record: NotBooked) -> tuple[str, str]:
    return record.section, record.reason


def _named(record: NotBooked) -> str:
    day = record.booked_on
    return record.external_id if day is None else f"{record.external_id} ({day_words(day)})"


# --- what the broker corrected ---


def corrections(facts: AccountFacts) -> Markup | None:
    """What the broker changed or no longer lists; None where there is nothing of the kind."""
    lines = [line for told in reversed(facts.told) for line in _corrected(told)]
    return _section("Corrected", *lines) if lines else None


def _corrected(told: Told) -> Iterator[Markup | str]:
    day = day_words(told.ended_at.date())
    changes: Sequence[Body] = told.body.get("changes", [])
    for change in changes:
        fields = "; ".join(_fields(change))
        done = "removed" if change["removed"] else fields
        yield tag("span", f"{day}: ", tag("strong", str(change["external_id"])), f", {change['why']}: {done}")
    updated = count_of(told, "updated")
    if updated and not changes:
        yield f"{day}: the broker changed {counted(updated, 'record')} that had been booked."
    gone: Sequence[Body] = told.body.get("vanished", [])
    if gone:
        ids = ", ".join(str(each["external_id"]) for each in gone[:_MOST])
        done = "removed from the tracker" if told.body.get("deleted") else "still in the tracker"
        yield f"{day}: {counted(len(gone), 'record')} no longer listed by the broker, {done}: {ids}."


def _fields(change: Body) -> Iterator[str]:
    fields: Sequence[Body] = change["fields"]
    for each in fields[:_MOST_FIELDS]:
        name = str(each["field"]).replace("_", " ")
        yield f"{name} {_said(each['old'])} \u2192 {_said(each['new'])}"
    if len(fields) > _MOST_FIELDS:
        yield f"and {counted(len(fields) - _MOST_FIELDS, 'other field')}"


def _said(text: str | None) -> str:
    return "nothing" if text is None else text


# --- what people did, and what else there is to say ---


def by_hand(facts: AccountFacts) -> Markup | None:
    """What people have changed in the tracker against the broker's word; None where nobody has."""
    known = latest(facts)
    conflicts: Sequence[Body] = [] if known is None else known.body.get("conflicts", [])
    if not conflicts:
        return None
    lines = [
        tag(
            "span",
            tag("strong", str(each["external_id"])),
            f": {each['reason']}, seen first on {str(each['first_seen'])[:10]}. To decide: ",
            tag("code", f"broker-sync conflicts {each['external_id']}"),
        )
        for each in conflicts
    ]
    return _section("Changed by hand in the tracker", *lines)


def notes(facts: AccountFacts) -> Markup | None:
    """What the last run had to say beside; None where it had nothing."""
    known = latest(facts)
    body: Body = {} if known is None else known.body
    lines = [str(each) for each in body.get("notes", [])]
    lines += [
        f"{each['symbol']} {number_words(each['quantity'])} cannot be shown by the tracker: {each['reason']}"
        for each in body.get("not_held", [])
    ]
    return _section("Notes", *lines) if lines else None
