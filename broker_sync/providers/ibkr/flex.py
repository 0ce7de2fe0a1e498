"""What each reply of the Flex Web Service means; nothing is sent from here.

Protocol, version 3: https://www.ibkrguides.com/brokerportal/performanceandstatements/flex3.htm. The body
decides, then the HTTP status, then the content type: IBKR answers errors with status 200, and statements with
more than one content type.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from broker_sync.providers.ibkr.flex_address import endpoint, safe_address
from broker_sync.providers.ibkr.flex_codes import MINUTE, PENDING, code_error
from broker_sync.providers.ibkr.flex_errors import (
    EmptyReplyError,
    FlexError,
    FlexRequest,
    ForeignAddressError,
    HttpBusyError,
    HttpRefusedError,
    RedirectedError,
    UnclearReplyError,
    WebPageError,
    WrongContentTypeError,
)
from broker_sync.providers.ibkr.scan import ScanError, events

__all__ = [
    "HEAD_SIZE",
    "Accepted",
    "Pending",
    "Reply",
    "StatementStarts",
    "begins_statement",
    "ends_statement",
    "read_get_reply",
    "read_send_reply",
]

HEAD_SIZE: Final = 64 * 1024
"""Bytes of a reply that are enough to know it by; one without a statement is never as long."""

_BEFORE_ROOT: Final = rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*"
_STATEMENT: Final = re.compile(_BEFORE_ROOT + rb"<FlexQueryResponse[\s/>]", re.DOTALL)
_STATUS: Final = re.compile(_BEFORE_ROOT + rb"<FlexStatementResponse[\s/>]", re.DOTALL)
_WEB_PAGE: Final = re.compile(_BEFORE_ROOT + rb"(?i:<(?:!doctype\s+html|html|head|body)[\s>])", re.DOTALL)
_END: Final = re.compile(rb"</FlexQueryResponse\s*>\s*\Z|<FlexQueryResponse[^<>]*/>\s*\Z")
_MAYBE_XML: Final = re.compile(r"xml|html|^text/plain|^application/octet-stream|^$", re.IGNORECASE)
_FORMAT: Final[Mapping[FlexRequest, str]] = {
    FlexRequest.SEND: "Check IBKR_FLEX_BASE_URL if it is set, and run again later.",
    FlexRequest.GET: "Set the format of the Flex query to XML, and run again.",
}
_BUSY: Final = frozenset({408, 425, 429})
_TOO_MANY: Final = 429
_SOON: Final = 5.0
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply as far as it was read: `head` is the whole body, or its first :data:`HEAD_SIZE` bytes at least.

    `content_type` and `retry_after` are the headers of these names, empty where there are none.
    """

    status: int
    head: bytes
    content_type: str = ""
    retry_after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """IBKR makes the statement; it is fetched from `url`, which is safe to send the token to."""

    reference: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """IBKR is at work on the statement; ask again in `retry_after` seconds or later (0: it did not say)."""

    retry_after: float


@dataclass(frozen=True, slots=True)
class StatementStarts:
    """The body is the statement."""


def begins_statement(head: bytes) -> bool:
    """Whether a body that begins with `head` is a statement."""
    return _STATEMENT.match(head) is not None


def ends_statement(tail: bytes) -> bool:
    """Whether a statement whose last bytes are `tail` is all there."""
    return _END.search(tail) is not None


def read_send_reply(reply: Reply, *, base_url: str) -> Accepted | Pending | FlexError:
    """What the reply to SendRequest at `base_url` says; an error is a value here, for the caller to raise."""
    if not _is_status(reply):
        return _no_statement(reply, FlexRequest.SEND)
    fields = _fields(reply.head)
    failure = _told(fields, reply, FlexRequest.SEND)
    reference = fields.get("ReferenceCode")
    if failure is not None or not reference or fields.get("Status") == "Fail":
        return failure or _unclear(reply, FlexRequest.SEND)
    url = fields.get("Url") or endpoint(base_url, FlexRequest.GET)
    try:
        return Accepted(reference=reference, url=safe_address(url, base_url=base_url))
    except ForeignAddressError as error:
        return error


