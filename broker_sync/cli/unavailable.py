"""Remembers for which days the broker has given nothing, so that they are not asked for every night."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from broker_sync.files import replace_file
from broker_sync.received import Days

__all__ = ["Unavailable"]

_FILE: Final = "ibkr-unavailable.json"
_AGAIN: Final = dt.timedelta(days=30)


@dataclass(slots=True)
class Unavailable:
    """The days that were asked for in vain within the last 30 days, by query; kept in the data directory.

    A file that cannot be read is as good as none: then the days are asked for once more.
    """

    data_dir: Path
    now: dt.datetime = field(kw_only=True)
    _known: dict[str, str] = field(init=False)
    _is_changed: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        """Read what is known."""
        self._known = _read(self.data_dir / _FILE)

    def is_known(self, query_id: str, days: Days) -> bool:
        """Whether `days` need not be asked for yet."""
        tried = self._known.get(_key(query_id, days))
        return tried is not None and self.now - dt.datetime.fromisoformat(tried) < _AGAIN

    def add(self, query_id: str, days: Days) -> None:
        """Take note that nothing was to be had for `days`."""
        self._known[_key(query_id, days)] = self.now.isoformat()
        self._is_changed = True

    def save(self) -> None:
        """Write it down, if there is anything new; a disk that will not have it is no reason to stop."""
        if not self._is_changed:
            return
        text = json.dumps(self._known, indent=2, sort_keys=True)
        try:
            replace_file(self.data_dir / _FILE, f"{text}\n".encode())
        except OSError:
            return


def _key(query_id: str, days: Days) -> str:
    return f"{query_id}: {days}"


def _read(path: Path) -> dict[str, str]:
    try:
        told = json.loads(path.read_bytes())
        return {str(key): dt.datetime.fromisoformat(str(tried)).isoformat() for key, tried in told.items()}
    except (OSError, ValueError, AttributeError):
        return {}
