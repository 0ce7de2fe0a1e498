"""The file in which a session survives the run: ``{"sessions": {"<address>": {"token": "<token>"}}}``."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from pathlib import Path
from typing import Final

__all__ = ["SessionFile"]

_log: Final = logging.getLogger(__name__)


class SessionFile:
    """Keeps the session of each server in `path`, which only its owner may read.

    A file that is missing, damaged or somebody else's reads as one without sessions, and one that cannot be
    written costs a login on the next run; neither raises. `read_only` writes nothing.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._read_only = read_only
        self._warned = False

    def __repr__(self) -> str:
        return f"SessionFile({str(self._path)!r})"

    def load(self, server: str) -> str | None:
        """The session of `server` (its address), None if there is none."""
        kept = self._all().get(server)
        token = kept.get("token") if isinstance(kept, dict) else None
        return token if isinstance(token, str) and token and token.isascii() and token.isprintable() else None

    def save(self, server: str, token: str) -> None:
        """Keep `token` as the session of `server`; those of other servers stay."""
        if self._read_only:
            return
        sessions = {**self._all(), server: {"token": token}}
        try:
            self._replace(json.dumps({"sessions": sessions}, indent=2))
        except OSError as error:
            self._warn(error)

    def _all(self) -> dict[str, object]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        sessions = kept.get("sessions") if isinstance(kept, dict) else None
        return sessions if isinstance(sessions, dict) else {}

    def _replace(self, text: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # mkstemp makes a file that nobody else can read, and a rename puts it there whole or not at all.
        descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).replace(self._path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    def _warn(self, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            _log.warning(
                "The Wealthfolio session cannot be kept in %s (%s), so every run logs in anew",
                self._path,
                error.strerror or error,
            )
