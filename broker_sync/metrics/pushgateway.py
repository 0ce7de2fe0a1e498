"""Hands metrics to a Pushgateway.

https://github.com/prometheus/pushgateway#api
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from broker_sync.metrics.address import Address, address_of
from broker_sync.metrics.errors import PushAddressError, PushAwayError, PushRefusedError
from broker_sync.metrics.exposition import CONTENT_TYPE, render

if TYPE_CHECKING:  # late, as in `_send`
    import httpx

__all__ = ["push_pushgateway", "replace_pushgateway"]

Metrics = Iterable[tuple[str, Mapping[str, str], object]]
"""Name, labels and value of each sample; the value is a Decimal, an int or a float."""

_TIMEOUT: Final = 10.0  # seconds, for each of connecting, sending and waiting for the answer
_WHOLE: Final = 20.0  # seconds for all of a request: an answer by drops never runs into the above
_NOT_THERE: Final = 404
_LATER: Final = frozenset({408, 425, 429})
_LONGEST: Final = 200


async def push_pushgateway(
    job: str,
    metrics: Metrics,
    pushgateway_url: str | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    *,
    seconds: float = _WHOLE,
) -> None:
    """POST `metrics` to ``<url>/job/<job>``: each replaces all samples of its name in the job, no others.

    The address falls back to ``PUSHGATEWAY_URL``. It may end in ``/metrics``, where a Pushgateway has its
    groups; where it does not and nothing is there (404), ``<url>/metrics/job/<job>`` is tried. Raises
    RuntimeError when there is no address, and for every answer but 2xx and for none; the message names the
    target and the status, never the name and password of the address. A request that is not through within
    `seconds` counts as not answered. Raises ValueError for metrics that Prometheus would not take.
    """
    await _push("POST", job, metrics, pushgateway_url, transport, seconds=seconds)


async def replace_pushgateway(
    job: str,
    metrics: Metrics,
    pushgateway_url: str | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> None:
    """PUT `metrics`: as :func:`push_pushgateway`, but whatever else the job has is gone."""
    await _push("PUT", job, metrics, pushgateway_url, transport, seconds=_WHOLE)


async def _push(
    method: str,
    job: str,
    metrics: Metrics,
    url: str | None,
    transport: httpx.AsyncBaseTransport | None,
    *,
    seconds: float,
) -> None:
    body = render(metrics)
    address = address_of(url)
    answers: dict[str, httpx.Response] = {}
    for target in address.targets(job):
        async with _within(target, seconds):
            answers[target] = await _send(method, target, body, address, transport)
        if answers[target].is_success:
            return
        if answers[target].status_code != _NOT_THERE:
            break
    raise _refusal(answers, address)


def _refusal(answers: Mapping[str, httpx.Response], address: Address) -> PushAwayError | PushRefusedError:
    told = ", ".join(f"{target} answered {answer.status_code}" for target, answer in answers.items())
    last = [*answers.values()][-1]
    away = last.is_server_error or last.status_code in _LATER
    kind = PushAwayError if away else PushRefusedError
    return kind(f"pushgateway: {told}{_reason(last.text, address)}")


async def _send(
    method: str, target: str, body: bytes, address: Address, transport: httpx.AsyncBaseTransport | None
) -> httpx.Response:
    import httpx  # noqa: PLC0415  # only who pushes pays for it

    from broker_sync.http_client import new_client  # noqa: PLC0415  # as above

    headers = {"Content-Type": CONTENT_TYPE}
    login = address.login or httpx.USE_CLIENT_DEFAULT
    try:
        async with new_client(transport=transport, timeout=httpx.Timeout(_TIMEOUT)) as client:
            return await client.request(
                method, address.sent_to(target), content=body, headers=headers, auth=login
            )
    except httpx.TransportError as error:
        raise PushAwayError(f"pushgateway: {target} cannot be reached ({_kind(error)})") from None
    except httpx.InvalidURL:
        raise PushAddressError(f"pushgateway: {target} is not an address") from None


@asynccontextmanager
async def _within(target: str, seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise PushAwayError(f"pushgateway: {target} did not answer within {seconds:g} seconds") from None


def _kind(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _reason(text: str, address: Address) -> str:
    """The first line of an answer, where it has one and does not say the password back to us."""
    line = next(iter(text.strip().splitlines()), "")
    if not line or line.startswith("<") or any(secret and secret in line for secret in address.login or ()):
        return ""
    shown = "".join(sign for sign in line[:_LONGEST] if sign.isprintable())
    return f": {shown}"
