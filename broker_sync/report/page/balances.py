"""Both sides next to each other: positions, cash and net asset value, and why they differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from broker_sync.report.page.charts import icon
from broker_sync.report.page.facts import AccountFacts, Body
from broker_sync.report.page.markup import Markup, joined, tag
from broker_sync.report.page.state import Mood, differing, drift_words, latest
from broker_sync.report.page.wording import (
    FILLING,
    MONEY,
    aligned_numbers,
    day_words,
    number_words,
    side_words,
    signed,
)
from broker_sync.report.wording import counted

__all__ = ["Why", "balance_tables", "reasons", "reasons_of"]

_HEADS: Final[Mapping[str, tuple[str, str, int]]] = {
    "positions": ("Positions", "Instrument", 0),
    "cash": ("Cash", "Currency", MONEY),
}
_SIDES: Final = ("Broker", "Tracker")
_NOT_ASKED: Final = "Nobody asked why. `broker-sync reconcile --explain` says so."


# --- why ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Things that differ for one reason: their names and amounts, the reason, and what would mend it."""

    what: tuple[str, ...]
    cause: str
    text: str
    command: str | None
    since: str


def reasons_of(facts: AccountFacts) -> list[Why]:
    """Why what differs by now does, as far as a run has found it out; those of one reason together."""
    known = latest(facts)
    found = [] if known is None else differing(known.body)
    groups: dict[tuple[str, str], list[tuple[Body, Body | None]]] = {}
    for standing in found:
        explanation = _explanation(facts, standing)
        told = ("", _NOT_ASKED) if explanation is None else (explanation["cause"], explanation["text"])
        groups.setdefault(told, []).append((standing, explanation))
    return [_why(cause, text, group) for (cause, text), group in groups.items()]


def _explanation(facts: AccountFacts, standing: Body) -> Body | None:
    """The latest word on it since it was first seen."""
    for each in reversed(facts.told):
        if each.ended_at.isoformat() < standing["first_seen"]:
            return None
        for explanation in each.body.get("explanations", ()):
            name = explanation.get("symbol", explanation.get("currency"))
            if (explanation["of"], name) == (standing["of"], standing["label"]):
                return dict(explanation)
    return None


def _why(cause: str, text: str, group: Sequence[tuple[Body, Body | None]]) -> Why:
    standings = [standing for standing, _ in group]
    command = next((told["command"] for _, told in group if told is not None), None)
    first = min(dt.datetime.fromisoformat(standing["first_seen"]).date() for standing in standings)
    runs = max(standing["runs"] for standing in standings)
    return Why(
        what=tuple(f"{side_words(each['of'], each['label'])} {drift_words(each)}" for each in standings),
        cause=cause.replace("_", " ") or "not explained yet",
        text=text,
        command=command,
        since=f"Found in {counted(runs, 'run')} in a row since {day_words(first)}.",
    )


def reasons(facts: AccountFacts) -> Markup | None:
    """What differs and why; None where nothing does."""
    found = reasons_of(facts)
    if not found:
        return None
    cards = [
        tag(
            "li",
            tag("p", *_spread(why.what), class_="what"),
            tag("p", tag("strong", why.cause.capitalize()), ". ", *_with_code(why.text)),
            tag("p", "To do: ", tag("code", why.command)) if why.command else None,
            tag("p", why.since, class_="faint"),
        )
        for why in found
    ]
    return tag("section", tag("h3", "What differs, and why"), tag("ul", *cards, class_="cards"))


def _spread(names: Sequence[str]) -> Iterator[Markup]:
    for name in names:
        yield tag("span", name)


def _with_code(text: str) -> Iterator[Markup | str]:
    """What stands between backticks is code."""
    for number, part in enumerate(text.split("`")):
        yield tag("code", part) if number % 2 else part


# --- tables ---


def balance_tables(facts: AccountFacts) -> Markup | None:
    """Positions, cash and net asset value on both sides; None where nothing was compared."""
    known = latest(facts)
    if known is None:
        return None
    tables = [_table(known.body, part) for part in _HEADS]
    shown = [each for each in (*tables, _value(known.body)) if each is not None]
    return tag("section", tag("h3", "Broker and tracker"), *shown) if shown else None


def _table(body: Body, part: str) -> Markup | None:
    rows: Sequence[Body] = body.get(part, ())
    if not rows:
        return None
    caption, head, places = _HEADS[part]
    off = {
        standing["name"] if part == "cash" else standing["label"]: str(standing["state"])
        for standing in differing(body)
        if standing["of"] == ("cash" if part == "cash" else "position")
    }
    ordered = sorted(rows, key=lambda row: _label(row) not in off)
    return _sides(caption, head, [(_label(row), row) for row in ordered], off, places=places)


def _label(row: Body) -> str:
    return str(row.get("symbol", row.get("currency")))


def _value(body: Body) -> Markup | None:
    nav = body.get("nav")
    if nav is None:
        return None
    off = {
        standing["label"]: str(standing["state"]) for standing in differing(body) if standing["of"] == "nav"
    }
    return _sides("Net asset value", "Currency", [(str(nav["currency"]), nav)], off, places=MONEY)


def _sides(
    caption: str, head: str, rows: Sequence[tuple[str, Body]], off: Mapping[str, str], *, places: int
) -> Markup:
    # The roles are said although they are plain, because on a phone a row is no row of a table any more.
    columns = [
        aligned_numbers(number_words(row[side], places=places) for _, row in rows)
        for side in ("broker", "tracker")
    ]
    body = [
        tag(
            "tr",
            tag("th", name, scope="row", role="rowheader"),
            *(_cell(head, number) for head, number in zip(_SIDES, numbers, strict=True)),
            tag("td", *_drift(row["drift"], off.get(name), places), class_="number drift", role="cell"),
            class_=None if name not in off else f"off {off[name]}",
            role="row",
        )
        for (name, row), *numbers in zip(rows, *columns, strict=True)
    ]
    heads = [_column(name, class_="number") for name in (*_SIDES, "Difference")]
    return tag(
        "table",
        tag("caption", caption),
        tag("thead", tag("tr", _column(head), *heads, role="row"), role="rowgroup"),
        tag("tbody", joined(body), role="rowgroup"),
        class_="sides",
        role="table",
    )


def _column(name: str, class_: str | None = None) -> Markup:
    return tag("th", name, scope="col", role="columnheader", class_=class_)


def _cell(head: str, number: str) -> Markup:
    # The name of the column is shown beside the number where there is no room for columns.
    beside = tag("span", head, class_="beside", aria_hidden="true")
    shown = number.rstrip(FILLING)
    pad = tag("span", number[len(shown) :], class_="pad", aria_hidden="true") if number != shown else None
    return tag("td", beside, shown, pad, class_="number", role="cell")


def _drift(drift: str, state: str | None, places: int) -> Iterator[Markup | str]:
    if state is not None:
        mood = Mood.BAD if state == "confirmed" else Mood.ODD
        yield tag("span", icon(mood), signed(drift, places=places), class_="whole")
        yield tag("span", state, class_="mark")
    elif drift == "0":
        yield tag("span", "equal", class_="mark")
    else:
        yield from (signed(drift, places=places), tag("span", "within tolerance", class_="mark"))
