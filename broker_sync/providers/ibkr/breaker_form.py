"""How the breaker's memory is written down: JSON, times in UTC, tokens by their fingerprint; pure."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Final, TypeGuard

from broker_sync.providers.ibkr.breaker import BreakerState, Failure, LockOut

__all__ = ["FormError", "states_from", "text_of"]

_VERSION: Final = 1


class FormError(ValueError):
    """The text is not one that was written here."""


def text_of(states: Mapping[str, BreakerState]) -> str:
    """The text for `states`, by fingerprint; a token of which nothing is remembered is left out."""
    tokens = {key: _written(state) for key, state in sorted(states.items()) if state != BreakerState()}
    return json.dumps({"version": _VERSION, "tokens": tokens}, indent=2) + "\n"


def _written(state: BreakerState) -> dict[str, object]:
    lockout = state.lockout
    return {
        "lockout": None if lockout is None else {**_noted(lockout), "times": lockout.times},
        "failures": [_noted(failure) for failure in state.failures],
    }


def _noted(event: Failure | LockOut) -> dict[str, object]:
    return {"at": event.at.astimezone(dt.UTC).isoformat(), "why": event.why}


def states_from(text: str) -> dict[str, BreakerState]:
    """The states in `text`, by fingerprint; raises :class:`FormError`."""
    try:
        read: object = json.loads(text)
    except ValueError as error:
        raise FormError(f"it is not JSON: {error}") from None
    whole = _mapping(read, "the whole")
    if whole.get("version") != _VERSION:
        raise FormError(f"its version is {whole.get('version')!r}, not {_VERSION}")
    return {key: _state(entry) for key, entry in _mapping(whole.get("tokens"), "tokens").items()}


def _state(entry: object) -> BreakerState:
    fields = _mapping(entry, "a token")
    failures = fields.get("failures")
    if not _is_list(failures):
        raise FormError("failures is not a list")
    lockout = fields.get("lockout")
    return BreakerState(
        lockout=None if lockout is None else _lockout(_mapping(lockout, "lockout")),
        failures=tuple(_failure(_mapping(each, "a failure")) for each in failures),
    )


def _lockout(fields: Mapping[str, object]) -> LockOut:
    noted, times = _failure(fields), fields.get("times")
    # A truth value is a number to Python.
    if not isinstance(times, int) or isinstance(times, bool) or times < 1:
        raise FormError(f"times is {times!r}, not a number from 1 on")
    return LockOut(at=noted.at, why=noted.why, times=times)


def _failure(fields: Mapping[str, object]) -> Failure:
    at, why = fields.get("at"), fields.get("why")
    if not isinstance(at, str) or not isinstance(why, str):
        raise FormError("at or why is not a text")
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        raise FormError(f"{at!r} is not a moment") from None
    if moment.tzinfo is None:
        raise FormError(f"{at!r} does not name its time zone")
    return Failure(at=moment, why=why)


def _mapping(value: object, name: str) -> Mapping[str, object]:
    if not _is_object(value):
        raise FormError(f"{name} is not an object")
    return value


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)
