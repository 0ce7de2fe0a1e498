"""Wraps what a run does to the world, in the run's own process, and ends it at the step that was named.

The program knows nothing of it: the functions of the system, the driver of the database and the transport of
the HTTP client are replaced, and a step is named by the places in the code that led to it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
from sqlalchemy.engine.default import DefaultDialect

from tests.exactly_once.places import PACKAGE, Kind, Place, places_by_file

_INSIDE = f"{PACKAGE}{os.sep}"
_FILE_FUNCTIONS = (
    "replace", "rename", "link", "unlink", "remove", "fsync", "mkdir", "rmdir", "pwrite", "open",
)  # fmt: skip
_FAR = 4
"""How many of the functions that led to a step tell it from the same step elsewhere."""
_CHANGES = os.O_CREAT | os.O_WRONLY | os.O_RDWR
_NAMELESS = getattr(os, "O_TMPFILE", -1)
_AUDITED = frozenset(
    {"os.rename", "os.remove", "os.link", "os.symlink", "os.mkdir", "os.rmdir", "os.truncate"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to end the run: at the `turn`-th time that it comes to `point`."""

    point: str
    turn: int = 1


@dataclass(slots=True, kw_only=True)
class Victim:
    """Watches the steps of this process; `kept` is the folder of what stays.

    `trace` are the points that it came to, `reached` the names of their places, `strays` steps that no place
    explains. With `first` the target is the first point that begins so; with `full` the disk is full there,
    instead of the process ending.
    """

    kept: Path
    target: Target | None = None
    full: bool = False
    first: bool = False
    trace: list[str] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    strays: list[str] = field(default_factory=list)
    _turns: Counter[str] = field(default_factory=Counter)
    _changes: dict[int, tuple[object, int]] = field(default_factory=dict)

    def install(self) -> None:
        """From here on every step counts."""
        for name in _FILE_FUNCTIONS:
            setattr(os, name, self._watched(getattr(os, name), Kind.FILE))
        fcntl.flock = self._watched(fcntl.flock, Kind.FILE)
        self._watch_commits()
        self._watch_requests()

    def audit(self) -> None:
        """Notice changes to files that were made in another way than by the functions that are watched."""
        sys.addaudithook(self._audited)

    # --- what is watched ---

    def _watched(self, function: Callable[..., Any], kind: Kind) -> Callable[..., Any]:
        is_no_step = _NO_STEPS.get(function.__name__, _never)

        @wraps(function)
        def stepped(*given: Any, **named: Any) -> Any:  # noqa: ANN401  # handed on as it is
            if is_no_step(*given):
                return function(*given, **named)
            found = _ways(kind)
            if found is None and not self._is_kept(given[0]):
                return function(*given, **named)
            self._come("before", kind, found)
            answer = function(*given, **named)
            self._come("after", kind, found)
            return answer

        return stepped

    def _watch_commits(self) -> None:
        commit: Callable[..., None] = DefaultDialect.do_commit

        def stepped(dialect: Any, connection: Any) -> None:  # noqa: ANN401  # SQLAlchemy's own
            found = _ways(Kind.COMMIT)
            driver = connection.driver_connection if hasattr(connection, "driver_connection") else connection
            self._note_changes(driver, found)
            if found is not None:
                self._come("before", Kind.COMMIT, found)
            commit(dialect, connection)
            if found is not None:
                self._come("after", Kind.COMMIT, found)

        setattr(DefaultDialect, "do_commit", stepped)  # noqa: B010  # or mypy would compare them

    def _note_changes(self, connection: object, found: tuple[str, list[Place]] | None) -> None:
        """A commit of something that no place explains is a stray."""
        if not isinstance(connection, sqlite3.Connection):
            return
        _, before = self._changes.get(id(connection), (connection, 0))
        # Held on to, or another connection would get its number.
        self._changes[id(connection)] = connection, connection.total_changes
        if found is None and connection.total_changes != before:
            self.strays.append(f"commit: {_told(sys._getframe(2))}")  # noqa: SLF001  # who called

    def _watch_requests(self) -> None:
        send = httpx.AsyncHTTPTransport.handle_async_request
        victim = self

        async def stepped(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
            found = _ways(Kind.REQUEST)
            victim._come("before", Kind.REQUEST, found)  # its own
            response = await send(transport, request)
            victim._come("after", Kind.REQUEST, found)  # its own
            return response

        setattr(httpx.AsyncHTTPTransport, "handle_async_request", stepped)  # noqa: B010  # as above

    # --- what comes of it ---

    def _is_kept(self, path: object) -> bool:
        """Whether a file is one that stays; by its number alone nobody can say."""
        return isinstance(path, str | os.PathLike) and str(path).startswith(str(self.kept))

    def _come(self, when: str, kind: Kind, found: tuple[str, list[Place]] | None) -> None:
        if found is None:
            if kind is not Kind.COMMIT and (told := _told(sys._getframe(2))):  # noqa: SLF001  # who called
                self.strays.append(f"{kind}: {told}")
            return
        way, passed = found
        self.reached |= {place.name for place in passed}
        point = f"{when} {way}"
        self.trace.append(point)
        self._turns[point] += 1
        target = self.target
        if target is not None and (
            point.startswith(target.point)
            if self.first
            else (point, self._turns[point]) == (target.point, target.turn)
        ):
            if self.full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.kill(os.getpid(), signal.SIGKILL)

    def _audited(self, event: str, given: tuple[Any, ...]) -> None:
        if event == "open":
            flags = given[2]
            if not isinstance(flags, int) or not flags & _CHANGES:
                return
        elif event not in _AUDITED:
            return
        if self._is_kept(given[0]) and _told(sys._getframe(1)) and _ways(Kind.FILE) is None:  # noqa: SLF001  # who called
            self.strays.append(f"{event}: {_told(sys._getframe(1))}")  # noqa: SLF001  # as above


def _opens_what_is_there(path: str, flags: int, *_: object) -> bool:
    return (not flags & os.O_CREAT or _is_there(path)) and flags & _NAMELESS != _NAMELESS


def _is_there(path: str, *_: object) -> bool:
    return os.path.lexists(path)


def _never(*_: object) -> bool:
    return False


_NO_STEPS: dict[str, Callable[..., bool]] = {"open": _opens_what_is_there, "mkdir": _is_there}


def _ours(frame: FrameType | None) -> Iterator[FrameType]:
    """The frames of the package, from `frame` outwards."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(_INSIDE):
            yield frame
        frame = frame.f_back


def _ways(kind: Kind) -> tuple[str, list[Place]] | None:
    """How the program came here, in words, and the places that it passed; None if it passed none."""
    known = places_by_file()
    passed: list[Place] = []
    way: list[str] = []
    for frame in _ours(sys._getframe(2)):  # noqa: SLF001  # there is no other way to look up the stack
        place = _place_at(known.get(frame.f_code.co_filename, ()), frame.f_lineno, kind)
        if place is not None:
            passed.append(place)
            way.append(place.name)
        elif passed:
            way.append(frame.f_code.co_name)
    return (" < ".join([*dict.fromkeys(way)][:_FAR]), passed) if passed else None


def _place_at(there: tuple[Place, ...], line: int, kind: Kind) -> Place | None:
    fitting = [each for each in there if each.kind is kind and each.first <= line <= each.last]
    return min(fitting, key=lambda each: each.last - each.first, default=None)


def _told(frame: FrameType) -> str:
    """The innermost line of the package; empty if there is none."""
    for each in _ours(frame):
        return f"{each.f_code.co_filename.removeprefix(_INSIDE)}:{each.f_lineno} {each.f_code.co_qualname}"
    return ""
