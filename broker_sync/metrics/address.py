"""Where in a Pushgateway the metrics of a job are kept."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from broker_sync.metrics.errors import PushAddressError

__all__ = ["Address", "address_of"]

_VARIABLE: Final = "PUSHGATEWAY_URL"
_ROOT: Final = "/metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The address without name and password, and these apart from it, for no message may show them."""

    base: str
    query: str
    login: tuple[str, str] | None

    def __repr__(self) -> str:
        return f"Address({self.base})"

    def targets(self, job: str) -> list[str]:
        """Where to send to: ``<url>/job/<job>``, and should nothing be there ``<url>/metrics/job/<job>``.

        A Pushgateway has its groups under ``/metrics``; the second is left out where the address says so.
        """
        roots = [""] if self.base.endswith(_ROOT) else ["", _ROOT]
        return [f"{self.base}{root}/{_group(job)}" for root in roots]

    def sent_to(self, target: str) -> str:
        """The address of `target` as it is asked for; what it has behind ``?`` is in no message either."""
        return f"{target}?{self.query}" if self.query else target


def _group(job: str) -> str:
    # A slash, even an encoded one, would end the name: https://github.com/prometheus/pushgateway#url
    if "/" in job or not job:
        return f"job@base64/{base64.urlsafe_b64encode(job.encode()).decode() or '='}"
    return f"job/{quote(job, safe='')}"


def address_of(url: str | None, environment: Mapping[str, str] | None = None) -> Address:
    """`url`, or what ``PUSHGATEWAY_URL`` says if it is None or empty; raises PushAddressError.

    This is the one place outside the settings that looks at the environment: whoever calls
    ``push_pushgateway`` by itself is promised the variable, and metrics are a layer below the settings.
    """
    variables = os.environ if environment is None else environment  # noqa: TID251
    text = (url or variables.get(_VARIABLE) or "").strip()
    if not text:
        raise PushAddressError(
            f"pushgateway: there is no address to push to; set {_VARIABLE}, such as http://localhost:9091"
        )
    parts = _parts(text)
    if parts is None:
        # Shown in no part: what cannot be taken apart may hold a password anywhere.
        raise PushAddressError(f"pushgateway: {_VARIABLE} must be an address such as http://localhost:9091")
    place = parts.netloc.rpartition("@")[2]
    return Address(
        base=urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", "")),
        query=parts.query,
        login=None if parts.username is None else (unquote(parts.username), unquote(parts.password or "")),
    )


def _parts(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if whole else None
