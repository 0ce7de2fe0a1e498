"""Remembers since when a Flex token is used, so that its end can be told before it comes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Final

from broker_sync.files import replace_file
from broker_sync.providers.ibkr.breaker_file import fingerprint_of
from broker_sync.settings import Secret

__all__ = ["first_use"]

_FILE: Final = "ibkr-tokens.json"


def first_use(data_dir: Path, token: Secret, *, now: dt.datetime) -> dt.datetime:
    """When `token` was first used (UTC): `now`, and written down, if it never was.

    The file has the beginning of the token's SHA-256, never the token. One that cannot be read or written is
    no reason to stop: the first use is then taken to be `now`.
    """
    path = data_dir / _FILE
    key = fingerprint_of(token)
    known = _known(path)
    if key in known:
        return known[key]
    known[key] = now.astimezone(dt.UTC)
    _write(path, known)
    return known[key]


def _known(path: Path) -> dict[str, dt.datetime]:
    try:
        told = json.loads(path.read_bytes())
        return {str(key): dt.datetime.fromisoformat(moment) for key, moment in told.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write(path: Path, known: dict[str, dt.datetime]) -> None:
    text = json.dumps({key: moment.isoformat() for key, moment in sorted(known.items())}, indent=2)
    try:
        replace_file(path, f"{text}\n".encode())
    except OSError:
        return
