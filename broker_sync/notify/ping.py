"""Tells a check of healthchecks.io's kind that a run began, and how it ended.

https://healthchecks.io/docs/http_api/: the address itself for a success, ``/start`` and ``/fail`` behind its
path for the rest, with a text as the body. Such a check raises the alarm when it hears nothing at all, which
no run can do for itself.
"""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from broker_sync.notify.errors import PingError
from broker_sync.notify.silence import silence

if TYPE_CHECKING:  # late, as in `ping`
    import httpx

__all__ = ["Signal", "address_of", "ping"]

_TIMEOUT: Final = 10.0  # seconds, for each of connecting, sending and waiting for the answer
_ALL_TRIES: Final = 30.0  # seconds, for both tries: an answer that comes by drops never runs into the above
_LONGEST: Final = 10_000  # bytes; healthchecks.io keeps the first 100 kB


class Signal(Enum):
    """What a check is told; the values are what comes behind the path of its address."""

    START = "/start"
    SUCCESS = ""
    FAILURE = "/fail"


def address_of(address: str, signal: Signal) -> str:
    """Where to send `signal`, given the address of the check; what is behind ``?`` stays there."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}{signal.value}", fragment=""))


async def ping(
    address: str,
    signal: Signal,
    text: str,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    seconds: float = _ALL_TRIES,
) -> None:
    """Send `signal` with `text`, in `seconds` at the most.

    Raises :class:`PingError`, which names the host and no more.
    """
    import httpx  # noqa: PLC0415  # only who pings pays for it

    from broker_sync.http_client import new_client  # noqa: PLC0415  # as above

    host = urlsplit(address).hostname
    body = text.encode(errors="replace")[:_LONGEST]
    client = new_client(transport=transport, timeout=httpx.Timeout(_TIMEOUT))
    try:
        with silence():
            async with client, asyncio.timeout(seconds):
                try:
                    answer = await client.post(address_of(address, signal), content=body)
                except httpx.TransportError:
                    # A ping that is lost is a false alarm later, so that it is worth a second try.
                    answer = await client.post(address_of(address, signal), content=body)
    except (httpx.TransportError, TimeoutError) as error:
        raise PingError(f"ping: {host} cannot be reached ({type(error).__name__})") from None
    except (httpx.InvalidURL, UnicodeError):  # the second for a host that cannot be one in any writing
        raise PingError(f"ping: what BROKER_SYNC_PING_URL says of {host} is no address") from None
    _check(answer, host)


def _check(answer: httpx.Response, host: str | None) -> None:
    if not answer.is_success:
        raise PingError(f"ping: {host} answered {answer.status_code}; check BROKER_SYNC_PING_URL")
    # healthchecks.io says so with 200.
    if "(not found)" in answer.text[:80]:
        raise PingError(f"ping: {host} has no such check; check BROKER_SYNC_PING_URL")
