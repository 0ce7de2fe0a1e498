"""The address of a server: where its interface is, how it is shown, and who could listen on the way."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from broker_sync.errors import SettingsError

__all__ = ["Address", "parse_address"]

_API: Final = "/api/v1"
_LOCAL_NAMES: Final = (
    ".home",
    ".home.arpa",
    ".internal",
    ".lan",
    ".local",  # the names of Kubernetes end in it, too: svc.cluster.local
    ".localdomain",
    ".localhost",
    ".svc",
)
_CARRIER_GRADE: Final = ipaddress.ip_network("100.64.0.0/10")  # what VPNs between one's own machines use


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`shown` may appear in messages; `api` is the root of all calls; `user` and `password` are a proxy's.

    `exposed` says that what is sent can be read on the way: no TLS, and not only one's own network.
    """

    shown: str
    api: str
    exposed: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def parse_address(text: str) -> Address:
    """Read WF_BASE_URL; raises :class:`~broker_sync.errors.SettingsError`.

    A name and password before the host are for a proxy that asks for them (HTTP Basic).
    """
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise SettingsError(f"WF_BASE_URL is not an address: {error}") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise SettingsError(
            "WF_BASE_URL is not an address that begins with https:// or http://, such as "
            "https://wealthfolio.example.org"
        )
    name = f"[{host}]" if ":" in host else host
    place = name if port is None else f"{name}:{port}"
    path = parts.path.rstrip("/").removesuffix(_API).rstrip("/")
    shown = urlunsplit((parts.scheme, place, path, "", ""))
    return Address(
        shown=shown,
        api=f"{shown}{_API}",
        exposed=parts.scheme == "http" and not _is_own_network(host),
        user=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )


def _is_own_network(host: str) -> bool:
    """Whether `host` is this machine or on a network of one's own, as far as its name tells."""
    name = host.lower().rstrip(".")
    try:
        number = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return "." not in name or name.endswith(_LOCAL_NAMES)
    return number.is_private or number.is_loopback or number.is_link_local or number in _CARRIER_GRADE
