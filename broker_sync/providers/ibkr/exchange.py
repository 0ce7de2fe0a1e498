"""One request to the Flex Web Service and its reply: the only place where something is sent.

The token is put into the address here and nowhere else. What httpx raises knows that address, so it never
leaves this module, not even as the cause of an error.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias, TypeVar
from urllib.parse import quote

import httpx

from broker_sync.providers.ibkr.flex import (
    HEAD_SIZE,
    Accepted,
    Pending,
    Reply,
    StatementStarts,
    begins_statement,
    ends_statement,
    read_get_reply,
    read_send_reply,
)
from broker_sync.providers.ibkr.flex_errors import (
    FlexError,
    FlexRequest,
    HangUpError,
    SilentError,
    SlowReplyError,
    StatementTooLargeError,
    TruncatedStatementError,
    UnclearReplyError,
    UnreachableError,
)
from broker_sync.providers.ibkr.flex_token import Token
from broker_sync.providers.ibkr.part_file import Downloaded, PartFile

__all__ = ["Exchange", "Limits", "Parameters"]

Parameters: TypeAlias = Mapping[str, str]
"""What a request says in the query of its address, version and token aside."""

_T = TypeVar("_T")

_VERSION: Final = "3"
_SOON: Final = 5.0
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much: `generation` seconds until the statement comes, `transfer` for one whole reply.

    `size` is the largest statement in bytes.
    """

    generation: float = 600.0
    transfer: float = 600.0
    size: int = 512 * _MIB


class Exchange:
    """Sends requests with `http`; `base_url` is the configured address, `token` goes along with each."""

    def __init__(self, *, http: httpx.AsyncClient, token: Token, base_url: str, limits: Limits) -> None:
        self._http = http
        self._token = token
        self._base_url = base_url
        self._limits = limits

    async def ask(self, address: str, parameters: Parameters) -> Accepted | Pending | FlexError:
        """Send SendRequest and say what the reply means."""
        body = _Body()

        async def take(response: httpx.Response) -> Accepted | Pending | FlexError:
            return read_send_reply(await self._reply(response, body), base_url=self._base_url)

        return await self._call(FlexRequest.SEND, address, parameters, take, body)

    async def fetch(
        self, address: str, parameters: Parameters, *, to: Path
    ) -> Downloaded | Pending | FlexError:
        """Send GetStatement; a statement goes to the file `to`, which is untouched unless it came whole."""
        body = _Body()

        async def take(response: httpx.Response) -> Downloaded | Pending | FlexError:
            said = read_get_reply(await self._reply(response, body))
            return await self._store(body, to) if isinstance(said, StatementStarts) else said

        return await self._call(FlexRequest.GET, address, parameters, take, body)

    async def _call(
        self,
        request: FlexRequest,
        address: str,
        parameters: Parameters,
        take: Callable[[httpx.Response], Awaitable[_T]],
        body: _Body,
    ) -> _T | FlexError:
        query = {"v": _VERSION, "t": self._token.reveal(), **parameters}
        url = httpx.URL(address).copy_merge_params(query)
        try:
            async with asyncio.timeout(self._limits.transfer), self._http.stream("GET", url) as response:
                return await take(response)
        except TimeoutError:
            return _too_slow(request, self._limits.transfer)
        except httpx.HTTPError as error:
            return _failure(request, error, has_begun=begins_statement(body.head))

    async def _reply(self, response: httpx.Response, body: _Body) -> Reply:
        await body.read_head(response.aiter_bytes())
        token = self._token.reveal()
        return Reply(
            status=response.status_code,
            head=_without(token, body.head),
            content_type=response.headers.get("Content-Type", "").replace(token, "***"),
            retry_after=response.headers.get("Retry-After", ""),
        )

    async def _store(self, body: _Body, to: Path) -> Downloaded | FlexError:
        with PartFile(to) as part:
            async for chunk in body.whole():
                if part.size + len(chunk) > self._limits.size:
                    return _too_large(self._limits.size)
                part.write(chunk)
            return part.keep() if ends_statement(part.tail) else _truncated("its end is missing")


class _Body:
    """A body being read: its first bytes in memory, the rest still to come."""

    def __init__(self) -> None:
        self.head = b""
        self._rest: AsyncIterator[bytes]

    async def read_head(self, chunks: AsyncIterator[bytes]) -> None:
        self._rest = chunks
        async for chunk in chunks:
            self.head += chunk
            if len(self.head) >= HEAD_SIZE:
                break

    async def whole(self) -> AsyncIterator[bytes]:
        """All bytes in order, once the head has been read."""
        yield self.head
        async for chunk in self._rest:
            yield chunk


def _without(token: str, body: bytes) -> bytes:
    """`body` with no trace of the token, should the server repeat it."""
    for form in {token, quote(token), quote(token, safe="")}:
        body = body.replace(form.encode(), b"***")
    return body


def _failure(request: FlexRequest, error: httpx.HTTPError, *, has_begun: bool) -> FlexError:
    if has_begun:
        return _truncated(f"the transfer broke off ({type(error).__name__})")
    if isinstance(error, httpx.DecodingError):
        return UnclearReplyError(
            f"The reply to {request} cannot be unpacked. Nothing was booked. Run again later.",
            request=request,
            pause=_SOON,
        )
    if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout | httpx.PoolTimeout):
        return SilentError(
            f"There was no answer to {request} for a while, so it was given up. Run again later.",
            request=request,
            pause=_SOON,
        )
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
        return UnreachableError(
            f"No connection could be made for {request} ({type(error).__name__}). Check the network, and "
            "the proxy and IBKR_FLEX_BASE_URL if they are set, and run again later.",
            request=request,
            pause=_SOON,
        )
    return HangUpError(
        f"The connection was closed before {request} was answered ({type(error).__name__}). Run again later.",
        request=request,
        pause=_SOON,
    )


def _too_slow(request: FlexRequest, seconds: float) -> SlowReplyError:
    return SlowReplyError(
        f"The reply to {request} had not come to its end after {seconds:g} s, so it was given up. "
        "Run again later.",
        request=request,
    )


def _too_large(limit: int) -> StatementTooLargeError:
    return StatementTooLargeError(
        f"The statement is larger than {limit // _MIB} MiB, the most that is taken. Nothing was booked. Ask "
        "for fewer days at a time.",
        request=FlexRequest.GET,
    )


def _truncated(why: str) -> TruncatedStatementError:
    return TruncatedStatementError(
        f"The statement was cut short: {why}. Nothing was booked. Run again later.",
        request=FlexRequest.GET,
        pause=_SOON,
    )
