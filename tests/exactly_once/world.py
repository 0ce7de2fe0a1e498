"""What a run cannot take with it when it dies: the broker, the tracker, and the data directory as it was."""

from __future__ import annotations

import copy
import datetime as dt
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from tests.cli.nights import ACCOUNT, QUERY, TOKEN
from tests.simulation.life import Life
from tests.simulation.query import Query
from tests.simulation.statement import write
from tests.standins.flex import FlexServer, FlexService, NoStatementError
from tests.standins.flex.answers import Fault, as_usual
from tests.standins.flex.service import GET, SEND
from tests.standins.wealthfolio import PASSWORD, Reply, Service, WealthfolioServer
from tests.standins.wealthfolio.request import Request

_DAY = dt.timedelta(days=1)
_QUERY = Query()


@contextmanager
def fast_folder() -> Iterator[Path]:
    """A folder in memory where the machine has one: databases wait for the disk otherwise."""
    in_memory = Path("/dev/shm")  # noqa: S108  # a shared folder, in which only folders of our own are made
    with TemporaryDirectory(dir=in_memory if in_memory.is_dir() else None) as folder:
        yield Path(folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """What the broker has to tell on a night; `fault` spoils its answers to `faulty`, all of them."""

    life: Life
    fault: Fault = as_usual
    faulty: str = SEND
    earliest: dt.date | None = None

    def statement(self, first: dt.date | None, last: dt.date | None) -> bytes:
        """The statement of those days."""
        last = last or self.life.last_day
        first = first or last - 13 * _DAY
        if last < self.life.first_day or (self.earliest is not None and first < self.earliest):
            raise NoStatementError
        return _written(_Told(self.life), first, last)


class _Told:
    """A life as the key of a cache: the same one, not an equal one."""

    def __init__(self, life: Life) -> None:
        self.life = life

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Told) and other.life is self.life

    def __hash__(self) -> int:
        return id(self.life)


@lru_cache(maxsize=512)
def _written(told: _Told, first: dt.date, last: dt.date) -> bytes:
    return write(told.life, _QUERY, first, last).text.encode()


class Switch:
    """Answers for one tracker or another, never for two at once."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.lock = threading.Lock()

    def answer(self, request: Request) -> Reply:
        """The answer of the tracker that it is now."""
        with self.lock:
            return self.service.answer(request)

    @property
    def sessions(self) -> object:
        """Those of the tracker that it is now."""
        return self.service.sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The world at one moment."""

    folder: Path
    tracker: Service


@dataclass(slots=True)
class World:
    """The broker, the tracker and a Pushgateway, which outlive every run; `folder` is for files."""

    folder: Path
    sink: str = "ledger"
    flex: FlexService = field(init=False)
    _switch: Switch = field(init=False)
    _servers: ExitStack = field(default_factory=ExitStack)
    _flex_server: FlexServer = field(init=False)
    _tracker_server: WealthfolioServer = field(init=False)
    _gateway: _Gateway = field(init=False)
    _number: int = 0

    def __enter__(self) -> Self:
        self.flex = FlexService(lambda *_: b"", token=TOKEN, query_id=QUERY)
        self._switch = Switch(_new_tracker())
        self._flex_server = self._servers.enter_context(FlexServer(self.flex))
        server = WealthfolioServer(self._switch)  # type: ignore[arg-type]  # it answers, and that is all it does
        self._tracker_server = self._servers.enter_context(server)
        self._gateway = self._servers.enter_context(_Gateway())
        return self

    def __exit__(self, *_: object) -> None:
        self._servers.close()

    @property
    def tracker(self) -> Service:
        """The tracker as it is now."""
        return self._switch.service

    def is_told_by(self, broker: Broker) -> None:
        """From now on it is this that the broker tells."""
        self.flex.source = broker.statement
        for name in (SEND, GET):
            self.flex.fail(name, always=broker.fault if name == broker.faulty else as_usual)

    def environment(self, folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
        """The settings of a run on the data directory `folder`; ``GATEWAY`` takes whatever is sent to it."""
        return {
            "BROKER_SYNC_DATA_DIR": str(folder),
            "IBKR_FLEX_TOKEN": TOKEN,
            "IBKR_FLEX_QUERY_ID": QUERY,
            "IBKR_ACCOUNT_ID_UPSTREAM": ACCOUNT,
            "IBKR_FLEX_BASE_URL": self._flex_server.address,
            "BROKER_SYNC_ON_VANISHED": "delete",
            "PUSHGATEWAY_URL": self._gateway.address,
            **(
                {
                    "WF_BASE_URL": self._tracker_server.address,
                    "WF_PASSWORD": PASSWORD,
                    "WF_CREATE_ACCOUNT": "1",
                }
                if self.sink == "wealthfolio"
                else {}
            ),
            **{name: text.replace("GATEWAY", self._gateway.address) for name, text in settings.items()},
        }

    # --- as it was ---

    def fresh(self) -> Path:
        """A data directory that is not there yet, and a tracker with nothing in it."""
        self._settle()
        with self._switch.lock:
            self._switch.service = _new_tracker()
        return self._new_folder() / "data"

    def keep(self, folder: Path) -> Snapshot:
        """The world as it is now, with `folder` as the data directory."""
        self._settle()
        kept = self._new_folder()
        shutil.copytree(folder.parent, kept, dirs_exist_ok=True)
        with self._switch.lock:
            return Snapshot(folder=kept / folder.name, tracker=_copied(self.tracker))

    def put_back(self, snapshot: Snapshot) -> Path:
        """The data directory of a world that is as it was."""
        self._settle()
        folder = self._new_folder()
        shutil.copytree(snapshot.folder.parent, folder, dirs_exist_ok=True)
        with self._switch.lock:
            self._switch.service = _copied(snapshot.tracker)
        return folder / snapshot.folder.name

    def another(self, folder: Path) -> Path:
        """A second data directory, which is as `folder` is."""
        made = self._new_folder()
        shutil.copytree(folder.parent, made, dirs_exist_ok=True)
        return made / folder.name

    def _new_folder(self) -> Path:
        self._number += 1
        folder = self.folder / f"world-{self._number}"
        folder.mkdir()
        return folder

    def _settle(self) -> None:
        """Wait until nothing is left of what a run that was killed had asked for."""
        if self.sink != "wealthfolio":
            return
        # Connections are taken in their order: after this one is answered, none of a dead run is to come.
        server = self._tracker_server._server  # noqa: SLF001  # our own stand-in
        assert server is not None
        with closing(HTTPConnection("127.0.0.1", server.server_port)) as connection:
            connection.request("GET", "/api/v1/auth/status")
            connection.getresponse().read()
        while server._open:  # noqa: SLF001  # as above
            time.sleep(0.0005)


def _new_tracker() -> Service:
    return Service(settle_after=0)


def _copied(tracker: Service) -> Service:
    # A lock cannot be copied, and a counter need not be.
    shared = (tracker._one_at_a_time, tracker.store._count)  # noqa: SLF001  # our own stand-in
    return copy.deepcopy(tracker, {id(each): each for each in shared})


class _Gateway:
    """A Pushgateway that takes everything."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Taker)
        self._server.daemon_threads = True

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/metrics"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Taker(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer would wait for an acknowledgement

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PUT  # noqa: N815  # the names are the library's

    def log_message(self, *_: object) -> None:
        """Say nothing."""
