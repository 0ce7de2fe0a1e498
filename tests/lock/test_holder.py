"""Who holds the lock, written down and read back."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from broker_sync.lock.holder import Holder, HolderError, holder_from, text_of
from tests.lock.hosts import NOW
from tests.tables import for_each

HOLDER = Holder(
    token="abc",
    host="näs",
    boot="b",
    processes="pid:[1]",
    pid=17,
    started="99",
    since=NOW,
    is_watched=True,
    beat=3,
)


def test_a_holder_is_read_back_as_it_was_written() -> None:
    assert holder_from(text_of(HOLDER)) == HOLDER


def test_a_later_beat_is_of_the_same_length() -> None:
    assert len(text_of(replace(HOLDER, beat=10**9))) == len(text_of(HOLDER))


def test_a_person_reads_who_where_and_since_when() -> None:
    elsewhere = replace(HOLDER, since=NOW.astimezone(dt.timezone(dt.timedelta(hours=2))))
    assert str(elsewhere) == "process 17 on näs, since 2026-06-01 06:30:00 UTC"


@for_each(
    ("changes", "reason"),
    [
        ({"format": "other"}, "not a lock of this version"),
        ({"version": 2}, "not a lock of this version"),
        ({"pid": "17"}, "pid is no number"),
        ({"pid": True}, "pid is no number"),
        ({"pid": 0}, "pid is no number"),
        ({"is_watched": 1}, "no truth value"),
        ({"token": ""}, "a text is missing"),
        ({"host": None}, "a text is missing"),
        ({"since": "yesterday"}, "yesterday"),
        ({"since": "2026-06-01T06:30:00"}, "has no time zone"),
        ({"beat": "x"}, "x"),
    ],
)
def test_what_is_not_a_holder_is_not_read_as_one(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(HolderError, match=reason):
        holder_from(json.dumps(json.loads(text_of(HOLDER)) | changes).encode())


@for_each("content", [b"", b"\xff\xfe\x00", b"[]", text_of(HOLDER)[:40]])
def test_damaged_bytes_are_not_a_holder(content: bytes) -> None:
    with pytest.raises(HolderError):
        holder_from(content)
