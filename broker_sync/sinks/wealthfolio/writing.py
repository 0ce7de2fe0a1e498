"""Writing: everything once, whatever becomes of an answer, and everything but what the server refuses.

The server writes a request whole or not at all, and keeps one index of keys. So it is asked by key what it
has before anything is sent, and again whenever an answer leaves open what became of the request. What it
refuses is halved until the bad row is alone and can be named; the rest still lands.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from broker_sync.sinks.wealthfolio.batches import Change, batches, halves, nameless_id
from broker_sync.sinks.wealthfolio.errors import (
    RequestRefusedError,
    RequestTooLargeError,
    UnknownOutcomeError,
)
from broker_sync.sinks.wealthfolio.fields import Fields, JsonValue
from broker_sync.sinks.wealthfolio.reading import pages_of

__all__ = ["Api", "BulkWriter", "Done", "Fate", "Turned", "find_keys"]

_log: Final = logging.getLogger(__name__)
_KEYS_A_CALL: Final = 1000
_ALL: Final = 1_000_000
_WAITS: Final = (1.0, 2.0, 5.0, 10.0, 20.0)
"""Seconds before a request of unknown outcome is sent again: the server may still be at the first."""
_SERVER_FAULT: Final = 500

Sleep = Callable[[float], Awaitable[None]]


class Api(Protocol):
    """The server's interface, as :class:`~broker_sync.sinks.wealthfolio.client.WealthfolioClient` has it."""

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> JsonValue:
        """Ask."""

    async def query(self, path: str, body: JsonValue) -> JsonValue:
        """Ask with a POST that changes nothing."""

    async def post(self, path: str, body: JsonValue | bytes = None) -> JsonValue:
        """Change something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The change is made; `ids` are the server's, by key. `new` says that it had not been made before."""

    change: Change
    ids: Mapping[str, str]
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """The server turned the change down; `reason` is its own word."""

    change: Change
    reason: str


Fate = Done | Turned


async def find_keys(api: Api, keys: Sequence[str]) -> dict[str, str]:
    """Which of `keys` rows of the server have, with the ids of those rows; any account, any status."""
    found: dict[str, str] = {}
    for start in range(0, len(keys), _KEYS_A_CALL):
        asked: list[JsonValue] = list(keys[start : start + _KEYS_A_CALL])
        answer = await api.query("/activities/import/check-duplicates", {"idempotencyKeys": asked})
        duplicates = Fields.of(answer, "the answer to which keys are taken").part("duplicates")
        found |= {key: duplicates.text(key) for key in duplicates.values}
    return found


