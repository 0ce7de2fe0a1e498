"""One server: who may ask it, and what answers."""

import threading

from tests.standins.wealthfolio.activities import Activities
from tests.standins.wealthfolio.auth import Bucket, Sessions
from tests.standins.wealthfolio.clock import Clock
from tests.standins.wealthfolio.portfolio import Portfolio
from tests.standins.wealthfolio.reading import text
from tests.standins.wealthfolio.replies import RefusalError, Reply, bad_body, refused
from tests.standins.wealthfolio.request import Parts, Request, Route
from tests.standins.wealthfolio.routes_activities import ACTIVITIES
from tests.standins.wealthfolio.routes_portfolio import PORTFOLIO
from tests.standins.wealthfolio.routes_setup import SETUP
from tests.standins.wealthfolio.rules import Rules
from tests.standins.wealthfolio.store import Store

__all__ = ["PASSWORD", "Service"]

PASSWORD = "correct horse battery staple"
_LIMIT = 2 * 1024 * 1024
_API = "/api/v1"


class Service:
    """One server: `password` None means that it asks for none, `oidc` that people log in elsewhere."""

    def __init__(
        self,
        *,
        rules: Rules | None = None,
        clock: Clock | None = None,
        password: str | None = PASSWORD,
        ttl: float = 3600,
        settle_after: float = 1.0,
        quotes_take: float = 0.0,
        oidc: bool = False,
        locked: bool = False,
    ) -> None:
        clock = clock or Clock()
        rules = rules or Rules()
        self.store = store = Store(clock=clock)
        self.sessions = Sessions(clock, ttl=ttl)
        self._parts = Parts(
            rules=rules,
            clock=clock,
            store=store,
            activities=Activities(store, rules),
            portfolio=Portfolio(store, rules, settle_after=settle_after, quotes_take=quotes_take),
        )
        self._locked = locked
        self._oidc = oidc
        self._password = password
        self._bucket = Bucket(clock)
        self._one_at_a_time = threading.RLock()

    def answer(self, request: Request) -> Reply:
        with self._one_at_a_time:
            try:
                self._parts.portfolio.catch_up()
                return self._answer(request)
            except RefusalError as refusal:
                return refusal.reply

    def _answer(self, request: Request) -> Reply:
        if not request.path.startswith(_API):
            return Reply(status=404)
        path = request.path.removeprefix(_API)
        if path.startswith("/auth/"):
            return self._at_the_door(request.method, path, request)
        route = self._route(request.method, path)
        if isinstance(route, int):
            return Reply(status=route)
        cookie = self._check_session(request)
        if self._locked:
            return Reply.text("PROFILE_LOCKED", status=423)
        if len(request.body) > _LIMIT:
            raise bad_body("length limit exceeded", status=413)
        reply = route(self._parts, request)
        if cookie is None:
            return reply
        return Reply(status=reply.status, body=reply.body, headers={**reply.headers, "set-cookie": cookie})

    def _route(self, method: str, path: str) -> Route | int:
        """What to do, or the status for what there is not."""
        if path in _LINKS and not self._parts.rules.links:
            return 405 if method == "POST" else 404
        methods = _ROUTES.get(path)
        if methods is None:
            head, _, tail = path.rpartition("/")
            methods = _ROUTES.get(f"{head}/*") if tail else None
        if methods is None:
            return 404 if method == "GET" else 405
        return methods.get(method, 405)

    def _check_session(self, request: Request) -> str | None:
        if self._password is None and not self._oidc:
            return None
        return self.sessions.check(request.headers.get("authorization"), request.headers.get("cookie"))

    def _at_the_door(self, method: str, path: str, request: Request) -> Reply:
        """What needs no session."""
        if (method, path) == ("GET", "/auth/status"):
            return self._status()
        if (method, path) == ("POST", "/auth/login"):
            return self._login(request)
        return Reply(status=404 if method == "GET" else 405)

    def _status(self) -> Reply:
        status: dict[str, bool] = {"requiresPassword": self._password is not None}
        return Reply.of({**status, "oidcEnabled": True} if self._oidc else status)

    def _login(self, request: Request) -> Reply:
        self._bucket.take()
        shown = text(request.json(), "password", needed=True)
        if self._password is None:
            raise refused("No authentication here", status=404)
        if shown != self._password:
            raise refused("Invalid password", status=401)
        cookie = self.sessions.cookie(self.sessions.issue())
        answer = {"authenticated": True, "expiresIn": int(self.sessions.ttl)}
        return Reply.of(answer, headers={"set-cookie": cookie})


_LINKS = {"/activities/link"}
_ROUTES: dict[str, dict[str, Route]] = {**SETUP, **ACTIVITIES, **PORTFOLIO}
