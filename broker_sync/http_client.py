"""Builds every HTTP client of the program: one policy of timeouts, one user agent, no address in any log.

Tokens travel in the query of addresses, and the library writes whole addresses and answers to its log. So
everything behind a ``?`` and all headers are taken out of what it logs, at any level and for any handler.
"""

from __future__ import annotations

import logging
import re
import ssl
from functools import cache
from typing import Final

import httpx

from broker_sync._version import __version__

__all__ = ["TIMEOUT", "USER_AGENT", "new_client"]

USER_AGENT: Final = f"broker-sync/{__version__}"

TIMEOUT: Final = httpx.Timeout(15.0, read=60.0)
"""Seconds without any progress before a call fails; how long a whole answer may take is the caller's rule."""

_LIBRARIES: Final = frozenset({"httpx", "httpcore"})
# Some of these are made only when something is sent, by which time a filter would come too late.
_LOGGERS: Final = frozenset(
    {"httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks"))}
)
_QUERY: Final = re.compile(r"\?[^\s\"'<>)\]]+")
_HEADERS: Final = re.compile(r"\[\(b['\"].*", re.DOTALL)
_USER: Final = re.compile(r"(?<=://)[^/\s@]+(?=@)")
_LOCAL: Final = ("all://localhost", "all://127.0.0.1", "all://[::1]")


def new_client(
    *, transport: httpx.AsyncBaseTransport | None = None, timeout: httpx.Timeout = TIMEOUT
) -> httpx.AsyncClient:
    """A client that the caller closes; `transport` stands in for the network in tests.

    Redirects are not followed: an answer from an address that nobody configured is none. Proxies and
    certificates that the environment names (``HTTPS_PROXY``, ``NO_PROXY``, ``SSL_CERT_FILE``) count, but what
    runs on the same machine is reached directly.
    """
    _keep_addresses_out_of_logs()
    return httpx.AsyncClient(
        transport=transport,
        mounts=None if transport is not None else dict.fromkeys(_LOCAL),
        verify=_certificates(),
        timeout=timeout,
        headers={"User-Agent": USER_AGENT},
        follow_redirects=False,
        trust_env=True,
    )


@cache
def _certificates() -> ssl.SSLContext:
    # Reading them takes longer than everything else in making a client.
    return httpx.create_ssl_context()


class _Discreet(logging.Filter):
    """Takes out of records what may hold a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = _USER.sub("***", _QUERY.sub("?***", record.getMessage()))
        record.msg, record.args = _HEADERS.sub("[***", text), ()
        return True


_DISCREET: Final = _Discreet()


def _keep_addresses_out_of_logs() -> None:
    # A filter counts for its own logger only, so each of the library's needs it; adding twice does nothing.
    made = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in _LIBRARIES]
    for name in _LOGGERS.union(made):
        logging.getLogger(name).addFilter(_DISCREET)
