"""The reference of the errors, out of their classes; what to do about each is a person's word."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from functools import cache

import broker_sync
from broker_sync.errors import BrokerSyncError

__all__ = ["advice_in", "errors", "kinds", "statuses"]

_ROW = re.compile(r"^\| `(\w+)` \| \d+ \|[^|]*\|\s*(.*?)\s*\|$", re.MULTILINE)
_MEANINGS: Mapping[int, str] = {
    0: "done",
    1: "something failed: look at the message",
    2: "wrong settings or arguments: mend them first",
    3: "refused: what came is not what it should be, nothing was booked",
    4: "only with `--strict`: records were rejected, or both sides differ",
    75: "try later: the other side is busy or away, or another run is at work",
    130: "somebody pressed Ctrl-C (SIGINT): the next run goes on from there",
    143: "it was asked to stop (SIGTERM): the same",
}


def statuses() -> str:
    """The exit statuses, with the errors that have each."""
    names: dict[int, list[str]] = {status: [] for status in _MEANINGS}
    for kind in kinds():
        names[kind.exit_code].append(kind.__name__)
    rows = [
        f"| {status} | {meaning} | {len(names[status]) or '-'} |" for status, meaning in _MEANINGS.items()
    ]
    return "\n".join(["| status | meaning | errors below |", "| --- | --- | --- |", *rows, ""])


def errors(page: str) -> str:
    """A row for each class of error, with the advice that `page` has on it."""
    advice = advice_in(page)
    rows = [
        f"| `{kind.__name__}` | {kind.exit_code} | {_meaning(kind)} | {advice.get(kind.__name__, '')} |"
        for kind in kinds()
    ]
    head = ["| error | status | meaning | what to do |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *rows, ""])


def advice_in(page: str) -> Mapping[str, str]:
    """What `page` says is to be done, by the name of the error."""
    return dict(_ROW.findall(page))


@cache
def kinds() -> tuple[type[BrokerSyncError], ...]:
    """Every class of error that is raised on purpose, by exit status and name."""
    for module in pkgutil.walk_packages(broker_sync.__path__, "broker_sync."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return tuple(sorted(set(_below(BrokerSyncError)), key=lambda kind: (kind.exit_code, kind.__name__)))


def _below(kind: type[BrokerSyncError]) -> Iterator[type[BrokerSyncError]]:
    if kind.__module__.startswith("broker_sync."):
        yield kind
    for each in kind.__subclasses__():
        yield from _below(each)


def _meaning(kind: type[BrokerSyncError]) -> str:
    first = inspect.cleandoc(kind.__doc__ or "").split("\n\n", maxsplit=1)[0]
    return " ".join(first.split())
