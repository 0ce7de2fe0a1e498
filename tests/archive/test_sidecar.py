"""What is known of a statement is the same after it was written and read."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from broker_sync.archive.sidecar import SidecarError, entry_from
from broker_sync.archive.sidecar_text import text_of
from broker_sync.received import (
    AccountFacts,
    Booked,
    Contents,
    Entry,
    FileSource,
    LostSource,
    Receipt,
    Refused,
    SectionFacts,
    Source,
    Verdict,
)
from tests.tables import for_each

from .samples import MAY, QUERY, START, booked, contents, days, entry

WHOLE = entry(7, verdict=Booked(days=(booked(restated=2),)))


@for_each("source", [QUERY, FileSource(name="Kontoauszug «Mai».xml"), LostSource()])
def test_where_it_came_from_comes_back(source: Source) -> None:
    told = replace(WHOLE, receipts=(Receipt(received_at=START, source=source),))
    assert entry_from(text_of(told)) == told


@for_each("verdict", [WHOLE.verdict, Booked(days=()), Refused(at=START, reason="no\nrows"), entry(1).verdict])
def test_what_became_of_it_comes_back(verdict: Verdict) -> None:
    assert entry_from(text_of(replace(WHOLE, verdict=verdict))).verdict == verdict


@for_each(
    "told",
    [
        WHOLE,
        entry(1, window=None),
        replace(WHOLE, body_removed_at=START, times_received=40, contents=Contents()),
        replace(
            WHOLE,
            contents=Contents(
                accounts=(
                    AccountFacts(
                        account="U7654321",
                        days=(MAY, days("2026-07-01", "2026-07-01")),
                        sections=(SectionFacts(section="Trades", rows=0, days=()),),
                    ),
                    *contents().accounts,
                )
            ),
        ),
    ],
)
def test_all_that_is_known_comes_back(told: Entry) -> None:
    assert entry_from(text_of(told)) == told


def test_it_says_what_it_is() -> None:
    raw = json.loads(text_of(WHOLE))
    assert (raw["format"], raw["version"], raw["sha256"]) == ("broker-sync statement", 1, WHOLE.sha256)


def test_a_moment_of_another_zone_is_read_in_utc() -> None:
    text = text_of(WHOLE).replace(b"06:30:00+00:00", b"16:30:00+10:00")
    found = entry_from(text)
    assert found == WHOLE
    assert found.received_at.tzinfo is dt.UTC


def changed(path: tuple[str | int, ...], value: object) -> bytes:
    """The text of WHOLE with another value at `path`; Ellipsis takes it away."""
    raw: Any = json.loads(text_of(WHOLE))
    place = raw
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(raw).encode()


DAMAGE: list[tuple[bytes, str]] = [
    (b"", "not JSON"),
    (b"\xff\xfe", "not JSON"),
    (b"[" * 100_000, "not JSON"),
    (b"[]", "not a JSON object"),
    (b"{}", "not one of broker-sync's"),
    (changed(("version",), 2), "has the form 2, .* use a newer one"),
    (changed(("version",), ...), "has the form None"),
    (changed(("provider",), ...), "provider is missing"),
    (changed(("provider",), 3), "provider is 3, which is not a text"),
    (changed(("size",), -1), "not a count"),
    (changed(("size",), value=True), "not a count"),
    (changed(("size",), "7"), "not a count"),
    (changed(("receipts",), []), "receipts is empty"),
    (changed(("receipts",), {}), "not a list"),
    (changed(("receipts",), [1]), "not a list of objects"),
    (changed(("receipts", 0, "received_at"), "yesterday"), "not a moment"),
    (changed(("receipts", 0, "received_at"), "2026-05-01T00:00:00"), "with its time zone"),
    (changed(("receipts", 0, "received_at"), "0001-01-01T00:00:00+10:00"), "not a moment"),
    (changed(("receipts", 0, "source"), "a"), "not an object"),
    (changed(("receipts", 0, "source", "kind"), "post"), "not flex, file or lost"),
    (changed(("receipts", 0, "asked"), ["2026-05-02", "2026-05-01"]), "not a first and a last day"),
    (changed(("receipts", 0, "asked"), ["2026-05-02"]), "not a first and a last day"),
    (changed(("receipts", 0, "asked"), ["2026-05-02", 1]), "not a first and a last day"),
    (changed(("receipts", 0, "asked"), "2026-05-02"), "not a first and a last day"),
    (changed(("verdict",), None), "not an object"),
    (changed(("verdict", "state"), "lost"), "not received, booked or refused"),
    (changed(("contents", "columns", 0, "columns"), ["a", 1]), "not a list of texts"),
    (changed(("body_removed_at",), ...), "body_removed_at is missing"),
]


@for_each(("text", "message"), DAMAGE)
def test_what_is_wrong_is_named(text: bytes, message: str) -> None:
    with pytest.raises(SidecarError, match=message):
        entry_from(text)
