"""What the stand-in answers with, and how it refuses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["RefusalError", "Reply", "bad_body", "failed", "refused"]


@dataclass(frozen=True, kw_only=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> "Reply":  # noqa: ANN401
        body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
        return cls(status=status, body=body, headers={"content-type": "application/json", **(headers or {})})

    @classmethod
    def text(cls, text: str, *, status: int) -> "Reply":
        return cls(status=status, body=text.encode(), headers={"content-type": "text/plain; charset=utf-8"})


class RefusalError(Exception):
    """Ends the handling of a request with `reply`; nothing that it did before is undone."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.body.decode())
        self.reply = reply


def refused(message: str, *, status: int = 400) -> RefusalError:
    """As the server's own rules refuse: JSON with the status and a message."""
    return RefusalError(Reply.of({"code": status, "message": message}, status=status))


def failed(message: str) -> RefusalError:
    """As the server calls its own faults, and some of its guests'."""
    return refused(message, status=500)


def bad_body(message: str, *, status: int = 422) -> RefusalError:
    """As the framework refuses what it cannot read: plain text."""
    return RefusalError(Reply.text(f"Failed to read the request: {message}", status=status))
