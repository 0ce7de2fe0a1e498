"""The wire to one server: what goes out, and what it means when nothing comes back."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from broker_sync.errors import SettingsError
from broker_sync.sinks.wealthfolio.address import Address
from broker_sync.sinks.wealthfolio.answers import Answer, Asked, session_token
from broker_sync.sinks.wealthfolio.errors import TrackerAwayError, UnknownOutcomeError

if TYPE_CHECKING:
    import httpx

__all__ = ["Connection", "ProxyLogin", "Timeouts"]


@dataclass(frozen=True, slots=True)
class ProxyLogin:
    """What a proxy in front of the server wants to be told (HTTP Basic)."""

    user: str
    password: str

    def __repr__(self) -> str:
        return "ProxyLogin(***)"

    @property
    def header(self) -> str:
        """The value of the Authorization header."""
        return f"Basic {base64.b64encode(f'{self.user}:{self.password}'.encode()).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long to wait for the server, in seconds.

    `read` is for questions. `change` is for changes and as long as the server itself lets one take (five
    minutes): what is not waited for has to be asked for.
    """

    connect: float = 10.0
    read: float = 60.0
    change: float = 330.0


class Connection:
    """Sends requests, with the session and with what a proxy wants to see; opened at the first use.

    `token` and `proxy` may be set at any time. `on_session` is told every session that the server hands out.
    """

    def __init__(
        self,
        address: Address,
        *,
        transport: httpx.AsyncBaseTransport | None,
        timeouts: Timeouts,
        on_session: Callable[[str], None],
    ) -> None:
        self._address = address
        self._transport = transport
        self._timeouts = timeouts
        self._on_session = on_session
        self._http: httpx.AsyncClient | None = None
        self.token: str | None = None
        self.proxy = None if address.user is None else ProxyLogin(address.user, _or_nothing(address.password))

    async def send(
        self, asked: Asked, *, params: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Send once.

        Raises TrackerAwayError when the request cannot have changed anything, UnknownOutcomeError when it
        may have, SettingsError when the server's certificate is wrong.
        """
        import httpx  # noqa: PLC0415  # late, so that --help is quick

        http = self._opened()
        try:
            response = await http.request(
                asked.method,
                f"{self._address.api}{asked.path}",
                params=params,
                content=body,
                headers=self._headers(),
                timeout=self._timeout(asked),
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise self._not_reached(error) from None
        except httpx.TransportError as error:
            if asked.changes:
                raise UnknownOutcomeError(request=asked.name, found=_told(error)) from None
            raise TrackerAwayError(server=asked.server, found=_told(error)) from None
        finally:
            # The session goes out as a header of ours; a copy in a jar would outlive it.
            http.cookies.clear()
        self._note_session(response.headers.get_list("set-cookie"))
        return Answer(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=response.content,
        )

    async def close(self) -> None:
        """Let go of the connections; the session stays open on the server."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    def _opened(self) -> httpx.AsyncClient:
        from broker_sync.http_client import new_client  # noqa: PLC0415  # late, as above

        if self._http is None:
            self._http = new_client(transport=self._transport)
        return self._http

    def _headers(self) -> dict[str, str]:
        headers = {"accept": "application/json", "content-type": "application/json"}
        if self.proxy is not None:
            # The proxy takes the Authorization header, so the server gets the session as from a browser.
            headers["authorization"] = self.proxy.header
            if self.token is not None:
                headers["cookie"] = f"wf_session={self.token}"
        elif self.token is not None:
            headers["authorization"] = f"Bearer {self.token}"
        return headers

    def _timeout(self, asked: Asked) -> httpx.Timeout:
        import httpx  # noqa: PLC0415  # late, as above

        limits = self._timeouts
        return httpx.Timeout(limits.change if asked.changes else limits.read, connect=limits.connect)

    def _not_reached(self, error: Exception) -> SettingsError | TrackerAwayError:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return SettingsError(
                f"{self._address.shown} does not prove that it is what it says it is ({error}). Mend its "
                "certificate, or name the authority that signed it in SSL_CERT_FILE."
            )
        return TrackerAwayError(server=self._address.shown, found=_told(error))

    def _note_session(self, cookies: list[str]) -> None:
        # At the login, and again when half of a session's time is over.
        token = session_token(cookies)
        if token is not None and token != self.token:
            self.token = token
            self._on_session(token)


def _told(error: Exception) -> str:
    return str(error) or type(error).__name__


def _or_nothing(password: str | None) -> str:
    """A name without a password goes out with an empty one."""
    return "" if password is None else password
