"""Logging: on stderr, one line each, and never a secret.

Addresses of brokers carry the token in their query, so everything that looks like one is masked, along with
the secrets of the settings, whatever wrote it: messages, arguments and tracebacks alike.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from typing import Final, TextIO
from urllib.parse import quote, quote_plus

__all__ = ["MASK", "Masker", "set_up_logs"]

MASK: Final = "***"

_PATTERNS: Final = (
    # A Flex address is …/SendRequest?t=TOKEN&q=QUERY&v=3.
    re.compile(r"(?<=[?&])((?:t|key|apikey|api_key)=)[^&\s\"'<>]+", re.IGNORECASE),
    re.compile(r"((?:token|password|passwd|secret)[\"']?\s*[=:]\s*[\"']?)[^&\s\"'<>,;)}]+", re.IGNORECASE),
    re.compile(r"(authorization[\"']?\s*[=:]\s*[\"']?\w+\s+)[^\s\"'<>,;)}]+", re.IGNORECASE),
    re.compile(r"(://)[^/\s@]+(?=@)"),
)
# Shorter texts protect nothing, and masking them wherever they occur would leave nothing to read.
_SHORTEST: Final = 4
_TELL_ADDRESSES: Final = ("httpx", "httpcore")


class Masker:
    """Takes secrets out of texts: those it was given, and what looks like one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for form in _forms(secret) if len(form) >= _SHORTEST}
        # The longest first: one secret can be the beginning of another.
        self._forms = sorted(forms, key=len, reverse=True)

    def mask(self, text: str) -> str:
        """`text` with every secret replaced by ``***``."""
        for form in self._forms:
            text = text.replace(form, MASK)
        for pattern in _PATTERNS:
            text = pattern.sub(lambda match: f"{match[1]}{MASK}", text)
        return text


def _forms(secret: str) -> tuple[str, ...]:
    """How a secret is written in plain text, in addresses and in the repr of something that holds it."""
    return secret, quote(secret), quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]


class _Formatter(logging.Formatter):
    """Masks the finished text, so that arguments and tracebacks are covered too."""

    def __init__(self, masker: Masker) -> None:
        super().__init__("%(levelname)s: %(message)s")
        self._masker = masker

    def format(self, record: logging.LogRecord) -> str:
        return self._masker.mask(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # the name is logging's
        # A text out of a statement could otherwise forge a line, or tell the terminal what to do.
        line = super().formatMessage(record)
        return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in line)


class _Handler(logging.StreamHandler[TextIO]):
    """The program's own handler."""


def set_up_logs(stream: TextIO, *, masker: Masker) -> None:
    """Send the program's log from INFO on, and the warnings of libraries, to `stream`.

    Calling it again replaces what it did before.
    """
    handler = _Handler(stream)
    handler.setFormatter(_Formatter(masker))
    root = logging.getLogger()
    for earlier in [each for each in root.handlers if isinstance(each, _Handler)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    logging.getLogger("broker_sync").setLevel(logging.INFO)
    for name in _TELL_ADDRESSES:
        logging.getLogger(name).setLevel(logging.WARNING)
