"""How TOML writes texts and keys."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["key_text", "quoted"]

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def quoted(text: str) -> str:
    """`text` as a string in quotes, on one line."""
    return f'"{"".join(_sign(sign) for sign in text)}"'


def key_text(key: str) -> str:
    """`key` as it is written, in quotes where it needs them."""
    return key if _BARE.fullmatch(key) else quoted(key)


def _sign(sign: str) -> str:
    if sign in {'"', "\\"}:
        return f"\\{sign}"
    return sign if sign.isprintable() else f"\\U{ord(sign):08X}"
