"""Talking to a Wealthfolio server: one session, bounded patience, no change sent twice on suspicion."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from broker_sync.sinks.wealthfolio.address import parse_address
from broker_sync.sinks.wealthfolio.answers import Asked, NotLoggedIn, encode, meaning, seconds_to_wait
from broker_sync.sinks.wealthfolio.connection import Connection, ProxyLogin, Timeouts
from broker_sync.sinks.wealthfolio.errors import (
    LoginRefusedError,
    OidcOnlyError,
    PasswordMissingError,
    ProxyLoginError,
    SessionLostError,
    TooManyLoginsError,
    TrackerAwayError,
)
from broker_sync.sinks.wealthfolio.fields import Fields, JsonValue
from broker_sync.sinks.wealthfolio.session import SessionFile

if TYPE_CHECKING:
    import httpx

__all__ = ["Patience", "Sleep", "WealthfolioClient"]

_log: Final = logging.getLogger(__name__)

_NEVER: Final = float("inf")
_SHORTEST_SESSION: Final = 60  # the server counts them in minutes

Sleep = Callable[[float], Awaitable[None]]
"""Waits for so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often a question is asked of a server that is away; waits in seconds, doubled each time."""

    tries: int = 6
    first_wait: float = 0.5
    longest_wait: float = 10.0
    in_all: float = 90.0


class WealthfolioClient:
    """The interface of one server; paths are relative to ``/api/v1``.

    `password` is that of the login page. Wealthfolio knows no user names, so `username` is used only where a
    proxy in front of it asks for one (HTTP Basic, with the same password; another pair can stand in the
    address: ``https://name:password@host``). `session` keeps the login from run to run. Values go out and
    come in as :data:`~broker_sync.sinks.wealthfolio.fields.JsonValue`.

    All calls raise a :class:`~broker_sync.sinks.wealthfolio.errors.WealthfolioError`. While the server is
    away, questions are asked again. A change is sent again only if it cannot have arrived; else it raises
    :class:`~broker_sync.sinks.wealthfolio.errors.UnknownOutcomeError`.
    """

    def __init__(
        self,
        base_url: str,
        *,
        password: str | None,
        username: str | None = None,
        session: SessionFile | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        patience: Patience | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._address = parse_address(base_url)
        self._password = password
        self._username = username
        self._session = session
        self._sleep = sleep
        self._clock = clock
        self._patience = Patience() if patience is None else patience
        self._wire = Connection(
            self._address,
            transport=transport,
            timeouts=Timeouts() if timeouts is None else timeouts,
            on_session=self._keep,
        )
        self._ready = False
        self._session_ends: float | None = None
        self._no_login: LoginRefusedError | TooManyLoginsError | None = None
        self._logging_in = asyncio.Lock()

    def __repr__(self) -> str:
        return f"WealthfolioClient({self.server!r})"

    @property
    def server(self) -> str:
        """The server's address, as it may be shown."""
        return self._address.shown

    @property
    def is_exposed(self) -> bool:
        """Whether what is sent could be read on the way."""
        return self._address.exposed

    @property
    def login(self) -> str:
        """How the server was persuaded to answer, in words; empty before it was."""
        if not self._ready:
            return ""
        if self._session_ends is None:
            return "with the session of an earlier run"
        return "none is needed" if self._session_ends == _NEVER else "with the password, just now"

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> JsonValue:
        """Ask."""
        return await self._call(self._asked("GET", path, changes=False), params=params)

    async def query(self, path: str, body: JsonValue) -> JsonValue:
        """Ask with a POST that changes nothing."""
        return await self._call(self._asked("POST", path, changes=False), body=encode(body))

    async def post(self, path: str, body: JsonValue | bytes = None) -> JsonValue:
        """Change something; bytes are a body that is encoded already."""
        return await self._call(self._asked("POST", path, changes=True), body=_encoded(body))

    async def put(self, path: str, body: JsonValue | bytes = None) -> JsonValue:
        """Change something; bytes are a body that is encoded already."""
        return await self._call(self._asked("PUT", path, changes=True), body=_encoded(body))

    async def delete(self, path: str, params: Mapping[str, str] | None = None) -> JsonValue:
        """Delete something."""
        return await self._call(self._asked("DELETE", path, changes=True), params=params)

    async def close(self) -> None:
        """Let go of the connections; the session stays open on the server."""
        await self._wire.close()

    def _asked(self, method: str, path: str, *, changes: bool) -> Asked:
        return Asked(server=self.server, method=method, path=path, changes=changes)

    async def _call(
        self, asked: Asked, *, params: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> JsonValue:
        await self._get_ready()
        while True:
            token = self._wire.token
            value = await self._ask(asked, params=params, body=body)
            if not isinstance(value, NotLoggedIn):
                return value
            # Nothing was done yet, so even a change may be sent again. Both raise the second time.
            if value.by_proxy:
                self._answer_the_proxy()
            else:
                await self._log_in_again(token)

    async def _get_ready(self) -> None:
        async with self._logging_in:
            if self._ready:
                return
            if self._address.exposed:
                _log.warning(
                    "%s is neither encrypted nor on a network of your own: whoever is in between can read "
                    "the password and all activities. Use https://.",
                    self.server,
                )
            self._wire.token = None if self._session is None else self._session.load(self.server)
            if self._wire.token is None:
                await self._log_in()
            self._ready = True

    async def _log_in_again(self, refused: str | None) -> None:
        """Log in, once a run unless the session that came of it has had its time."""
        async with self._logging_in:
            if self._wire.token != refused:
                return  # another call has done so meanwhile
            if self._session_ends is not None and self._clock() < self._session_ends:
                raise SessionLostError(server=self.server, behind_proxy=self._wire.proxy is not None)
            self._wire.token = None
            await self._log_in()

    async def _log_in(self) -> None:
        status = Fields.of(await self._open_question("GET", "/auth/status"), "the answer of /auth/status")
        if not status.flag("requiresPassword"):
            if status.maybe_flag("oidcEnabled"):
                raise OidcOnlyError(server=self.server)
            self._session_ends = _NEVER
            return
        lasts = await self._show_password()
        self._session_ends = self._clock() + max(lasts, _SHORTEST_SESSION)
        if self._wire.token is None:
            raise SessionLostError(server=self.server, behind_proxy=self._wire.proxy is not None)

    async def _show_password(self) -> int:
        """Log in; gives back for how many seconds. A refusal stands for the whole run."""
        if self._no_login is not None:
            raise self._no_login
        if self._password is None:
            raise PasswordMissingError(server=self.server)
        try:
            answer = await self._open_question("POST", "/auth/login", encode({"password": self._password}))
        except (LoginRefusedError, TooManyLoginsError) as error:
            self._no_login = error
            raise
        return Fields.of(answer, "the answer of /auth/login").count("expiresIn")

    async def _open_question(self, method: str, path: str, body: bytes | None = None) -> JsonValue:
        """Ask what needs no session."""
        asked = self._asked(method, path, changes=False)
        while True:
            value = await self._ask(asked, body=body)
            if not isinstance(value, NotLoggedIn):
                return value
            if not value.by_proxy:
                raise LoginRefusedError(server=self.server)
            self._answer_the_proxy()

    def _answer_the_proxy(self) -> None:
        """Show a proxy its name and password from now on; raises if it has seen them."""
        if self._wire.proxy is None and self._username is not None and self._password is not None:
            self._wire.proxy = ProxyLogin(self._username, self._password)
            return
        advice = (
            "Set WF_USERNAME, or put both into WF_BASE_URL: https://name:password@host"
            if self._wire.proxy is None
            else "It refused those that are set: check WF_USERNAME, WF_PASSWORD and WF_BASE_URL."
        )
        found = "that it wants a user name and a password (HTTP 401, Basic)"
        raise ProxyLoginError(server=self.server, found=found, advice=advice)

    async def _ask(
        self, asked: Asked, *, params: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> JsonValue | NotLoggedIn:
        """Send until there is an answer that means something, as long as patience lasts."""
        patience = self._patience
        ends = self._clock() + patience.in_all
        wait, tries = patience.first_wait, 1
        while True:
            pause = wait
            try:
                answer = await self._wire.send(asked, params=params, body=body)
                pause = max(wait, seconds_to_wait(answer) or 0)
                return meaning(asked, answer)
            except TrackerAwayError:
                if tries == patience.tries or self._clock() + pause > ends:
                    raise
            await self._sleep(pause)
            wait, tries = min(wait * 2, patience.longest_wait), tries + 1

    def _keep(self, token: str) -> None:
        if self._session is not None:
            self._session.save(self.server, token)


def _encoded(body: JsonValue | bytes) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    return encode(body)
