"""Small text files that hold one value each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from broker_sync.errors import SettingsError

__all__ = ["read_text", "without_line_end"]

_MOST: Final = 1_000_000
_TOKEN: Final = re.compile(r"[0-9]{10,}")


def read_text(path: Path, named_by: str) -> str:
    """The whole text of `path`; raises SettingsError that names `named_by` and the path if there is none.

    What the file holds is in no error. It may be a pipe, as ``<(pass show token)`` makes one.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST + 1)
    except OSError as error:
        raise SettingsError(f"{named_by}: {_named(path)} cannot be read ({error.strerror})") from None
    except ValueError:
        raise SettingsError(f"{named_by} is not the path of a file") from None
    if len(content) > _MOST:
        raise SettingsError(f"{named_by}: {path} is too long: more than {_MOST:,} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{named_by}: {path} is not a text in UTF-8") from None


def _named(path: Path) -> str:
    """The path, unless it is a token that was put where the path of its file belongs."""
    return "***, which looks like a secret and not like a path," if _TOKEN.fullmatch(path.name) else str(path)


def without_line_end(text: str) -> str:
    """`text` without what an editor, or ``echo``, adds at its end."""
    return text.rstrip("\r\n")
