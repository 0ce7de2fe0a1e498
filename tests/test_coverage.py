"""Which days have been received, which to ask for next, and whether a query is still the same."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.coverage import (
    AccountCoverage,
    Covered,
    FieldChanged,
    Known,
    OtherIds,
    SectionGone,
    booked_by,
    changes,
    coverage,
    covering,
    gaps,
    has_weekday,
    merged,
    missing,
    next_window,
    other_ids,
    split,
    split_at_year_ends,
)
from broker_sync.received import (
    AccountFacts,
    Booked,
    Contents,
    Days,
    Entry,
    FileSource,
    FlexSource,
    LostSource,
    Receipt,
    Received,
    Refused,
    SectionColumns,
    SectionFacts,
)
from tests.archive.samples import ACCOUNT, DAY, MAY, OTHER, QUERY, START, booked, days, entry, facts
from tests.tables import for_each

NEW_YORK = ZoneInfo("America/New_York")

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2020, 4, 30))


@st.composite
def ranges(draw: st.DrawFn) -> Days:
    first, last = sorted((draw(DAYS), draw(DAYS)))
    return Days(first=first, last=last)


@st.composite
def long_windows(draw: st.DrawFn) -> Days:
    first = draw(st.dates(dt.date(2001, 1, 1), dt.date(2030, 1, 1)))
    return Days(first=first, last=first + draw(st.integers(0, 4000)) * DAY)


def each_day(*windows: Days) -> set[dt.date]:
    return {window.first + n * DAY for window in windows for n in range(window.count)}


def is_weekend(day: dt.date) -> bool:
    return day.weekday() >= 5


# --- days ---


def test_a_range_has_a_day_at_least() -> None:
    assert days("2026-05-01", "2026-05-01").count == 1
    assert MAY.count == 29
    with pytest.raises(ValueError, match="must not be after"):
        days("2026-05-02", "2026-05-01")


def test_a_range_reads_like_this() -> None:
    assert str(MAY) == "2026-05-01 to 2026-05-29"


@given(one=ranges(), other=ranges())
def test_what_two_ranges_have_in_common_is_in_both(one: Days, other: Days) -> None:
    common = one.common(other)
    assert each_day(*([common] if common else [])) == each_day(one) & each_day(other)


@given(several=st.lists(ranges()))
def test_merged_ranges_cover_exactly_the_same_days(several: list[Days]) -> None:
    found = merged(several)
    assert each_day(*found) == each_day(*several)
    assert list(found) == sorted(found)
    # As few as can be: between any two there is a day that is not covered.
    assert all(one.last + DAY < other.first for one, other in pairwise(found))


@given(several=st.lists(ranges()), span=ranges())
def test_gaps_and_what_is_covered_are_the_whole_span(several: list[Days], span: Days) -> None:
    found = gaps(several, within=span)
    inside = each_day(span) & each_day(*several)
    left = each_day(span) - inside - each_day(*found)
    assert not each_day(*found) & inside
    assert all(map(is_weekend, left))
    assert all(has_weekday(gap) for gap in found)
    assert missing(span, several) == found


@given(several=st.lists(ranges(), min_size=1))
def test_without_a_span_gaps_lie_between_the_first_day_and_the_last(several: list[Days]) -> None:
    covered = merged(several)
    span = Days(first=covered[0].first, last=covered[-1].last)
    assert gaps(several) == gaps(several, within=span)


@given(window=ranges())
def test_weekdays_are_found_wherever_they_are(window: Days) -> None:
    assert has_weekday(window) is not all(map(is_weekend, each_day(window)))


@for_each(
    ("got", "lacks"),
    [
        ([MAY], []),
        ([days("2026-04-01", "2026-06-30")], []),
        ([days("2026-05-01", "2026-05-28")], [days("2026-05-29", "2026-05-29")]),
        ([days("2026-05-29", "2026-05-29")], [days("2026-05-01", "2026-05-28")]),
        ([days("2026-05-01", "2026-05-08"), days("2026-05-11", "2026-05-29")], []),
        ([], [MAY]),
    ],
)
def test_an_answer_that_falls_short_is_told_by_the_days_it_lacks(got: list[Days], lacks: list[Days]) -> None:
    assert list(missing(MAY, got)) == lacks


# --- by account and section ---


def test_only_what_was_booked_is_covered() -> None:
    refused = entry(2, verdict=Refused(at=START, reason="no"))
    assert covering([entry(1, window=None), refused, replace(entry(3), contents=None)]) == []
    assert covering([replace(entry(4), verdict=Received())]) == []
    assert {fact.section for fact in covering([entry(5)])} == {"CashTransactions", "Trades"}


def test_of_a_statement_only_the_days_and_accounts_that_were_booked_count() -> None:
    half = days("2026-05-10", "2026-06-30")
    both = Contents(accounts=(facts(MAY), facts(MAY, account=OTHER)))
    told = entry(1, within=both, verdict=Booked(days=(booked(half), booked(MAY, account="U1111111"))))
    assert {(fact.account, fact.days) for fact in covering([told])} == {
        (ACCOUNT, days("2026-05-10", "2026-05-29"))
    }
    beside = entry(1, verdict=Booked(days=(booked(days("2026-07-01", "2026-07-02")),)))
    assert covering([beside]) == []


def test_each_tracker_has_a_coverage_of_its_own() -> None:
    told = entry(1, verdict=Booked(days=(booked(sink="ledger"),)))
    assert covering([told], sink="wealthfolio") == []
    assert covering([told], sink="ledger") == covering([told]) != []


def test_a_fact_tells_when_it_came_and_whether_it_had_rows() -> None:
    empty = SectionFacts(section="Transfers", rows=0, days=(MAY,))
    within = Contents(accounts=(AccountFacts(account=ACCOUNT, days=(MAY,), sections=(empty,)),))
    assert covering([entry(1, within=within)]) == [
        Covered(account=ACCOUNT, section="Transfers", days=MAY, received_at=START, has_rows=False)
    ]


def covered(section: str, *windows: Days, account: str = ACCOUNT, rows: bool = True) -> list[Covered]:
    return [
        Covered(account=account, section=section, days=window, received_at=START + n * DAY, has_rows=rows)
        for n, window in enumerate(windows)
    ]


APRIL, JUNE, JULY = (
    days("2026-04-01", "2026-04-30"), days("2026-06-01", "2026-06-30"), days("2026-07-01", "2026-07-31"),
)  # fmt: skip


def test_coverage_is_told_by_account_and_by_section() -> None:
    mine, others = coverage(
        [
            *covered("Trades", APRIL, MAY, JULY),
            *covered("Cash", MAY, rows=False),
            *covered("Cash", JULY),
            *covered("Trades", MAY, account=OTHER),
        ]
    )
    assert (mine.account, others.account) == (ACCOUNT, OTHER)
    assert mine.span == days("2026-04-01", "2026-07-31")
    assert mine.ranges == (days("2026-04-01", "2026-05-29"), JULY)
    assert mine.gaps == (days("2026-05-30", "2026-06-30"),)
    cash, trades = mine.sections
    assert (cash.section, trades.section) == ("Cash", "Trades")
    assert cash.gaps == (APRIL, days("2026-05-30", "2026-06-30"))
    assert (cash.received_at, cash.has_rows, trades.received_at) == (START, True, START + 2 * DAY)
    assert trades.gaps == mine.gaps
    assert mine.gaps_of() == (APRIL, *mine.gaps)
    assert mine.gaps_of({"Trades"}) == mine.gaps
    assert coverage([]) == []


def test_a_section_that_never_had_rows_is_covered_all_the_same() -> None:
    (mine,) = coverage(covered("Transfers", MAY, rows=False))
    assert (mine.sections[0].ranges, mine.sections[0].has_rows) == ((MAY,), False)


# --- what to ask for ---


def known(*windows: Days, section: str = "Trades") -> AccountCoverage:
    (found,) = coverage(covered(section, *windows))
    return found


NOON = dt.datetime(2026, 8, 3, 12, tzinfo=dt.UTC)
YESTERDAY = dt.date(2026, 8, 2)


def asked(account: AccountCoverage | None, **options: object) -> Days:
    return next_window(account, **{"now": NOON, "zone": NEW_YORK, **options})  # type: ignore[arg-type]


def test_at_first_a_year_is_asked_for() -> None:
    assert asked(None) == Days(first=YESTERDAY - 359 * DAY, last=YESTERDAY)
    assert asked(None, first_days=7) == Days(first=YESTERDAY - 6 * DAY, last=YESTERDAY)
    assert asked(known(JULY), sections={"Cash"}) == asked(None)


def test_later_what_came_since_and_the_ninety_days_before() -> None:
    assert asked(known(JULY)) == Days(first=JULY.last - 90 * DAY, last=YESTERDAY)
    assert asked(known(JULY), overlap=120) == Days(first=JULY.last - 120 * DAY, last=YESTERDAY)


def test_a_missed_month_is_asked_for_too() -> None:
    assert asked(known(APRIL)) == Days(first=APRIL.last - 90 * DAY, last=YESTERDAY)


def test_a_gap_widens_the_window() -> None:
    old = days("2025-01-01", "2025-03-31")
    assert asked(known(old, JULY)).first == dt.date(2025, 4, 1)
    assert asked(known(old, JULY), not_before=dt.date(2026, 1, 1)).first == dt.date(2026, 1, 1)
    assert asked(known(JUNE, JULY)) == asked(known(JULY))


def test_only_the_sections_that_matter_widen_it() -> None:
    year = days("2025-01-01", "2026-07-31")
    (account,) = coverage([*covered("Trades", year), *covered("FxLots", JULY)])
    assert asked(account).first == dt.date(2025, 1, 1)
    assert asked(account, sections={"Trades"}).first == JULY.last - 90 * DAY


def test_the_section_that_is_furthest_behind_counts() -> None:
    (account,) = coverage([*covered("Trades", APRIL, MAY, JUNE, JULY), *covered("Cash", APRIL)])
    assert asked(account).first == APRIL.last - 90 * DAY


@for_each(
    ("now", "zone", "last"),
    [
        (dt.datetime(2026, 8, 3, 2, tzinfo=dt.UTC), NEW_YORK, "2026-08-01"),
        (dt.datetime(2026, 8, 3, 2, tzinfo=dt.UTC), dt.UTC, "2026-08-02"),
        (dt.datetime(2026, 8, 3, 3, 59, tzinfo=dt.UTC), NEW_YORK, "2026-08-01"),
        (dt.datetime(2026, 8, 3, 4, tzinfo=dt.UTC), NEW_YORK, "2026-08-02"),
        (dt.datetime(2026, 8, 2, 15, tzinfo=dt.UTC), ZoneInfo("Asia/Tokyo"), "2026-08-02"),
    ],
)
def test_a_window_ends_yesterday_where_the_broker_is(now: dt.datetime, zone: dt.tzinfo, last: str) -> None:
    assert asked(None, now=now, zone=zone).last.isoformat() == last


@given(
    windows=st.lists(ranges(), min_size=1),
    now=st.datetimes(dt.datetime(2020, 2, 1), dt.datetime(2020, 6, 30), timezones=st.just(dt.UTC)),  # noqa: DTZ001
    floor=st.none() | DAYS,
)
def test_no_window_ends_today_and_every_gap_is_in_it(
    windows: list[Days], now: dt.datetime, floor: dt.date | None
) -> None:
    account = known(*windows)
    window = asked(account, now=now, zone=dt.UTC, not_before=floor)
    assert window.last == now.date() - DAY
    if floor is None:
        until = min(window.last, account.span.last)
        assert window.first <= until - 90 * DAY
        wanted = each_day(*account.gaps) & each_day(Days(first=dt.date(2020, 1, 1), last=window.last))
        assert wanted <= each_day(window)
    else:
        assert window.first >= min(floor, window.last)


@for_each(
    "options",
    [{"overlap": 89}, {"first_days": 0}, {"now": dt.datetime(2026, 8, 3)}],  # noqa: DTZ001
)
def test_what_cannot_be_asked_for_is_an_error(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"too few|does not say its time zone"):
        asked(None, **options)


@given(window=long_windows(), most=st.integers(1, 400))
def test_parts_are_the_whole_window_and_none_is_too_long(window: Days, most: int) -> None:
    parts = split(window, max_days=most)
    assert [part.count for part in parts[1:]] == [most] * (len(parts) - 1)
    assert 1 <= parts[0].count <= most
    assert (parts[0].first, parts[-1].last) == (window.first, window.last)
    assert all(one.last + DAY == other.first for one, other in pairwise(parts))


def test_a_request_has_360_days_at_most() -> None:
    assert [part.count for part in split(days("2024-01-01", "2025-12-31"))] == [11, 360, 360]
    with pytest.raises(ValueError, match="one at least"):
        split(MAY, max_days=0)


@given(window=long_windows())
def test_parts_by_year_are_the_whole_window_and_keep_to_one_year(window: Days) -> None:
    parts = split_at_year_ends(window)
    assert all(part.first.year == part.last.year for part in parts)
    assert len(parts) == window.last.year - window.first.year + 1
    assert (parts[0].first, parts[-1].last) == (window.first, window.last)
    assert all(one.last + DAY == other.first for one, other in pairwise(parts))


# --- whether the query is the same ---


def sections(*names: str, account: str = ACCOUNT) -> Contents:
    return Contents(accounts=(facts(MAY, account=account, sections=names),))


def keyed(columns: str, known_by: str, section: str = "Trades") -> Contents:
    told = SectionColumns(section=section, columns=tuple(columns.split()), known_by=tuple(known_by.split()))
    return Contents(columns=(told,))


def before(within: Contents, number: int = 1) -> Entry:
    return entry(number, within=within, at=START + number * DAY)


def found(*earlier: Entry, now: Contents) -> list[SectionGone | FieldChanged]:
    return changes(earlier, now, source=QUERY)


def test_a_section_that_does_not_come_any_more_is_gone() -> None:
    (gone,) = found(before(sections("CashTransactions", "Trades")), now=sections("Trades", "Transfers"))
    assert gone == SectionGone(account=ACCOUNT, section="CashTransactions", last_seen=START + DAY)
    assert gone.text == (
        "the query was changed: Cash Transactions is missing for account U1234567; it was there in the "
        "statement received on 2026-06-02. Tick it again in the query."
    )


def test_a_section_without_rows_is_not_gone() -> None:
    empty = AccountFacts(
        account=ACCOUNT, days=(MAY,), sections=(SectionFacts(section="Trades", rows=0, days=(MAY,)),)
    )
    assert found(before(sections("Trades")), now=Contents(accounts=(empty,))) == []


def test_the_latest_statement_tells_what_used_to_come() -> None:
    old, new = before(sections("FxLots", "Trades")), before(sections("Trades"), 2)
    assert found(old, new, now=sections("Trades")) == []
    assert found(new, old, now=sections("Trades")) == []
    (gone,) = found(old, new, now=sections("Transfers"))
    assert gone == SectionGone(account=ACCOUNT, section="Trades", last_seen=START + 2 * DAY)


def test_each_account_is_held_against_its_own_past() -> None:
    earlier = [before(sections("Trades")), before(sections("Cash", account=OTHER), 2)]
    now = Contents(accounts=(facts(MAY, sections=("Cash",)), facts(MAY, account=OTHER, sections=("Cash",))))
    assert [
        (gone.account, gone.section) for gone in found(*earlier, now=now) if hasattr(gone, "account")
    ] == [(ACCOUNT, "Trades")]
    assert found(*earlier, now=sections("Cash", account="U1111111")) == []


@for_each(
    "changed",
    [
        {"verdict": Received()},
        {"verdict": Refused(at=START, reason="no")},
        {"receipts": (Receipt(received_at=START, source=FlexSource(query_id="1")),)},
        {"receipts": (Receipt(received_at=START, source=FileSource(name="a.xml")),)},
        {"contents": None},
    ],
)
def test_only_what_was_booked_from_the_same_query_tells(changed: dict[str, object]) -> None:
    past = Contents(
        accounts=sections("Cash").accounts, columns=keyed("transactionID", "transactionID").columns
    )
    now = Contents(accounts=sections("Trades").accounts, columns=keyed("a b", "a b").columns)
    assert len(found(before(past), now=now)) == 2
    assert found(replace(before(past), **changed), now=now) == []  # type: ignore[arg-type]


@for_each("source", [FileSource(name="statement.xml"), LostSource()])
def test_files_are_not_held_against_each_other(source: FileSource | LostSource) -> None:
    past = replace(before(sections("Cash")), receipts=(Receipt(received_at=START, source=source),))
    assert changes([past], sections("Trades"), source=source) == []


@for_each(
    ("past", "now", "gone", "came"),
    [
        (("id a", "id"), ("id a b", "id"), None, None),
        (("id a", "id"), ("id", "id"), None, None),
        (("id a b", "id"), ("a b", "a b"), ("id",), ()),
        (("a b", "a b"), ("id a b", "id"), (), ("id",)),
        (("a b", "a b"), ("a b c", "a b c"), (), ("c",)),
        (("a b", "a b"), ("a c", "a c"), ("b",), ("c",)),
    ],
)
def test_a_column_that_records_are_known_by_must_not_come_or_go(
    past: tuple[str, str], now: tuple[str, str], gone: tuple[str, ...] | None, came: tuple[str, ...] | None
) -> None:
    expected = [] if gone is None or came is None else [FieldChanged(section="Trades", gone=gone, came=came)]
    assert found(before(keyed(*past)), now=keyed(*now)) == expected


def test_columns_are_held_against_the_latest_that_had_records() -> None:
    old, new = before(keyed("id", "id")), before(keyed("other", "other"), 2)
    quiet = before(sections("Trades"), 3)
    assert found(quiet, new, old, now=keyed("other", "other")) == []
    assert found(old, now=keyed("other", "other", section="Transfers")) == []


def test_a_changed_field_is_told_like_this() -> None:
    gone = FieldChanged(section="CashTransactions", gone=("transactionID",), came=())
    assert gone.text == (
        "the query was changed: transactionID is missing in Cash Transactions. Records are known by that, "
        "and would be booked once more under other ids. Set the fields of the section as they were."
    )
    both = FieldChanged(section="Trades", gone=("a", "b"), came=("c",))
    assert "changed: a, b are missing in Trades and c is new in Trades. Records" in both.text


# --- whether the records go by the ids under which they are booked ---

EVER = days("2000-01-01", "2099-12-31")
JUNE = days("2026-06-01", "2026-06-30")


def rows_by(
    columns: str, *, within: Days = MAY, account: str = ACCOUNT, known_by: str | None = None
) -> Contents:
    """Trades with `columns`, known by the first of them."""
    names = tuple(columns.split())
    return Contents(
        accounts=(facts(within, account=account, sections=("Trades",)),),
        columns=(SectionColumns(section="Trades", columns=names, known_by=(known_by or names[0],)),),
    )


def one_of(contents: Contents, limits: Days = EVER) -> Known:
    (known,) = Known.of(contents, limits)
    return known


def apart(*earlier: Contents, now: Contents, limits: Days = EVER) -> list[OtherIds]:
    return other_ids([one_of(each) for each in earlier], one_of(now, limits))


@for_each(
    ("past", "now", "gone", "came"),
    [
        ("id a", "id b", None, None),
        ("id a", "a", ("id",), ()),
        ("a", "id a", (), ("id",)),
        ("a", "b", ("a",), ("b",)),
    ],
)
def test_records_of_a_day_must_go_by_the_same_columns(
    past: str, now: str, gone: tuple[str, ...] | None, came: tuple[str, ...] | None
) -> None:
    expected = (
        []
        if gone is None or came is None
        else [OtherIds(account=ACCOUNT, section="Trades", days=MAY, gone=gone, came=came)]
    )
    assert apart(rows_by(past), now=rows_by(now)) == expected


def test_other_days_other_accounts_and_other_sections_may_go_by_other_columns() -> None:
    assert apart(rows_by("id"), now=rows_by("a", within=JUNE)) == []
    assert apart(rows_by("id"), now=rows_by("a"), limits=JUNE) == []
    assert apart(rows_by("id", account=OTHER), now=rows_by("a")) == []
    assert apart(sections("Trades"), now=rows_by("a")) == []
    assert apart(rows_by("id"), now=sections("Trades")) == []
    no_rows = AccountFacts(
        account=ACCOUNT, days=(MAY,), sections=(SectionFacts(section="Trades", rows=0, days=(MAY,)),)
    )
    assert apart(rows_by("id"), now=replace(rows_by("a"), accounts=(no_rows,))) == []


def test_days_that_are_booked_by_the_same_columns_already_do_no_harm() -> None:
    both = days("2026-05-01", "2026-06-30")
    assert apart(rows_by("id"), rows_by("a", within=both), now=rows_by("a")) == []
    (left,) = apart(rows_by("id", within=both), rows_by("a"), now=rows_by("a", within=both))
    assert left.days == days("2026-05-30", "2026-06-30")


def test_a_statement_without_days_may_be_of_any() -> None:
    dayless = rows_by("a")
    dayless = replace(dayless, accounts=(replace(dayless.accounts[0], days=()),))
    assert [each.days for each in apart(rows_by("id"), now=dayless)] == [MAY]


def test_what_is_booked_into_the_tracker_counts_wherever_it_came_from() -> None:
    file = replace(before(rows_by("id")), receipts=(Receipt(received_at=START, source=FileSource(name="a")),))
    for past in (file, before(rows_by("id"))):
        (known,) = booked_by([past], sink="ledger")
        assert (known.facts.account, known.columns) == (ACCOUNT, rows_by("id").columns)
        assert booked_by([past], sink="wealthfolio") == []
    for past in (replace(file, verdict=Received()), replace(file, contents=None)):
        assert booked_by([past], sink="ledger") == []
    assert booked_by([before(rows_by("id", account=OTHER))], sink="ledger") == []


def test_other_ids_are_told_like_this() -> None:
    (found_,) = apart(rows_by("id"), now=rows_by("a"))
    assert found_.text == (
        "its records of account U1234567 go by other ids than those of another statement of 2026-05-01 to "
        "2026-05-29: id is missing in Trades and a is new in Trades. The same records would be booked once "
        "more"
    )
