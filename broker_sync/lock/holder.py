"""Who holds the lock, as it is written in its file; pure."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Final

__all__ = ["Holder", "HolderError", "holder_from", "text_of"]

_FORMAT: Final = "broker-sync run lock"
_VERSION: Final = 1
_TEXTS: Final = ("token", "host", "boot", "processes", "started", "since", "beat")


class HolderError(ValueError):
    """The text is not one that was written here; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A run that holds the lock, since `since` (aware, by its own clock).

    `token` is the run's alone. `boot` names the running system and `processes` the space in which `pid`
    counts (both empty where the system has no such names), `started` is the start of the process in ticks
    since the boot. `is_watched` says that the system itself holds a lock on the file for as long as the
    process lives. `beat` counts the signs of life.
    """

    token: str
    host: str
    boot: str
    processes: str
    pid: int
    started: str
    since: dt.datetime
    is_watched: bool
    beat: int = 0

    def __str__(self) -> str:
        since = self.since.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        return f"process {self.pid} on {self.host}, since {since}"


def text_of(holder: Holder) -> bytes:
    """`holder` as JSON, as long as with any other beat, so that it can be written over in place."""
    fields = {
        "format": _FORMAT,
        "version": _VERSION,
        "token": holder.token,
        "host": holder.host,
        "boot": holder.boot,
        "processes": holder.processes,
        "pid": holder.pid,
        "started": holder.started,
        "since": holder.since.astimezone(dt.UTC).isoformat(),
        "is_watched": holder.is_watched,
        "beat": f"{holder.beat:012}",
    }
    return (json.dumps(fields) + "\n").encode()


def holder_from(content: bytes) -> Holder:
    """The holder that :func:`text_of` wrote; raises :class:`HolderError`."""
    try:
        read: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise HolderError(f"it is not JSON ({error})") from error
    if not isinstance(read, dict) or (read.get("format"), read.get("version")) != (_FORMAT, _VERSION):
        raise HolderError("it is not a lock of this version of broker-sync")
    texts = {name: read.get(name) for name in _TEXTS}
    pid, is_watched = read.get("pid"), read.get("is_watched")
    if type(pid) is not int or pid < 1 or type(is_watched) is not bool:
        raise HolderError("pid is no number from 1 on, or is_watched no truth value")
    if not all(isinstance(text, str) for text in texts.values()) or not texts["token"]:
        raise HolderError("a text is missing")
    try:
        since = dt.datetime.fromisoformat(str(texts["since"]))
        beat = int(str(texts["beat"]))
    except ValueError as error:
        raise HolderError(str(error)) from error
    if since.tzinfo is None:
        raise HolderError(f"{since.isoformat()} has no time zone")
    return Holder(
        token=str(texts["token"]),
        host=str(texts["host"]),
        boot=str(texts["boot"]),
        processes=str(texts["processes"]),
        pid=pid,
        started=str(texts["started"]),
        since=since,
        is_watched=is_watched,
        beat=beat,
    )
