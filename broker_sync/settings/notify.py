"""Who is told when something is wrong: the kinds of values that say it, and what they come to."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from broker_sync.settings.kind import ANY_TEXT, Kind
from broker_sync.settings.secret import Secret

__all__ = ["ADDRESSES", "PING_ADDRESS", "TABLE", "NotifySettings"]

TABLE: Final = "notify"
"""The TOML table of these settings."""

# A comma can be part of an address, such as between phone numbers; before a scheme it is not.
_BETWEEN: Final = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://)|\s+")
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_PARTS: Final = re.compile(r"[/@:?&=#,]+")
_LONG_ENOUGH: Final = 8  # a shorter part is as likely a plain word, which would be masked in every message


def _addresses(text: str) -> tuple[Secret, ...]:
    found = [each.strip(",") for each in _BETWEEN.split(text.strip())]
    wanted = [each for each in found if each]
    if not wanted or not all(each.isprintable() and _ADDRESS.fullmatch(each) for each in wanted):
        raise ValueError
    return tuple(Secret(each) for each in dict.fromkeys(wanted))


def _ping_address(text: str) -> Secret:
    stripped = text.strip()
    try:
        parts = urlsplit(stripped)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ValueError from None  # its words are not for users, and may show the address
    if not is_whole or not stripped.isprintable():
        raise ValueError
    return Secret(stripped)


ADDRESSES: Final = Kind(
    title="one or more addresses of Apprise, such as ntfys://host.example/topic",
    read=_addresses,
    example='["ntfys://host.example/topic"]',
    written=(list, str),
    schema={"anyOf": [ANY_TEXT, {"type": "array", "items": ANY_TEXT}]},
    is_secret=True,
)
PING_ADDRESS: Final = Kind(
    title="an address that begins with http:// or https://",
    read=_ping_address,
    example='"https://host.example/ping"',
    is_secret=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifySettings:
    """`urls` are addresses of Apprise, `ping_url` that of a check of healthchecks.io's kind.

    What is still wrong is told again after `repeat_days`; the end of a token is told `token_days` before.
    """

    urls: tuple[Secret, ...]
    repeat_days: int
    token_days: int
    ping_url: Secret | None

    @property
    def is_wanted(self) -> bool:
        """Whether anybody is to be told anything."""
        return bool(self.urls) or self.ping_url is not None

    @property
    def repeat(self) -> dt.timedelta:
        """How long nothing is said of what lasts."""
        return dt.timedelta(days=self.repeat_days)

    def secrets(self) -> Iterator[str]:
        """The addresses, and what of them could be a token if it stood alone."""
        for secret in (*self.urls, *([] if self.ping_url is None else [self.ping_url])):
            yield secret.reveal()
            yield from _telling_parts(secret.reveal())


def _telling_parts(address: str) -> Iterator[str]:
    rest = address.partition("://")[2]
    for part in _PARTS.split(rest):
        # The name of a host is in many messages, and has a dot, which tokens before a slash have not.
        if len(part) >= _LONG_ENOUGH and not ("." in part and rest.rpartition("@")[2].startswith(part)):
            yield from dict.fromkeys((part, unquote(part)))
    password = rest.rpartition("@")[0].partition(":")[2]
    if password:
        yield from dict.fromkeys((password, unquote(password)))
