"""The service on a socket of this machine."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from tests.standins.flex.answers import Answer
from tests.standins.flex.service import FlexService


class FlexServer:
    """Answers for `service` on 127.0.0.1 while it is entered; `port` 0 takes a free one."""

    def __init__(self, service: FlexService, *, port: int = 0) -> None:
        self.service = service
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.flex = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True)

    @property
    def address(self) -> str:
        """Where it can be reached, without a path."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self) -> None:
        """Until somebody ends the program."""
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a connection may be kept alive by a client that is not closed yet
    flex: FlexServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer would wait for an acknowledgement

    def handle(self) -> None:
        with suppress(ConnectionError):  # the client may go at any time
            super().handle()

    def do_GET(self) -> None:
        assert isinstance(self.server, _Server)
        flex = self.server.flex
        parts = urlsplit(self.path)
        answer = flex.service.answer(
            parts.path, dict(parse_qsl(parts.query)), self.headers.get("User-Agent", ""), flex.address
        )
        if answer.hangs_up or answer.promised is not None:
            self.close_connection = True
        if not answer.hangs_up:
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(answer.promised or len(answer.body)))
        for name, text in answer.headers.items():
            self.send_header(name, text)
        self.end_headers()
        if not answer.pause:
            self.wfile.write(answer.body)
            return
        for start in range(len(answer.body)):
            self.wfile.write(answer.body[start : start + 1])
            time.sleep(answer.pause)

    def log_message(self, *_: object) -> None:
        """Say nothing: the address has the token in it."""
