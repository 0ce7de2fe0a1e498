"""What the service answers: the protocol, and the faults that were asked for."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from tests.standins.flex.answers import Answer, Fault, as_usual, code, http, status_xml

Source: TypeAlias = Callable[[dt.date | None, dt.date | None], bytes]
"""The statement from a first day to a last, both included; (None, None) is the query's saved period."""

PATH = "/AccountManagement/FlexWebService"
SEND, GET = "SendRequest", "GetStatement"
_LONGEST = dt.timedelta(days=365)


class NoStatementError(Exception):
    """A source has no statement for these days; the service answers 1003."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came in."""

    name: str
    parameters: Mapping[str, str]
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    first: dt.date | None
    last: dt.date | None


class FlexService:
    """Serves the statements of `source` to whoever has `token` and `query_id`.

    `pending` polls of each statement say that it is not ready. `collapses` makes one day, the last, of every
    window; `refuses_windows` answers 1003 to them. `requests` are those that came in, in order.
    """

    def __init__(
        self,
        source: Source,
        *,
        token: str = "made-up-token",
        query_id: str = "123456",
        pending: int = 0,
        collapses: bool = False,
        refuses_windows: bool = False,
    ) -> None:
        self.source = source
        self.token = token
        self.query_id = query_id
        self.pending = pending
        self.collapses = collapses
        self.refuses_windows = refuses_windows
        self.requests: list[Asked] = []
        self._faults: dict[str, deque[Fault]] = {SEND: deque(), GET: deque()}
        self._always: dict[str, Fault] = {SEND: as_usual, GET: as_usual}
        self._numbers = itertools.count(1)
        self._orders: dict[str, _Order] = {}
        self._polls: dict[str, int] = {}

    def fail(self, name: str, *faults: Fault, always: Fault = as_usual) -> None:
        """Spoil the next answers to `name` with `faults`, one each, and those after them with `always`."""
        self._faults[name] = deque(faults)
        self._always[name] = always

    def names(self) -> list[str]:
        """The requests that came in."""
        return [asked.name for asked in self.requests]

    def answer(self, path: str, parameters: Mapping[str, str], user_agent: str, address: str) -> Answer:
        """The answer to a request for `path`; `address` is where the service can be reached."""
        name = path.rpartition("/")[2]
        if name not in self._faults:
            return http(404)(Answer())
        self.requests.append(Asked(name=name, parameters=dict(parameters), user_agent=user_agent))
        right = self._right(name, parameters, user_agent, address)
        faults = self._faults[name]
        return (faults.popleft() if faults else self._always[name])(right)

    def _right(self, name: str, parameters: Mapping[str, str], user_agent: str, address: str) -> Answer:
        if not user_agent or parameters.get("v") != "3":
            return code(1020, "Invalid request or unable to validate request.")(Answer())
        if parameters.get("t") != self.token:
            return code(1015, "Token is invalid.")(Answer())
        return self._send(parameters, address) if name == SEND else self._get(parameters)

    def _send(self, parameters: Mapping[str, str], address: str) -> Answer:
        if parameters.get("q") != self.query_id:
            return code(1014, "Query is invalid.")(Answer())
        order = _order(parameters)
        if order is None or (self.refuses_windows and order.first is not None):
            return code(1003, "Statement is not available.")(Answer())
        reference = str(next(self._numbers))
        self._orders[reference] = order
        url = f"{address}{PATH}/{GET}"
        return Answer(body=status_xml(Status="Success", ReferenceCode=reference, Url=url))

    def _get(self, parameters: Mapping[str, str]) -> Answer:
        reference = parameters.get("q", "")
        order = self._orders.get(reference)
        if order is None:
            return code(1017, "Reference code is invalid.")(Answer())
        polls = self._polls[reference] = self._polls.get(reference, 0) + 1
        if polls <= self.pending:
            return code(1019, "Statement generation in progress. Please try again shortly.")(Answer())
        try:
            return Answer(body=self.source(order.last if self.collapses else order.first, order.last))
        except NoStatementError:
            return code(1003, "Statement is not available.")(Answer())


def _order(parameters: Mapping[str, str]) -> _Order | None:
    """The days asked for, None where they are no window that IBKR takes."""
    if "fd" not in parameters and "td" not in parameters:
        return _Order(first=None, last=None)
    try:
        first, last = (dt.datetime.strptime(parameters[name], "%Y%m%d").date() for name in ("fd", "td"))  # noqa: DTZ007  # days
    except (KeyError, ValueError):
        return None
    return _Order(first=first, last=last) if dt.timedelta(0) <= last - first <= _LONGEST else None
