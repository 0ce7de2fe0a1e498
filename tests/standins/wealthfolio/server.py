"""The stand-in on a socket of this machine."""

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from tests.standins.wealthfolio.faults import Answers, Faults, HangsUp, Killed, Stalls
from tests.standins.wealthfolio.replies import Reply
from tests.standins.wealthfolio.request import Request
from tests.standins.wealthfolio.service import Service

__all__ = ["Seen", "WealthfolioServer"]

_API = "/api/v1"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request that came in; the path is without /api/v1 and the query."""

    method: str
    path: str
    size: int


class WealthfolioServer:
    """Answers for `service` on 127.0.0.1 while it is entered, always on the same port."""

    def __init__(self, service: Service, *, port: int = 0) -> None:
        self.service = service
        self.faults = Faults()
        self.seen: list[Seen] = []
        self._port = port
        self._server: _Server | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Come up again with everything that was stored."""
        self._server = server = _Server(("127.0.0.1", self._port), _Handler, bind_and_activate=True)
        server.owner = self
        self._port = server.server_port
        threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True).start()

    def stop(self) -> None:
        """Go away at once; whoever is connected is cut off."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
            server.cut_off()

    def restart(self, *, new_secret: bool = False) -> None:
        """Go and come back; with a new secret no session is known any more."""
        self.stop()
        if new_secret:
            self.service.sessions.forget()
        self.start()

    def count(self, method: str, path: str) -> int:
        """How many such requests there were."""
        return len([each for each in self.seen if (each.method, each.path) == (method, path)])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64
    owner: WealthfolioServer

    def __init__(self, *arguments: object, **named: object) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # handed on as they are

    def cut_off(self) -> None:
        for each in list(self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: object, client_address: object) -> None:
        assert isinstance(request, socket.socket)
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: object) -> None:
        assert isinstance(request, socket.socket)
        self._open.discard(request)
        super().shutdown_request(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer would wait for an acknowledgement

    def handle(self) -> None:
        with suppress(ConnectionError):  # either side may go at any time
            super().handle()

    def handle_any(self) -> None:
        assert isinstance(self.server, _Server)
        owner = self.server.owner
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )
        path = parts.path.removeprefix(_API)
        owner.seen.append(Seen(method=self.command, path=path, size=len(request.body)))
        fault = owner.faults.next(self.command, path)
        if isinstance(fault, Killed):
            threading.Thread(target=owner.stop, daemon=True).start()
        if isinstance(fault, Killed | HangsUp):
            if isinstance(fault, HangsUp) and fault.carried_out:
                owner.service.answer(request)
            self.close_connection = True
            return
        if isinstance(fault, Answers):
            if fault.carried_out:
                owner.service.answer(request)
            self._send(fault.reply)
            return
        if isinstance(fault, Stalls):
            time.sleep(fault.seconds)
        self._send(owner.service.answer(request))

    do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815  # the names are the library's

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("content-length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
