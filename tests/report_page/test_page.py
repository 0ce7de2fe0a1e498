"""The page says how each account stands, and nothing that a statement holds can become part of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from broker_sync.models import ActivityType
from broker_sync.received import Days
from broker_sync.report.page import AccountFacts, PageFacts, page_text
from broker_sync.report.page.markup import Markup, joined, tag
from broker_sync.report.page.style import STYLE
from broker_sync.report.page.wording import aligned_numbers, moment_words, number_words, signed
from tests.report_page.samples import (
    HOSTILE,
    NOW,
    body,
    booked,
    change,
    covered,
    failed,
    hard,
    page,
    plain,
    standing,
    told,
)
from tests.tables import for_each

VOID = {"meta", "br", "rect", "line", "path", "circle"}
NO_ACCOUNT = AccountFacts(account="U1234567", sink="ledger")


class Reader(HTMLParser):
    """Elements as they are opened and closed, and the words between them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    def texts(self) -> str:
        return re.sub(r"[\s\u2007\u2008]+", " ", " ".join(self.words))


def read(*accounts: AccountFacts) -> Reader:
    reader = Reader()
    reader.feed(page_text(page(*accounts)))
    assert reader.open == []
    return reader


def words(*accounts: AccountFacts) -> str:
    return read(*accounts).texts()


def one(**parts: object) -> AccountFacts:
    """An account with one run of this body."""
    return replace(NO_ACCOUNT, told=[told(0, str(parts.pop("outcome", "ok")), **parts)])


# --- markup ---


def test_whatever_is_a_text_is_escaped() -> None:
    made = tag("p", HOSTILE, tag("b", "<i>"), None, title=HOSTILE, lang=None)
    assert made.text == (
        '<p title="&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;\ufffd\ufffd">'
        "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;\ufffd\ufffd<b>&lt;i&gt;</b></p>"
    )
    assert joined([Markup("<br>"), "\udc80"]).text == "<br>\ufffd"


@for_each("name", ["rect", "meta"])
def test_an_element_without_content_is_closed_by_itself(name: str) -> None:
    assert tag(name, width=1).text == (f'<{name} width="1"/>' if name == "rect" else f'<{name} width="1">')


# --- words ---


@for_each(
    ("number", "places", "wanted"),
    [
        ("0", 0, "+0"),
        ("1234567.5", 0, "+1,234,567.5"),
        ("1234567.5", 2, "+1,234,567.50"),
        ("-1000", 2, "\u22121,000.00"),
        ("-0.00001", 2, "\u22120.00001"),
    ],
)
def test_numbers_are_grouped_and_signed(number: str, places: int, wanted: str) -> None:
    assert signed(number, places=places) == wanted
    assert number_words(number, places=places) == wanted.removeprefix("+")


def test_points_stand_below_each_other() -> None:
    assert aligned_numbers(["50", "1.25", "3.5"]) == ["50\u2008\u2007\u2007", "1.25", "3.5\u2007"]
    assert aligned_numbers(["50", "7"]) == ["50", "7"]
    assert aligned_numbers([]) == []


