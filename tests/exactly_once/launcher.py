"""Runs stages in processes that are forked from one that has imported everything, and kills them.

``python -m tests.exactly_once.launcher`` reads one order a line from stdin, as JSON, and answers each with a
line. The process has no threads, so that it may be forked.
"""

from __future__ import annotations

import gc
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.exactly_once.places import places_by_file
from tests.exactly_once.stages import Stage, run_stage
from tests.exactly_once.victim import Target, Victim

ROOT = Path(__file__).parents[2]
_OURS = ("IBKR_", "WF_", "BROKER_SYNC_", "PUSHGATEWAY_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run ended: `status` is None if it was killed. The rest is known of runs that were watched to
    their end.
    """

    status: int | None
    seconds: float
    out: str
    err: str
    trace: Sequence[str] = ()
    reached: frozenset[str] = frozenset()
    strays: Sequence[str] = ()


class Launcher:
    """The process that forks; a context manager. `environment` is all that the runs see."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch

    def __enter__(self) -> Self:
        environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("COV_")},  # noqa: TID251  # handed on
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.exactly_once.launcher", str(self._scratch)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def run(
        self,
        *stages: Stage,
        environment: Mapping[str, str],
        target: Target | None = None,
        first: bool = False,
        full: bool = False,
        after: float | None = None,
        watched: bool = False,
        audited: bool = False,
    ) -> Ended:
        """Run `stages` one after the other in one process, to the end or to where it is killed.

        At `target` it ends itself, or with `full` finds the disk full; with `first` at the first point that
        begins so. `after` so many seconds it is killed from outside. A run that is `watched` tells its steps;
        one that is `audited` also those that no place in the code explains, and takes longer.
        """
        order = {
            "stages": [stage.as_fields() for stage in stages],
            "environment": dict(environment),
            "target": None if target is None else [target.point, target.turn],
            "first": first,
            "full": full,
            "after": after,
            "watched": watched,
            "audited": audited,
        }
        return self._answered(order)[0]

    def warm_up(self, stage: Stage, environment: Mapping[str, str]) -> None:
        """Run `stage` in the process that forks, so that all runs begin with what it has worked out."""
        order = {"warm": True, "stages": [stage.as_fields()], "environment": dict(environment)}
        (ended,) = self._answered(order)
        assert ended.status == 0, ended

    def run_at_once(self, *orders: tuple[Stage, Mapping[str, str]]) -> list[Ended]:
        """Run stages at the same time, each in a process and an environment of its own."""
        return self._answered(
            {"at_once": [{"stages": [each.as_fields()], "environment": dict(env)} for each, env in orders]}
        )

    def _answered(self, order: Mapping[str, Any]) -> list[Ended]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        return [Ended(**{**each, "reached": frozenset(each.get("reached", ()))}) for each in told]


# --- in the process that forks ---


def main(scratch: Path) -> None:
    _get_ready()
    for line in sys.stdin:
        order = json.loads(line)
        if "warm" in order:
            _tell([{"status": _warmed(order), "seconds": 0.0, "out": "", "err": ""}])
            continue
        orders = order.get("at_once") or [order]
        started = [_forked(each, scratch / f"child-{number}") for number, each in enumerate(orders)]
        _tell([_waited_for(*each) for each in started])


def _tell(ended: list[dict[str, Any]]) -> None:
    sys.stdout.write(json.dumps(ended) + "\n")
    sys.stdout.flush()


def _warmed(order: Mapping[str, Any]) -> int:
    _set(order["environment"])
    with redirect_stdout(io.StringIO()):
        status = run_stage(Stage(**order["stages"][0]))
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.collect()
    gc.freeze()
    return status


def _set(environment: Mapping[str, str]) -> None:
    """The settings of a run, and no others."""
    ours = os.environ  # noqa: TID251  # it is a process of its own
    for name in [each for each in ours if each.startswith(_OURS)]:
        del ours[name]
    ours.update(environment)


def _get_ready() -> None:
    """Import and make all that every run would import and make."""
    import broker_sync.http_client  # noqa: PLC0415  # only here
    import tests.exactly_once.preloaded  # noqa: F401, PLC0415  # for what it imports

    broker_sync.http_client.new_client()
    places_by_file()
    gc.collect()
    gc.freeze()


def _forked(order: Mapping[str, Any], place: Path) -> tuple[int, float, float | None, Path]:
    place.mkdir(parents=True, exist_ok=True)
    for file in place.iterdir():
        file.unlink()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _live(order, place)
    return child, began, order.get("after"), place


def _waited_for(child: int, began: float, after: float | None, place: Path) -> dict[str, Any]:
    if after is not None:
        time.sleep(max(0.0, after - (time.monotonic() - began)))
        # It may have ended: then it waits to be asked how, and nobody else has its number.
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    seconds = time.monotonic() - began
    killed = os.WIFSIGNALED(status)
    if killed:
        assert os.WTERMSIG(status) == signal.SIGKILL, status
    told = place / "told.json"
    return {
        "status": None if killed else os.waitstatus_to_exitcode(status),
        "seconds": seconds,
        "out": _text(place / "out"),
        "err": _text(place / "err"),
        **(json.loads(told.read_text(encoding="utf-8")) if told.exists() and not killed else {}),
    }


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


# --- in the process that is killed ---


def _live(order: Mapping[str, Any], place: Path) -> None:
    status = 70
    try:
        out, err = (os.open(place / name, os.O_CREAT | os.O_WRONLY, 0o600) for name in ("out", "err"))
        os.dup2(out, 1)
        os.dup2(err, 2)
        target = order.get("target")
        victim = Victim(
            kept=Path(order["environment"]["BROKER_SYNC_DATA_DIR"]).parent,
            target=None if target is None else Target(point=target[0], turn=target[1]),
            first=order.get("first", False),
            full=order.get("full", False),
        )
        _set(order["environment"])
        if order.get("watched") or target is not None:
            victim.install()
        if order.get("audited"):
            victim.audit()
        for fields in order["stages"]:
            status = run_stage(Stage(**fields))
            if status:
                break
        sys.stdout.flush()
        sys.stderr.flush()
        if order.get("watched") or order.get("full"):
            told = {"trace": victim.trace, "reached": sorted(victim.reached), "strays": victim.strays}
            (place / "told.json").write_text(json.dumps(told), encoding="utf-8")
    finally:
        os._exit(status)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