def read_get_reply(reply: Reply) -> StatementStarts | Pending | FlexError:
    """What the reply to GetStatement says; an error is a value here, for the caller to raise."""
    if _is_status(reply):
        failure = _told(_fields(reply.head), reply, FlexRequest.GET)
        return failure or _unclear(reply, FlexRequest.GET)
    if reply.status // 100 == 2 and begins_statement(reply.head):
        return StatementStarts()
    return _no_statement(reply, FlexRequest.GET)


def _is_status(reply: Reply) -> bool:
    return _STATUS.match(reply.head) is not None


def _told(fields: Mapping[str, str], reply: Reply, request: FlexRequest) -> Pending | FlexError | None:
    """What the code in `fields` says, None where there is none."""
    code = fields.get("ErrorCode")
    if code == PENDING:
        return Pending(retry_after=_seconds(reply.retry_after))
    return (
        code_error(_clean(code), told=_clean(fields.get("ErrorMessage")), request=request) if code else None
    )


def _fields(body: bytes) -> dict[str, str]:
    """The texts of the elements inside the outermost one; none where the body is not sound XML."""
    body = body.strip()  # XML allows no white space before its declaration, but servers do
    try:
        for _ in events([body]):
            pass  # refuses what the reader below would let grow
    except ScanError:
        return {}
    root = ET.fromstring(body)  # noqa: S314  # short, and free of a document type, as was just checked
    return {child.tag: text for child in root if (text := (child.text or "").strip())}


def _by_status(reply: Reply, request: FlexRequest) -> FlexError:
    status = reply.status
    if 300 <= status < 400:
        return RedirectedError(
            f"The server redirects {request} elsewhere (HTTP {status}), which is not followed: the token "
            "would go along. Check IBKR_FLEX_BASE_URL if it is set, and whether something between here and "
            "IBKR changes replies.",
            request=request,
        )
    if status >= 500 or status in _BUSY:
        least = MINUTE if status == _TOO_MANY else _SOON
        return HttpBusyError(
            f"The server cannot answer {request} at the moment (HTTP {status}). Run again later.",
            request=request,
            pause=max(least, _seconds(reply.retry_after)),
            counts_towards_lockout=status == _TOO_MANY and request is FlexRequest.SEND,
        )
    return HttpRefusedError(
        f"The server refuses {request} (HTTP {status}). Check IBKR_FLEX_BASE_URL if it is set, and whether "
        "something between here and IBKR (a proxy, a firewall) answers in its place.",
        request=request,
        counts_towards_lockout=request is FlexRequest.SEND,
    )


def _no_statement(reply: Reply, request: FlexRequest) -> FlexError:
    if reply.status // 100 != 2:
        return _by_status(reply, request)
    if not reply.head.strip():
        return EmptyReplyError(
            f"The reply to {request} is empty. That is no statement without activity, so nothing was booked. "
            "Run again later.",
            request=request,
            pause=_SOON,
        )
    if _WEB_PAGE.match(reply.head) is not None:
        return WebPageError(
            f"The reply to {request} is a web page, as IBKR shows during maintenance. Run again later.",
            request=request,
            pause=_SOON,
        )
    content_type = reply.content_type.partition(";")[0].strip()
    if _MAYBE_XML.search(content_type) is None:
        return WrongContentTypeError(
            f"The reply to {request} is {_clean(content_type)}, not XML. Nothing was booked. "
            f"{_FORMAT[request]}",
            request=request,
        )
    return _unclear(reply, request)


def _unclear(reply: Reply, request: FlexRequest) -> UnclearReplyError:
    beginning = _clean(reply.head[:_SHOWN].decode("utf-8", "replace"))
    return UnclearReplyError(
        f"The reply to {request} has neither a code nor a statement in it. Nothing was booked. "
        f"{_FORMAT[request]} It begins with {beginning!r}.",
        request=request,
    )


def _clean(text: str | None) -> str:
    """`text` as one short line."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text or "")
    return " ".join(printable.split())[:_SHOWN]


def _seconds(retry_after: str) -> float:
    """The header ``Retry-After``; 0 where it is missing or a date."""
    return float(retry_after) if re.fullmatch(r"[0-9]{1,6}", retry_after.strip()) is not None else 0.0