def test_moments_are_those_of_utc() -> None:
    there = dt.datetime(2026, 1, 1, 1, 5, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert moment_words(there).replace("\u00a0", " ") == "31 Dec 2025, 23:05 UTC"


# --- the page as a whole ---


@for_each("accounts", [(), (plain(),), (hard(), plain())])
def test_a_page_is_whole_and_needs_nothing_else(accounts: tuple[AccountFacts, ...]) -> None:
    text = page_text(page(*accounts))
    reader = read(*accounts)
    assert text.startswith("<!doctype html>\n<html lang=")
    assert not {name for name, _ in reader.seen} & {"script", "link", "img", "iframe", "object", "base"}
    assert not re.search(r"https?:|//|url\(|@import|javascript:", text)
    attributes = {key for _, attrs in reader.seen for key in attrs}
    assert not {key for key in attributes if key.startswith("on")} | attributes & {"src", "style"}
    (policy,) = [attrs["content"] for _, attrs in reader.seen if attrs.get("http-equiv")]
    assert (policy or "").startswith("default-src 'none'; style-src 'unsafe-inline'")


def test_what_a_statement_holds_is_shown_as_it_is() -> None:
    reader = read(hard())
    assert "alert(1)" in reader.texts()
    assert "script" not in {name for name, _ in reader.seen}
    assert "\u202e" not in page_text(page(hard()))


def test_every_picture_has_a_title_and_every_sign_is_passed_over() -> None:
    text = page_text(page(hard(), plain()))
    for svg in re.findall(r"<svg.*?</svg>", text):
        assert ('role="img"' in svg and "<title>" in svg) != ('aria-hidden="true"' in svg)


def test_headings_come_in_their_order_and_tables_have_heads() -> None:
    reader = read(hard(), plain())
    ranks = [int(name[1]) for name, _ in reader.seen if re.fullmatch(r"h[1-6]", name)]
    assert ranks[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(ranks))
    names = [name for name, _ in reader.seen]
    assert names.count("table") == names.count("caption") == names.count("thead") > 0
    assert all(attrs["scope"] for name, attrs in reader.seen if name == "th")
    ids = [attrs["id"] for _, attrs in reader.seen if "id" in attrs]
    assert len(ids) == len(set(ids)) == 2
    assert [attrs["href"] for name, attrs in reader.seen if name == "a"] == [f"#{each}" for each in ids]


def test_the_title_says_how_the_only_account_stands() -> None:
    assert "<title>U1234567: Equal to the broker as of" in page_text(page(plain()))
    assert "<title>broker-sync, 2 accounts</title>" in page_text(page(plain(), hard()))


def test_where_nothing_was_synced_the_page_says_so_and_why() -> None:
    assert "Nothing was synced yet" in words()
    lost = PageFacts(made_at=NOW, days=1, failed=[failed(0, "no network")])
    assert "no network" in page_text(lost)
    assert "History of 1 day." in page_text(lost)


# --- how an account stands ---

USD = standing("cash", "USD", "-14.3", since=2, runs=3)
NEW = standing("position", "AAPL", "5", since=0, runs=1)


@for_each(
    ("facts", "headline"),
    [
        (NO_ACCOUNT, "Not synced yet"),
        (one(), "Equal to the broker as of 30 May 2026"),
        (one(window={}), "Equal to the broker"),
        (one(window={"from": None, "to": None}), "Equal to the broker"),
        (one(positions=[], cash=[]), "Nothing to compare with"),
        (one(standings=[USD]), "1 difference, confirmed since 29 May 2026"),
        (one(standings=[NEW]), "1 difference, not confirmed yet"),
        (one(standings=[NEW, USD]), "2 differences, 1 confirmed since 29 May 2026"),
        (one(failures=[{"external_id": "x", "reason": "y"}]), "The tracker did not take 1 record"),
        (replace(NO_ACCOUNT, told=[failed(0, "away")]), "The last run failed"),
        (replace(NO_ACCOUNT, told=[failed(0, "odd", "refused")]), "The last run was refused"),
    ],
)
def test_a_headline_says_how_it_stands(facts: AccountFacts, headline: str) -> None:
    state = words(facts).partition(" in ledger ")[2].strip()
    assert state.startswith(headline), state[:80]


def test_after_a_failure_it_is_said_how_things_stood_before() -> None:
    told_before = words(replace(NO_ACCOUNT, told=[told(1), failed(0, "away")]))
    assert (
        "31 May 2026, 02:00 UTC: away Before that, 30 May 2026, 02:00 UTC: Equal to the broker" in told_before
    )
    assert "No run has come to an end of this account." in words(replace(NO_ACCOUNT, told=[failed(0, "x")]))


@for_each(
    ("nights", "wanted"), [(0, "7 hours ago"), (1, "31 hours ago"), (3, "3 days ago"), (-1, "just now")]
)
def test_how_long_ago_it_was_is_seen_at_once(nights: int, wanted: str) -> None:
    assert f"Last synced {wanted}" in words(replace(NO_ACCOUNT, told=[told(nights)]))


def test_a_run_that_is_long_ago_stands_out() -> None:
    def moods(nights: int) -> list[str | None]:
        reader = read(replace(NO_ACCOUNT, told=[told(nights)]))
        place = next(n for n, (_, attrs) in enumerate(reader.seen) if attrs.get("class") == "figures")
        return [reader.seen[place + 1][1]["class"]]

    assert (moods(0), moods(2)) == (["plain"], ["odd"])


def test_what_an_earlier_version_did_not_tell_is_left_out() -> None:
    bare = {"account": "U1234567"}
    text = words(replace(NO_ACCOUNT, told=[replace(told(0), body=bare)]))
    assert "Nothing to compare with" in text
    assert "New records" not in text
    assert "What each run did" in text


# --- both sides ---


def rows(reader: Reader) -> str:
    return reader.texts().partition("Broker and tracker")[2].partition("What differed when")[0]


def test_both_sides_stand_next_to_each_other_and_what_differs_comes_first() -> None:
    text = rows(read(hard()))
    assert text.index("VUAG.L Broker 50 Tracker 45") < text.index("AAPL Broker 20")
    assert "GBP Broker 2,053.6770302 Tracker 2,589.1770302 \u2212535.50 confirmed" in text
    assert "Net asset value Currency Broker Tracker Difference GBP" in text
    assert "\u22121,234.56 new" in text
    assert "\u22120.00001 within tolerance" in text
    assert text.count("equal") == 4


def test_why_it_differs_is_told_once_for_all_that_one_record_explains() -> None:
    text = words(hard())
    assert text.count("is in the broker's statement, and not in the tracker.") == 1
    assert "GBP cash \u2212535.50 VUAG.L +5" in text
    assert "Not imported" in text
    assert "To do: broker-sync ibkr --since 2026-05-12" in text
    assert "Nobody asked why." in text


def test_an_explanation_of_an_earlier_difference_is_none_of_this_one() -> None:
    old = told(
        5, explanations=[{"of": "cash", "currency": "USD", "cause": "x", "text": "old", "command": None}]
    )
    stands = told(0, "drift", standings=[USD])
    assert "old" not in words(replace(NO_ACCOUNT, told=[old, stands])).split()
    newer = replace(old, ended_at=NOW - dt.timedelta(days=1))
    text = words(replace(NO_ACCOUNT, told=[newer, stands]))
    assert "X . old" in text
    assert "To do" not in text
    assert "Nobody asked" in words(replace(NO_ACCOUNT, told=[stands]))


# --- what happened ---


def test_bookings_are_signed_as_money_moves() -> None:
    text = words(plain()).partition("Latest bookings")[2]
    assert "Buy AAPL 2.5 at 100.2 \u2212251.50 USD" in text
    assert "Dividend AAPL +251.50 USD" in text
    assert "Withholding tax \u22120.40 USD" in text
    assert "Add holding AAPL 3 25 May 2026" in text
    assert "Latest bookings" not in words(NO_ACCOUNT)


def test_no_more_than_twenty_bookings_are_listed() -> None:
    many = [booked(number, ActivityType.DEPOSIT) for number in range(30)]
    assert words(replace(NO_ACCOUNT, booked=many)).count("Deposit") == 20


def test_runs_that_did_nothing_are_one_line() -> None:
    text = words(plain()).partition("What each run did")[2]
    assert "31 May 2026, 02:00 UTC nothing new 30 May 2026, 02:00 UTC 3 new" in text
    assert "6 runs, 24 May 2026 to 29 May 2026 nothing new" in text
    assert "What each run did" not in words(NO_ACCOUNT)


def test_a_long_history_is_cut() -> None:
    many = [told(number, new=1) for number in range(30, -1, -1)]
    assert "And 6 lines of earlier runs." in words(replace(NO_ACCOUNT, told=many))


def test_what_is_not_booked_is_told_by_its_reason() -> None:
    text = words(hard()).partition("Not booked 30 records")[2]
    assert text.startswith(" in CashTransactions : options")
    assert "and 24 more" in text
    assert "3 records in CashTransactions : type 'Gift Voucher' is not known" in text


def test_corrections_are_told_field_by_field() -> None:
    text = words(hard()).partition("Corrected")[2]
    assert "21 Apr 2026: ibkr:trade:77 , restated: amount 5 \u2192 6; fee 5 \u2192 6;" in text
    assert "and 1 other field" in text
    assert "28 Apr 2026: the broker changed 2 records that had been booked." in text
    assert "1 record no longer listed by the broker, still in the tracker: ibkr:trade:1." in text


def test_what_was_removed_is_said_to_be() -> None:
    gone = [{"external_id": "ibkr:trade:1", "date": "2026-04-01"}]
    was = [{"field": "fee", "old": None, "new": "1"}]
    text = words(one(vanished=gone, deleted=1, changes=[change(removed=True), change(fields=was)]))
    assert "removed from the tracker: ibkr:trade:1." in text
    assert "ibkr:trade:77 , restated: removed" in text
    assert "restated: fee nothing \u2192 1" in text


def test_a_hundred_corrections_are_not_listed() -> None:
    text = words(one(changes=[change()] * 25))
    assert text.count("restated") == 20
    assert "And 5 more." in text


def test_what_people_changed_can_be_decided() -> None:
    text = words(hard())
    assert "ibkr:cash:7 : its amount was changed, seen first on 2026-05-28." in text
    assert "broker-sync conflicts ibkr:cash:7" in text


def test_notes_say_what_the_tracker_cannot_show() -> None:
    assert "\u22122 cannot be shown by the tracker: it knows no options" in words(hard())
    assert "Notes" not in words(plain())


# --- days ---


def test_days_that_are_missing_are_named_and_counted() -> None:
    text = words(hard())
    assert "Weekdays missing 15" in text
    assert "Missing: 20 Dec 2025 to 4 Jan 2026; 4 Apr 2026 to 12 Apr 2026." in text
    assert "Apr 2026: 17 weekdays covered, 5 weekdays missing" in text
    assert "Feb 2026: 17 weekdays covered, 3 weekdays covered in part" in text
    assert "a section is missing" in text
    assert "19 months before that: no day missing." in text


def test_where_no_day_is_missing_it_is_said() -> None:
    text = words(plain())
    assert "Weekdays missing 0" in text
    assert "No day is missing." in text
    assert "a section is missing" not in text
    assert "before that" not in text


def test_earlier_months_say_what_is_missing_in_them() -> None:
    old = covered((dt.date(2024, 1, 1), dt.date(2024, 1, 31)), (dt.date(2024, 2, 5), dt.date(2026, 5, 29)))
    assert "17 months before that: 2 weekdays missing." in words(replace(NO_ACCOUNT, coverage=old))


def test_a_month_of_which_only_a_weekend_is_known_is_no_gap() -> None:
    weekend = covered(
        (dt.date(2026, 5, 29), dt.date(2026, 5, 29)), (dt.date(2026, 6, 1), dt.date(2026, 6, 1))
    )
    text = words(replace(NO_ACCOUNT, coverage=weekend))
    assert "No day is missing." in text
    saturday = covered((dt.date(2026, 5, 30), dt.date(2026, 5, 30)))
    assert "May 2026: no weekday" in words(replace(NO_ACCOUNT, coverage=saturday))


def test_no_coverage_is_no_calendar() -> None:
    assert "Days covered" not in words(one())


# --- lanes ---


def test_a_difference_has_a_lane_for_as_long_as_it_stood() -> None:
    text = words(hard()).partition("What differed when")[2]
    assert "Runs 47 of 78 runs in order" in text
    assert "VUAG.L in 18 runs, now +5" in text
    assert "VUAG.L differed: new 13 May 2026 to 13 May 2026, confirmed 14 May 2026 to 31 May 2026" in text
    assert "USD cash in 9 runs, equal again" in text
    assert text.index("VUAG.L in") < text.index("USD cash in")
    assert "Runs: 47 days in order, 27 days with a difference, 4 days failed" in text


def test_between_two_runs_a_difference_is_taken_to_have_stayed() -> None:
    runs = [told(9, "drift", standings=[USD]), told(3), told(2, "drift", standings=[USD])]
    text = words(replace(NO_ACCOUNT, told=runs))
    assert "USD differed: confirmed 22 May 2026 to 27 May 2026, confirmed 29 May 2026 to 29 May 2026" in text


def test_two_runs_on_one_day_are_one_day_the_worse_of_them() -> None:
    runs = [told(1, "drift", standings=[USD]), told(1), told(0)]
    text = words(replace(NO_ACCOUNT, told=runs))
    assert "Runs: 1 day in order, 1 day with a difference" in text


def test_where_nothing_differed_it_is_said() -> None:
    assert "Nothing differed in this time." in words(plain())
    assert "What differed when" not in words(NO_ACCOUNT)


def test_of_many_differences_the_present_ones_are_shown() -> None:
    many = [standing("position", f"S{number:02}", "1", since=1, runs=2) for number in range(14)]
    text = words(one(outcome="drift", standings=many)).partition("What differed when")[2]
    assert "And 2 more that differed." in text


def test_net_asset_value_is_called_so() -> None:
    assert "Net asset value (GBP) in 1 run, now \u22121,234.56" in words(hard())


def test_an_account_that_came_to_no_tracker_is_shown_by_its_name() -> None:
    facts = AccountFacts(account="U1234567", sink="", told=[failed(0, "away")])
    assert '<h2 id="account-0">U1234567</h2>' in page_text(page(facts))


def test_only_failed_runs_have_no_lane() -> None:
    text = words(replace(NO_ACCOUNT, told=[failed(1, "x"), failed(0, "x")]))
    assert "Runs: 2 days failed" in text
    assert "2 runs, 30 May 2026 to 31 May 2026 failed: x" in text


@pytest.mark.parametrize("number", [0, 1])
def test_a_section_that_is_missing_outside_of_the_span_is_no_matter(number: int) -> None:
    lack = [Days(first=dt.date(2026, 5, 1), last=dt.date(2026, 5, 1 + number))]
    known = covered((dt.date(2026, 4, 1), dt.date(2026, 5, 29)), lacking=lack)
    assert f"{number + 1} weekday" in words(replace(NO_ACCOUNT, coverage=known))


def test_a_body_is_that_of_a_run() -> None:
    assert body()["window"]["to"] == "2026-05-30"


# --- colours ---


def colours() -> Iterator[dict[str, str]]:
    """The colours of the light page, and of the dark one."""
    for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]:
        yield dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """As https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio has it."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_words_can_be_read_on_every_ground_in_light_and_dark() -> None:
    pairs = [(word, "card") for word in ("ink", "faint", "good", "odd", "bad")]
    pairs += [("ink", "ground"), ("faint", "ground"), ("ink", "soft"), ("faint", "soft")]
    pairs += [("ink", "bad-soft"), ("bad", "bad-soft"), ("ink", "odd-soft"), ("odd", "odd-soft")]
    schemes = [*colours()]
    assert len(schemes) == 2
    low = [
        (scheme[word], ground, round(contrast(scheme[word], scheme[ground]), 2))
        for scheme in schemes
        for word, ground in pairs
        if contrast(scheme[word], scheme[ground]) < 4.5
    ]
    assert low == []
