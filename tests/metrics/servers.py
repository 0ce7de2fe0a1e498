"""Real servers for slow tests; what the machine does not have is skipped with a word, and fails in CI."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

__all__ = ["binary", "eventually", "free_port", "served"]

_PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-pushgateway": "prometheus-pushgateway",
}
T = TypeVar("T")
_PATIENCE = 20.0  # seconds
_PAUSE = 0.05


def binary(name: str) -> str:
    """The path of a program of Debian's packages."""
    found = shutil.which(name)
    if found is None:
        word = f"no {name} here: install Debian's {_PACKAGES[name]}"
        if os.environ.get("CI") == "true":  # noqa: TID251  # the tests' own
            pytest.fail(word)
        pytest.skip(word)
    return found


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def eventually(ask: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    """What `ask` answers once it is as `wanted`; the last answer fails the test if it never is."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        answer = ask()
        if wanted(answer):
            return answer
        if time.monotonic() > deadline:
            pytest.fail(f"after {_PATIENCE:.0f} s it is still {answer!r}")
        time.sleep(_PAUSE)


@contextmanager
def served(command: list[str], ready: str, log: Path) -> Iterator[None]:
    """Run a server until the end of the block, from when the address `ready` answers."""
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as server:
        try:
            eventually(lambda: server.poll() is not None or _answers(ready), bool)
            if server.poll() is not None:
                pytest.fail(f"{command[0]} ended: {log.read_text('utf-8')}")
            yield
        finally:
            server.terminate()


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False).is_success
    except httpx.TransportError:
        return False
