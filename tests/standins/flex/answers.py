"""Answers of the service, and what can be made of them: each fault takes the right answer and spoils it."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias
from xml.sax.saxutils import escape

XML = "text/xml;charset=UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes over the wire.

    `promised` is the Content-Length where it is not the true one; `pause` are seconds between bytes; with
    `hangs_up` nothing at all is sent.
    """

    body: bytes = b""
    status: int = 200
    content_type: str = XML
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int | None = None
    pause: float = 0.0
    hangs_up: bool = False


Fault: TypeAlias = Callable[[Answer], Answer]


def status_xml(**fields: str) -> bytes:
    """A FlexStatementResponse with `fields` as its elements."""
    inside = "".join(f"<{name}>{escape(text)}</{name}>\n" for name, text in fields.items())
    return (
        f"<FlexStatementResponse timestamp='01 June, 2026 02:00 AM EDT'>\n{inside}</FlexStatementResponse>\n"
    ).encode()


def code(number: int, text: str = "Made-up words.") -> Fault:
    """An error code; 1019 comes as a warning, as IBKR has it."""
    status = "Warn" if number == 1019 else "Fail"
    body = status_xml(Status=status, ErrorCode=str(number), ErrorMessage=text)
    return lambda _: Answer(body=body)


def as_usual(answer: Answer) -> Answer:
    return answer


def http(status: int, **headers: str) -> Fault:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return lambda _: Answer(status=status, body=b"made up", content_type="text/plain", headers=named)


def redirect(to: str) -> Fault:
    return lambda _: Answer(status=302, headers={"Location": to})


def web_page(_: Answer) -> Answer:
    page = b"<!DOCTYPE html>\n<html><head><title>Maintenance</title></head><body>Back soon</body></html>"
    return Answer(body=page, content_type="text/html")


def hang_up(_: Answer) -> Answer:
    return Answer(hangs_up=True)


def drip(seconds: float) -> Fault:
    return lambda answer: replace(answer, pause=seconds)


def truncated(answer: Answer) -> Answer:
    """Half of the body, as if that were all."""
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def broken_off(answer: Answer) -> Answer:
    """Half of the body, where the whole was promised."""
    return replace(truncated(answer), promised=len(answer.body))


def empty(answer: Answer) -> Answer:
    return replace(answer, body=b"")


def other_type(_: Answer) -> Answer:
    return Answer(body=b"%PDF-1.7 made up", content_type="application/pdf")


def neither(_: Answer) -> Answer:
    return Answer(body=status_xml(Status="Success"))


def foreign(url: str) -> Fault:
    """The statement is said to be at `url`."""
    return lambda _: Answer(body=status_xml(Status="Success", ReferenceCode="1", Url=url))


def gzipped(answer: Answer) -> Answer:
    return replace(answer, body=gzip.compress(answer.body), headers={"Content-Encoding": "gzip"})
