"""What can be made to go wrong, each once or several times, at the next request that fits."""

from dataclasses import dataclass, field

from tests.standins.wealthfolio.replies import Reply

__all__ = ["Answers", "Fault", "Faults", "HangsUp", "Killed", "Stalls"]


@dataclass(frozen=True, kw_only=True)
class HangsUp:
    """No answer, and the connection is closed; `carried_out` says whether the request was."""

    carried_out: bool


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Something else than the server itself would have said."""

    reply: Reply
    carried_out: bool = False


@dataclass(frozen=True, kw_only=True)
class Stalls:
    """An answer that comes late, by so many seconds."""

    seconds: float


@dataclass(frozen=True, kw_only=True)
class Killed:
    """The server ends in the middle of the request, which is lost, and stays away until it is started."""


Fault = HangsUp | Answers | Stalls | Killed


@dataclass
class _Planned:
    method: str
    path: str
    fault: Fault
    after: int


@dataclass
class Faults:
    _planned: list[_Planned] = field(default_factory=list)

    def plan(self, method: str, path: str, fault: Fault, *, times: int = 1, after: int = 0) -> None:
        """`fault` at the next `times` requests to `path`, once `after` of them have gone well."""
        self._planned += [_Planned(method, path, fault, after) for _ in range(times)]

    def next(self, method: str, path: str) -> Fault | None:
        for planned in self._planned:
            if (planned.method, planned.path) == (method, path):
                if planned.after > 0:
                    for other in self._planned:
                        if (other.method, other.path) == (method, path):
                            other.after -= 1
                    return None
                self._planned.remove(planned)
                return planned.fault
        return None
