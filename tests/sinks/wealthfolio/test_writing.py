"""Everything is written once, whatever becomes of an answer, and one bad row does not keep the others out."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest

from broker_sync.sinks.wealthfolio.batches import Change, Gone, batches, halves
from broker_sync.sinks.wealthfolio.errors import (
    RequestRefusedError,
    RequestTooLargeError,
    TrackerAwayError,
    UnknownOutcomeError,
    WealthfolioError,
)
from broker_sync.sinks.wealthfolio.fields import JsonValue
from broker_sync.sinks.wealthfolio.rows import Row
from broker_sync.sinks.wealthfolio.writing import BulkWriter, Done, Fate, Turned, find_keys
from tests.tables import for_each

MOMENT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def row(key: str, *, amount: int = 1, padding: int = 0) -> Row:
    metadata = json.dumps({"padding": "x" * padding})
    return Row(
        leg="",
        key=key,
        type="DEPOSIT",
        subtype=None,
        moment=MOMENT,
        currency="USD",
        amount=Decimal(amount),
        metadata=metadata,
    )


def change(key: str, *, gone: str | None = None, padding: int = 0) -> Change:
    left = () if gone is None else (Gone(key, gone),)
    return Change(external_ids=(key,), rows=(row(key, padding=padding),), gone=left)


class FakeServer:
    """Keeps rows by key as the server does: a call whole or not at all, no key twice.

    `faults` are taken one by one, one for each bulk call: None lets it through, an error is raised before
    anything is written, an error in a tuple after it was. `bad` keys are refused by name, `cursed` ones make
    the whole call fail without a name, and more than `most` rows are too many.
    """

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        self.faults: list[WealthfolioError | tuple[WealthfolioError] | None] = []
        self.bad: set[str] = set()
        self.cursed: set[str] = set()
        self.most = 10_000
        self.calls: list[list[str]] = []
        self.asked = 0
        self.nameless = False
        self.while_away: Callable[[], None] = lambda: None
        self.after_asking: Callable[[], object] = lambda: None

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> JsonValue:
        raise AssertionError((path, params))

    async def query(self, path: str, body: JsonValue) -> JsonValue:
        assert path == "/activities/import/check-duplicates"
        assert isinstance(body, dict)
        self.asked += 1
        keys = body["idempotencyKeys"]
        assert isinstance(keys, list)
        answer: JsonValue = {
            "duplicates": {str(key): self.rows[str(key)] for key in keys if key in self.rows}
        }
        self.after_asking()
        return answer

    async def post(self, path: str, body: JsonValue | bytes = None) -> JsonValue:
        assert path == "/activities/bulk"
        assert isinstance(body, dict)
        creates, gone = body["creates"], body["deleteIds"]
        assert isinstance(creates, list)
        assert isinstance(gone, list)
        keys = [str(each["id"]) for each in creates if isinstance(each, dict)]
        self.calls.append(keys)
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, WealthfolioError):
            raise fault
        answer = self._write(keys, [str(each) for each in gone])
        if fault is not None:
            raise fault[0]
        return answer

    def _write(self, keys: list[str], gone: list[str]) -> JsonValue:
        if len(keys) > self.most:
            raise RequestTooLargeError(request="bulk", status=413, said="")
        ids = set(self.rows.values())
        errors: list[JsonValue] = [
            {"id": None if self.nameless else each, "action": "create", "message": f"{each} is bad"}
            for each in keys
            if each in self.bad
        ]
        errors += [
            {"id": each, "action": "delete", "message": "not found"} for each in gone if each not in ids
        ]
        if errors:
            return {"created": [], "errors": errors}
        kept = {key: id_ for key, id_ in self.rows.items() if id_ not in gone}
        if self.cursed & set(keys) or any(key in kept for key in keys) or len(set(keys)) < len(keys):
            raise RequestRefusedError(request="bulk", status=400, said="Duplicate activity detected.")
        made = {key: f"id-{len(self.calls)}-{key}" for key in keys}
        self.rows = kept | made
        created: list[JsonValue] = [{"id": id_, "idempotencyKey": key} for key, id_ in made.items()]
        return {"created": created, "errors": []}


class Clock:
    def __init__(self, server: FakeServer) -> None:
        self.slept: list[float] = []
        self._server = server

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._server.while_away()


def carry_out(server: FakeServer, *changes: Change) -> list[Fate]:
    return asyncio.run(BulkWriter(server, "wf-1", sleep=Clock(server).sleep).carry_out(changes))


def lost(status: int | None = None) -> UnknownOutcomeError:
    return UnknownOutcomeError(request="bulk", found="no answer", status=status)


def told(fates: list[Fate]) -> list[str]:
    return [
        f"turned down: {each.reason}" if isinstance(each, Turned) else "new" if each.new else "known"
        for each in fates
    ]


def test_what_is_not_there_is_written_and_what_is_there_is_left() -> None:
    server = FakeServer()
    server.rows = {"b": "old-b"}
    fates = carry_out(server, change("a"), change("b"), change("c"))
    assert told(fates) == ["new", "known", "new"]
    assert server.calls == [["a", "c"]]
    assert [dict(each.ids) for each in fates if isinstance(each, Done)] == [
        {"a": "id-1-a"},
        {"b": "old-b"},
        {"c": "id-1-c"},
    ]


def test_nothing_is_sent_when_all_is_there() -> None:
    server = FakeServer()
    server.rows = {"a": "1"}
    assert told(carry_out(server, change("a"))) == ["known"]
    assert (server.calls, server.asked) == ([], 1)


def test_nothing_is_asked_when_there_is_nothing_to_do() -> None:
    server = FakeServer()
    assert carry_out(server) == []
    assert server.asked == 0


def test_five_hundred_rows_take_two_requests() -> None:
    server = FakeServer()
    carry_out(server, *(change(f"k{number}") for number in range(1250)))
    assert [len(each) for each in server.calls] == [500, 500, 250]
    assert server.asked == 3


@for_each("fault", [lost(), lost(408), lost(502), lost(500)])
def test_what_was_written_before_the_answer_got_lost_is_not_written_twice(fault: UnknownOutcomeError) -> None:
    server = FakeServer()
    server.faults = [(fault,)]
    assert told(carry_out(server, change("a"), change("b"))) == ["new", "new"]
    assert server.calls == [["a", "b"]]


@for_each("fault", [lost(), lost(408), lost(500)])
def test_what_was_not_written_when_the_answer_got_lost_is_sent_again(fault: UnknownOutcomeError) -> None:
    server = FakeServer()
    server.faults = [fault, fault]
    assert told(carry_out(server, change("a"))) == ["new"]
    assert server.calls == [["a"]] * 3


def test_a_server_that_is_slow_and_still_writes_the_first_request_is_not_given_it_twice() -> None:
    """The first request is under way, the second finds its keys taken."""
    server = FakeServer()
    server.faults = [lost(408)]
    server.while_away = lambda: server.rows.update(a="slow-a", b="slow-b")
    fates = carry_out(server, change("a"), change("b"))
    assert told(fates) == ["new", "new"]
    assert [dict(each.ids) for each in fates if isinstance(each, Done)] == [{"a": "slow-a"}, {"b": "slow-b"}]
    assert list(server.rows) == ["a", "b"]


def test_a_request_that_is_lost_every_time_is_left_to_the_next_run() -> None:
    server = FakeServer()
    server.faults = [lost(408)] * 10
    clock = Clock(server)
    with pytest.raises(UnknownOutcomeError):
        asyncio.run(BulkWriter(server, "wf-1", sleep=clock.sleep).carry_out([change("a")]))
    assert clock.slept == [1.0, 2.0, 5.0, 10.0, 20.0]


def test_a_server_that_goes_away_is_not_pressed() -> None:
    server = FakeServer()
    server.faults = [TrackerAwayError(server="s", found="it is being restarted")]
    with pytest.raises(TrackerAwayError):
        carry_out(server, change("a"))


def test_a_row_that_makes_the_server_fail_every_time_is_found_and_named() -> None:
    server = FakeServer()
    server.faults = [*[lost(500)] * 6, None, *[lost(500)] * 6]
    assert told(carry_out(server, change("a"), change("b"))) == ["new", "turned down: no answer"]


def test_a_bad_row_that_is_named_is_turned_down_and_the_rest_lands() -> None:
    server = FakeServer()
    server.bad = {"b", "d"}
    fates = carry_out(server, *(change(key) for key in "abcde"))
    assert told(fates) == ["new", "turned down: b is bad", "new", "turned down: d is bad", "new"]
    assert server.calls == [list("abcde"), list("ace")]


def test_only_bad_rows_are_turned_down_without_another_request() -> None:
    server = FakeServer()
    server.bad = {"a"}
    assert told(carry_out(server, change("a"))) == ["turned down: a is bad"]
    assert len(server.calls) == 1


def test_a_bad_row_that_is_not_named_is_found_by_halving() -> None:
    server = FakeServer()
    server.cursed = {"f"}
    fates = carry_out(server, *(change(key) for key in "abcdefgh"))
    assert [each for each in told(fates) if each != "new"] == ["turned down: Duplicate activity detected."]
    assert sorted(server.rows) == sorted("abcdegh")


def test_a_request_that_is_too_large_is_halved() -> None:
    server = FakeServer()
    server.most = 3
    assert told(carry_out(server, *(change(key) for key in "abcdefgh"))) == ["new"] * 8
    assert len(server.rows) == 8


def test_a_row_that_is_too_large_alone_is_turned_down() -> None:
    server = FakeServer()
    server.most = 0
    (fate,) = carry_out(server, change("a"))
    assert isinstance(fate, Turned)
    assert "413" in fate.reason


def test_a_key_that_was_taken_between_asking_and_sending_is_found() -> None:
    server = FakeServer()
    server.after_asking = lambda: server.rows.setdefault("b", "other-b")
    fates = carry_out(server, change("a"), change("b"))
    assert told(fates) == ["new", "new"]
    assert server.rows["b"] == "other-b"
    assert server.calls == [["a", "b"], ["a"]]


def test_an_error_without_a_name_is_halved_as_well() -> None:
    server = FakeServer()
    server.nameless = True
    server.bad = {"c"}
    assert told(carry_out(server, *(change(key) for key in "abc"))) == ["new", "new", "turned down: c is bad"]


# --- writing anew and removing ---


def test_a_row_is_written_anew_under_its_own_key() -> None:
    server = FakeServer()
    server.rows = {"a": "old-a"}
    (fate,) = carry_out(server, change("a", gone="old-a"))
    assert isinstance(fate, Done)
    assert server.rows == {"a": "id-1-a"} == dict(fate.ids)


@for_each("fault", [(lost(),), lost()])
def test_a_row_whose_rewriting_was_not_answered_is_there_once(
    fault: UnknownOutcomeError | tuple[UnknownOutcomeError],
) -> None:
    server = FakeServer()
    server.rows = {"a": "old-a"}
    server.faults = [fault]
    carry_out(server, change("a", gone="old-a"))
    assert list(server.rows) == ["a"]
    assert server.rows["a"] != "old-a"


def test_a_row_that_is_gone_already_needs_no_removing() -> None:
    server = FakeServer()
    removal = Change(external_ids=("a",), gone=(Gone("a", "old-a"),))
    assert told(carry_out(server, removal)) == ["known"]
    assert server.calls == []


def test_a_row_is_removed() -> None:
    server = FakeServer()
    server.rows = {"a": "old-a", "b": "b"}
    assert told(carry_out(server, Change(external_ids=("a",), gone=(Gone("a", "old-a"),)))) == ["new"]
    assert server.rows == {"b": "b"}


def test_a_row_that_goes_between_asking_and_removing_counts_as_removed() -> None:
    server = FakeServer()
    server.rows = {"a": "old-a"}
    server.after_asking = server.rows.clear
    assert told(carry_out(server, Change(external_ids=("a",), gone=(Gone("a", "old-a"),)))) == ["new"]


# --- asking and cutting ---


def test_keys_are_asked_for_by_the_thousand() -> None:
    server = FakeServer()
    server.rows = {"k5": "five", "k1500": "late"}
    assert asyncio.run(find_keys(server, [f"k{number}" for number in range(2500)])) == server.rows
    assert server.asked == 3


def test_a_batch_stays_well_under_two_megabytes() -> None:
    portions = batches([change(f"k{number}", padding=20_000) for number in range(100)])
    assert [len(each) for each in portions] == [36, 36, 28]
    sizes = [len(json.dumps([r.to_json("wf-1") for c in each for r in c.rows])) for each in portions]
    assert max(sizes) < 2_000_000


def test_a_change_is_never_cut() -> None:
    whole = [
        Change(external_ids=(str(number),), rows=tuple(row(f"{number}-{leg}") for leg in range(3)))
        for number in range(400)
    ]
    portions = batches(whole)
    assert [sum(len(each.rows) for each in portion) for portion in portions] == [498, 498, 204]


def test_halves_are_all_of_it() -> None:
    assert halves([1, 2, 3]) == ([1], [2, 3])
