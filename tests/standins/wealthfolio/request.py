"""A request as it came in, and what answers it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.standins.wealthfolio.activities import Activities
from tests.standins.wealthfolio.clock import Clock
from tests.standins.wealthfolio.portfolio import Portfolio
from tests.standins.wealthfolio.reading import Json, parsed
from tests.standins.wealthfolio.replies import Reply, bad_body
from tests.standins.wealthfolio.rules import Rules
from tests.standins.wealthfolio.store import Store

__all__ = ["Parts", "Request", "Route"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """The path is without the query, the names of headers are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def last(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    def json(self) -> Json:
        return parsed(self.body, self.headers.get("content-type", ""))

    def asked(self, name: str) -> str:
        """What the query says of `name`, which it must."""
        if name not in self.query:
            raise bad_body(f"missing field `{name}`", status=400)
        return self.query[name]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the routes work on."""

    rules: Rules
    clock: Clock
    store: Store
    activities: Activities
    portfolio: Portfolio


Route = Callable[[Parts, Request], Reply]
