"""Where requests may be sent: IBKR's own hosts and the configured one, for the address carries the token."""

from __future__ import annotations

import re
from typing import Final

from broker_sync.providers.ibkr.flex_errors import FlexRequest, ForeignAddressError

__all__ = ["IBKR_BASE_URL", "endpoint", "safe_address"]

_PATH: Final = "/AccountManagement/FlexWebService"
IBKR_BASE_URL: Final = f"https://ndcdyn.interactivebrokers.com{_PATH}"

# Narrower than the standard on purpose: no two readers of such an address can disagree on its host.
_ADDRESS: Final = re.compile(
    r"(?P<origin>https?://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?P<port>:[0-9]{1,5})?)"
    r"(?P<path>/[A-Za-z0-9._~%/+-]*)?(?P<query>\?[A-Za-z0-9._~%/+=&-]*)?",
    re.IGNORECASE,
)
_OF_IBKR: Final = re.compile(r"https://[a-z0-9.-]+\.(interactivebrokers|ibkr)\.com(:443)?", re.IGNORECASE)
_SHOWN: Final = 80


def endpoint(base_url: str, request: FlexRequest) -> str:
    """The address of `request` at `base_url`; where that names a host alone, IBKR's path is added."""
    base = base_url.rstrip("/")
    has_path = "/" in base.partition("://")[2]
    return f"{base}{'' if has_path else _PATH}/{request}"


def safe_address(url: str, *, base_url: str) -> str:
    """`url`, an address that a reply hands back, once it is known to be IBKR's or on the host of `base_url`.

    Raises :class:`ForeignAddressError` for every other, for one with a user name or a fragment, and for plain
    HTTP unless `base_url` is the same.
    """
    found = _ADDRESS.fullmatch(url)
    if found is not None:
        base = _ADDRESS.match(base_url)
        at_base = base is not None and base["origin"].lower() == found["origin"].lower()
        if at_base or _OF_IBKR.fullmatch(found["origin"]) is not None:
            return url
    raise ForeignAddressError(
        f"IBKR's reply says to fetch the statement from {_shown(url)}, which is no host of IBKR's and not "
        "the configured one. Nothing was sent there: the token would go along. Check IBKR_FLEX_BASE_URL "
        "if it is set, and whether something between here and IBKR changes replies.",
        request=FlexRequest.SEND,
    )


def _shown(url: str) -> str:
    """The beginning of `url`, without what may hold a secret."""
    beginning = re.split(r"[?#]", url, maxsplit=1)[0]
    return repr(re.sub(r"(?<=//)[^/]*@", "***@", beginning)[:_SHOWN])
