"""A server on this machine that takes what it is sent, and answers as it is told to."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

__all__ = ["Got", "Hook", "hook"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """One request."""

    path: str
    body: str

    @property
    def message(self) -> dict[str, Any]:
        """What Apprise's ``json://`` sends."""
        told: dict[str, Any] = json.loads(self.body)
        return told


@dataclass(slots=True)
class Hook:
    """What came, in its order; every path in `refused` is answered with 500.

    An answer to a path in `endless` never comes to its end, until `is_over`.
    """

    port: int
    got: list[Got] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    answer: str = "OK"
    endless: set[str] = field(default_factory=set)
    is_over: Event = field(default_factory=Event)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        return [each.path for each in self.got]

    def titles(self) -> list[str]:
        return [each.message["title"] for each in self.got if each.body.startswith("{")]

    def forget(self) -> None:
        self.got.clear()
        self.refused.clear()
        self.endless.clear()


@contextmanager
def hook() -> Iterator[Hook]:
    """A server until the end of the block."""
    taken: Hook

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            taken.got.append(Got(path=self.path, body=body))
            self.send_response(500 if self.path in taken.refused else 200)
            self.end_headers()
            self.wfile.write(taken.answer.encode())
            while self.path in taken.endless and not taken.is_over.wait(0.01):
                self.wfile.write(b" ")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        taken = Hook(port=server.server_port)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield taken
        taken.is_over.set()
        server.shutdown()
