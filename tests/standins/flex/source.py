"""Statements out of a folder."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from tests.standins.flex.service import NoStatementError

_WINDOW = re.compile(rb"<FlexStatement\s[^>]*?fromDate=\"(?P<first>[\d-]+)\"\s+toDate=\"(?P<last>[\d-]+)\"")


class Folder:
    """The statements ``*.xml`` in `folder`, as they are: nothing is cut to the days asked for.

    For a window it is the file with just these days, else the shortest that covers them; without one, the
    file that ends last.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, first: dt.date | None, last: dt.date | None) -> bytes:
        files = [(days, path) for path in sorted(self._folder.glob("*.xml")) if (days := window_of(path))]
        if first is None or last is None:
            found = max(files, key=lambda each: each[0][1], default=None)
        else:
            covering = [each for each in files if each[0][0] <= first and last <= each[0][1]]
            found = min(covering, key=lambda each: each[0][1] - each[0][0], default=None)
        if found is None:
            raise NoStatementError
        return found[1].read_bytes()


def window_of(path: Path) -> tuple[dt.date, dt.date] | None:
    """The days of the first statement in a file."""
    with path.open("rb") as file:
        match = _WINDOW.search(file.read(64 * 1024))
    if match is None:
        return None
    return dt.date.fromisoformat(match["first"].decode()), dt.date.fromisoformat(match["last"].decode())