class BulkWriter:
    """Writes to one account of one server."""

    def __init__(self, api: Api, account_id: str, *, sleep: Sleep = asyncio.sleep) -> None:
        self._api = api
        self._account_id = account_id
        self._sleep = sleep

    async def carry_out(self, changes: Iterable[Change]) -> list[Fate]:
        """Make `changes`; what became of each, in their order.

        Raises a :class:`~broker_sync.sinks.wealthfolio.errors.WealthfolioError` when the server is away for
        too long; what was written until then stays, and the same call finds it.
        """
        return [fate for batch in batches(changes) for fate in await self._settle(batch)]

    async def _settle(self, batch: Sequence[Change]) -> list[Fate]:
        before = await self._there(batch)
        there, turned = before, dict[Change, str]()
        # Every round something comes, goes or is turned down, or an error says that nothing does.
        while left := _left(batch, there, turned):
            there = await self._send(left, there, turned)
        return [
            Turned(change=each, reason=turned[each])
            if each in turned
            else Done(change=each, ids=_ids(each, there), new=not each.left(before).is_empty)
            for each in batch
        ]

    async def _there(self, changes: Iterable[Change]) -> dict[str, str]:
        keys = [key for change in changes for key in change.keys]
        nameless = {id_: key for key in keys if (id_ := nameless_id(key)) is not None}
        found = await find_keys(self._api, [key for key in keys if nameless_id(key) is None])
        return found | (await self._nameless_there(nameless) if nameless else {})

    async def _nameless_there(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """Which rows without a key are there: `wanted` has ours by their ids.

        Only all rows tell, and only in one piece: beside a row that was passed over, ours would be written.
        """
        return {
            wanted[row.id]: row.id
            async for page in pages_of(self._api, self._account_id, size=_ALL)
            for row in page.rows
            if row.id in wanted
        }

    async def _send(
        self, changes: Sequence[Change], there: dict[str, str], turned: dict[Change, str]
    ) -> dict[str, str]:
        """Send what is left of `changes`; what is there then, by key. What is refused goes to `turned`."""
        try:
            answer = await self._post(changes, there)
        except RequestTooLargeError as error:
            return await self._halved(changes, there, turned, error)
        except RequestRefusedError as error:
            # It may be that a row is there by now: an earlier request of ours was slow, not lost.
            now = await self._refreshed(changes, there)
            return now if now != there else await self._halved(changes, there, turned, error)
        if isinstance(answer, _Written):
            return answer.there
        return await self._without(changes, there, turned, answer)

    async def _post(self, changes: Sequence[Change], there: dict[str, str]) -> _Written | _NotWritten:
        """Send until it is known what became of it."""
        left = [change.left(there) for change in changes]
        body: JsonValue = {
            "creates": [row.to_json(self._account_id) for change in left for row in change.rows],
            "updates": [],
            "deleteIds": [gone.id for change in left for gone in change.gone],
        }
        for wait in (*_WAITS, None):
            try:
                return _read(await self._api.post("/activities/bulk", body), left, there)
            except UnknownOutcomeError as error:
                now = await self._refreshed(changes, there)
                if now != there:
                    return _Written(now)
                if wait is None:
                    raise _final(error) from None
                _log.warning("%s It was asked and has not done so; sent again in %g s.", error, wait)
                await self._sleep(wait)
        raise AssertionError("the last try returns or raises")

    async def _refreshed(self, changes: Sequence[Change], there: dict[str, str]) -> dict[str, str]:
        """`there`, with what the server has of `changes` now."""
        keys = {key for change in changes for key in change.keys}
        return {key: id_ for key, id_ in there.items() if key not in keys} | await self._there(changes)

    async def _halved(
        self,
        changes: Sequence[Change],
        there: dict[str, str],
        turned: dict[Change, str],
        error: RequestRefusedError,
    ) -> dict[str, str]:
        """Send both halves; one change alone is turned down."""
        if len(changes) == 1:
            turned[changes[0]] = error.said or str(error)
            return there
        first, second = halves(changes)
        there = await self._send(first, there, turned)
        return await self._send(second, there, turned)

    async def _without(
        self,
        changes: Sequence[Change],
        there: dict[str, str],
        turned: dict[Change, str],
        answer: _NotWritten,
    ) -> dict[str, str]:
        """Turn down those of `changes` that the answer names; the others are sent again without them."""
        named = {change: reason for change in changes if (reason := answer.about(change)) is not None}
        if not named:
            said = "; ".join(answer.errors.values())
            refused = RequestRefusedError(request="a batch of activities", status=200, said=said)
            return await self._halved(changes, there, turned, refused)
        # A row that was to go may be gone since: then there is nothing to turn down.
        now = await self._refreshed(list(named), there)
        if now == there:
            turned |= named
        return now


@dataclass(frozen=True, slots=True)
class _Written:
    """The request was carried out; `there` is what the server has by now, ids by key."""

    there: dict[str, str]


@dataclass(frozen=True, slots=True)
class _NotWritten:
    """Nothing was written; `errors` says why, by the temporary or real id of the row."""

    errors: Mapping[str, str]

    def about(self, change: Change) -> str | None:
        """What is wrong with `change`, None if nothing is."""
        ids = (*(row.key for row in change.rows), *(gone.id for gone in change.gone))
        return next((self.errors[each] for each in ids if each in self.errors), None)


def _read(value: JsonValue, sent: Sequence[Change], there: Mapping[str, str]) -> _Written | _NotWritten:
    fields = Fields.of(value, "the answer to a batch of activities")
    errors = {
        each.maybe_text("id") or f"row {number}": each.text("message")
        for number, each in enumerate(fields.parts("errors"))
    }
    if errors:
        return _NotWritten(errors)
    gone = {each.key for change in sent for each in change.gone}
    made = {each.text("idempotencyKey"): each.text("id") for each in fields.parts("created")}
    return _Written({key: id_ for key, id_ in there.items() if key not in gone} | made)


def _left(batch: Sequence[Change], there: Mapping[str, str], turned: Mapping[Change, str]) -> list[Change]:
    return [each for each in batch if each not in turned and not each.left(there).is_empty]


def _ids(change: Change, there: Mapping[str, str]) -> dict[str, str]:
    return {row.key: there[row.key] for row in change.rows}


def _final(error: UnknownOutcomeError) -> UnknownOutcomeError | RequestRefusedError:
    """After the last try: a server that fails every time refuses, and the bad row can be found by halving."""
    if error.status != _SERVER_FAULT:
        return error
    return RequestRefusedError(request="a batch of activities", status=_SERVER_FAULT, said=error.found)
