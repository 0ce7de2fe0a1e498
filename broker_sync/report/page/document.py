"""The page as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from broker_sync.report.page.balances import balance_tables, reasons
from broker_sync.report.page.books import bookings, run_list
from broker_sync.report.page.charts import icon, lane_chart, month_chart, runs_chart
from broker_sync.report.page.corrections import by_hand, corrections, not_booked, notes
from broker_sync.report.page.facts import AccountFacts, PageFacts
from broker_sync.report.page.markup import Markup, joined, tag
from broker_sync.report.page.months import Cover, Month, months_of
from broker_sync.report.page.state import Figure, Mood, drift_words, figures_of, state_of
from broker_sync.report.page.style import STYLE
from broker_sync.report.page.timeline import Lane, timeline_of
from broker_sync.report.page.wording import day_words, moment_words, month_words, side_words
from broker_sync.report.wording import counted

__all__ = ["page_text"]

_MOST_LANES: Final = 12
_MOST_MONTHS: Final = 12
# Nothing is loaded from anywhere and nothing is run, whatever a statement may hold.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_FOOTER: Final = tag(
    "footer",
    tag("p", "Days of statements are the broker's; times are UTC. A difference is broker less tracker."),
)


def page_text(facts: PageFacts) -> str:
    """An HTML page that needs nothing else, for screens of any width, light and dark, and for paper."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="robots", content="noindex"),
        tag("title", _title(facts)),
        tag("style", Markup(STYLE)),
    )
    body = tag("body", _header(facts), tag("main", *_main(facts)), _FOOTER)
    return f"<!doctype html>\n{tag('html', head, body, lang='en').text}\n"


def _title(facts: PageFacts) -> str:
    if len(facts.accounts) == 1:
        return f"{facts.accounts[0].account}: {state_of(facts.accounts[0]).headline}"
    return f"broker-sync, {counted(len(facts.accounts), 'account')}"


def _header(facts: PageFacts) -> Markup:
    links = [_link(number, account) for number, account in enumerate(facts.accounts)]
    return tag(
        "header",
        tag("h1", "broker-sync"),
        tag("p", f"Made {moment_words(facts.made_at)}. History of {counted(facts.days, 'day')}."),
        tag("nav", tag("ul", *links), aria_label="Accounts") if len(links) > 1 else None,
    )


def _link(number: int, facts: AccountFacts) -> Markup:
    state = state_of(facts)
    return tag(
        "li",
        tag(
            "a",
            icon(state.mood),
            tag("strong", facts.account),
            tag("span", state.headline),
            href=f"#account-{number}",
        ),
    )


def _main(facts: PageFacts) -> Iterator[Markup]:
    if not facts.accounts:
        yield tag("article", tag("p", icon(Mood.PLAIN), "Nothing was synced yet", class_="state plain"))
    for each in reversed(facts.failed[-_MOST_LANES:] if not facts.accounts else []):
        yield tag("p", f"{moment_words(each.ended_at)}: {each.error}")
    for number, account in enumerate(facts.accounts):
        yield _account(number, account, facts)


# --- one account ---


def _account(number: int, facts: AccountFacts, page: PageFacts) -> Markup:
    state = state_of(facts)
    parts = [
        reasons(facts),
        balance_tables(facts),
        _history(facts),
        _coverage(facts),
        bookings(facts),
        run_list(facts),
        not_booked(facts),
        by_hand(facts),
        corrections(facts),
        notes(facts),
    ]
    return tag(
        "article",
        tag(
            "h2",
            facts.account,
            tag("span", f" in {facts.sink}") if facts.sink else None,
            id=f"account-{number}",
        ),
        tag("p", icon(state.mood), tag("span", state.headline), class_=f"state {state.mood}"),
        tag("p", state.detail, class_="detail"),
        tag("dl", *(_figure(each) for each in figures_of(facts, now=page.made_at)), class_="figures"),
        *parts,
        class_=str(state.mood),
    )


def _figure(figure: Figure) -> Markup:
    return tag(
        "div",
        tag("dt", figure.label),
        tag("dd", tag("b", figure.value), tag("span", figure.note) if figure.note else None),
        class_=str(figure.mood),
    )


def _history(facts: AccountFacts) -> Markup | None:
    timeline = timeline_of(facts.told)
    if timeline is None:
        return None
    lanes = [
        tag("li", *_lane_words(lane), lane_chart(lane, timeline)) for lane in timeline.lanes[:_MOST_LANES]
    ]
    more = len(timeline.lanes) - _MOST_LANES
    return tag(
        "section",
        tag("h3", "What differed when"),
        tag(
            "ul",
            tag("li", tag("span", "Runs", class_="name"), tag("span", _ended(facts)), runs_chart(timeline)),
            *lanes,
            class_="lanes",
        ),
        tag(
            "p", tag("span", day_words(timeline.first)), tag("span", day_words(timeline.last)), class_="axis"
        ),
        tag("p", f"And {more} more that differed.", class_="faint") if more > 0 else None,
        None if lanes else tag("p", "Nothing differed in this time.", class_="faint"),
    )


def _ended(facts: AccountFacts) -> str:
    good = sum(each.outcome == "ok" for each in facts.told)
    return f"{good} of {counted(len(facts.told), 'run')} in order"


def _lane_words(lane: Lane) -> Iterator[Markup]:
    now = "equal again" if lane.is_over else f"now {drift_words({'of': lane.of, 'drift': lane.drift})}"
    yield tag("span", side_words(lane.of, lane.label), class_="name")
    yield tag("span", f"in {counted(lane.runs, 'run')}, {now}")


def _coverage(facts: AccountFacts) -> Markup | None:
    if facts.coverage is None:
        return None
    months = months_of(facts.coverage)
    shown = months[-_MOST_MONTHS:]
    earlier = months[: -len(shown)]
    leaves = [
        tag("figure", month_chart(month), tag("figcaption", month_words(month.first))) for month in shown
    ]
    keys = [("whole", "covered"), ("part", "a section is missing"), ("missing", "missing")]
    used = {str(cover) for month in shown for cover in month.days}
    legend = [tag("li", tag("span", class_=f"key {cover}"), words) for cover, words in keys if cover in used]
    gaps = [f"{day_words(gap.first)} to {day_words(gap.last)}" for gap in facts.coverage.gaps]
    return tag(
        "section",
        tag("h3", "Days covered by statements"),
        tag("p", f"Missing: {'; '.join(gaps)}." if gaps else "No day is missing."),
        tag("div", joined(leaves), class_="months"),
        tag("ul", *legend, class_="legend"),
        _earlier(earlier) if earlier else None,
    )


def _earlier(months: list[Month]) -> Markup:
    missing = sum(month.count(Cover.MISSING) for month in months)
    lack = f"{counted(missing, 'weekday')} missing" if missing else "no day missing"
    return tag("p", f"{counted(len(months), 'month')} before that: {lack}.", class_="faint")
