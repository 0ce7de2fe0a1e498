"""What an answer of the server means: the value that it carries, or the error that it stands for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NoReturn
from urllib.parse import urlsplit

from broker_sync.sinks.wealthfolio.errors import (
    AnswerError,
    NotWealthfolioError,
    ProfileLockedError,
    ProxyLoginError,
    RequestRefusedError,
    RequestTooLargeError,
    ServerFaultError,
    TooManyLoginsError,
    TrackerAwayError,
    UnknownOutcomeError,
    WealthfolioError,
)
from broker_sync.sinks.wealthfolio.fields import JsonValue

__all__ = ["Answer", "Asked", "NotLoggedIn", "encode", "meaning", "seconds_to_wait", "session_token"]

_COOKIE: Final = re.compile(r"wf_session=([^;\s]*)")
_AWAY: Final = frozenset({429, 502, 503, 504})
_LOGIN: Final = "/auth/login"
_SHORT: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request: `server` is its address as it may be shown, `changes` says that it changes something."""

    server: str
    method: str
    path: str
    changes: bool

    @property
    def name(self) -> str:
        """How errors speak of it."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as it came; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def is_json(self) -> bool:
        """Whether it says that it is JSON."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"

    @property
    def is_page(self) -> bool:
        """Whether it says that it is a web page."""
        return "html" in self.headers.get("content-type", "").lower()


@dataclass(frozen=True, slots=True)
class NotLoggedIn:
    """The server wants a login first; `by_proxy` says that it is a proxy with a password of its own."""

    by_proxy: bool = False


def encode(value: JsonValue) -> bytes:
    """`value` as the body of a request. Numbers with a fraction must be texts: TypeError for a Decimal."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def meaning(asked: Asked, answer: Answer) -> JsonValue | NotLoggedIn:
    """The value that `answer` carries, None for an empty one.

    Raises the :class:`~broker_sync.sinks.wealthfolio.errors.WealthfolioError` that it stands for.
    """
    if 200 <= answer.status < 300:
        return _value(asked, answer)
    if answer.status == 401 or _is_broken_token(answer):
        return _unauthorised(asked, answer)
    if asked.path == _LOGIN and answer.status == 429:
        raise TooManyLoginsError(server=asked.server, retry_after=seconds_to_wait(answer))
    if 300 <= answer.status < 400:
        raise _redirected(asked, answer)
    if answer.status >= 500 or answer.status in {408, 429}:
        raise _failed(asked, answer)
    raise _refused(asked, answer)


def session_token(cookies: list[str]) -> str | None:
    """The session in the `Set-Cookie` headers of an answer, None if they bring none."""
    for cookie in cookies:
        found = _COOKIE.match(cookie.strip())
        if found and found[1]:
            return found[1]
    return None


def seconds_to_wait(answer: Answer) -> int | None:
    """How long the server asks to be left alone, None when it does not say so in seconds."""
    text = answer.headers.get("retry-after", "").strip()
    return int(text) if text.isascii() and text.isdigit() else None


def _value(asked: Asked, answer: Answer) -> JsonValue:
    if not answer.body:
        return None
    if not answer.is_json:
        if asked.changes and not answer.is_page:
            raise UnknownOutcomeError(request=asked.name, found=_told(answer), status=answer.status)
        raise NotWealthfolioError(address=asked.server, found=_told(answer))
    try:
        value: JsonValue = json.loads(answer.body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        # A body that stops half-way: the change was made, its answer got lost.
        if asked.changes:
            raise UnknownOutcomeError(
                request=asked.name, found="its answer is damaged", status=answer.status
            ) from None
        raise AnswerError(f"Wealthfolio's answer to {asked.name} is not JSON, though it says so.") from None
    return value


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _is_broken_token(answer: Answer) -> bool:
    # The server takes a session that is not even of its form (another server's) for a fault of its own.
    return answer.status == 500 and "validate token" in _said(answer)


def _unauthorised(asked: Asked, answer: Answer) -> NotLoggedIn:
    challenge = answer.headers.get("www-authenticate", "").lower()
    if challenge.startswith("basic"):
        return NotLoggedIn(by_proxy=True)
    if answer.is_page:
        raise ProxyLoginError(
            server=asked.server,
            found="a web page that asks for a login (HTTP 401)",
            advice="Let the proxy pass requests to /api/ without a login of its own.",
        )
    return NotLoggedIn()


def _redirected(asked: Asked, answer: Answer) -> WealthfolioError:
    target = urlsplit(answer.headers.get("location", ""))
    here = urlsplit(asked.server)
    if target.scheme == "https" and here.scheme == "http" and target.hostname == here.hostname:
        return NotWealthfolioError(
            address=asked.server, found=f"that it is to be called as https://{target.netloc} (a redirect)"
        )
    place = target.netloc or "another page of it"
    return ProxyLoginError(
        server=asked.server,
        found=f"with a redirect to {place} (HTTP {answer.status})",
        advice="If that is a login page, let the proxy pass requests to /api/ without a login of its own; "
        "if Wealthfolio has moved, set WF_BASE_URL to where it is now.",
    )


def _failed(asked: Asked, answer: Answer) -> WealthfolioError:
    # A refusal for want of time or place (429) comes before the request is looked at; all others may come
    # when it has been carried out.
    if asked.changes and answer.status != 429:
        return UnknownOutcomeError(request=asked.name, found=_told(answer), status=answer.status)
    if answer.status in _AWAY or answer.status == 408 or answer.is_page:
        return TrackerAwayError(server=asked.server, found=_told(answer))
    return ServerFaultError(request=asked.name, status=answer.status, said=_said(answer))


def _refused(asked: Asked, answer: Answer) -> WealthfolioError:
    said = _said(answer)
    if answer.status == 423:
        return ProfileLockedError(server=asked.server, said=said)
    if answer.status == 413:
        return RequestTooLargeError(request=asked.name, status=413, said=said)
    if answer.status == 403 and not answer.is_json:
        return ProxyLoginError(
            server=asked.server,
            found=_told(answer),
            advice="Let the proxy or the firewall pass requests to /api/ from this machine.",
        )
    if answer.is_page or (answer.status in {404, 405} and not answer.is_json):
        return NotWealthfolioError(address=asked.server, found=f"{_told(answer)} to {asked.name}")
    return RequestRefusedError(request=asked.name, status=answer.status, said=said)


def _said(answer: Answer) -> str:
    """The server's own word; nothing of a web page."""
    if answer.is_page:
        return ""
    text = answer.body.decode("utf-8", errors="replace").strip()
    if answer.is_json:
        try:
            body = json.loads(text)
        except ValueError:
            return text[:_SHORT]
        if isinstance(body, dict) and isinstance(body.get("message"), str):
            text = body["message"]
    return text[:_SHORT]


def _told(answer: Answer) -> str:
    """What came, in a few words."""
    if answer.is_page:
        return f"a web page (HTTP {answer.status})"
    said = _said(answer)
    return f"HTTP {answer.status}: {said}" if said else f"HTTP {answer.status} and nothing else"
