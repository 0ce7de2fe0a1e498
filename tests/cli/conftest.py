"""Runs the command in this process, with an environment of its own."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from broker_sync.cli import main

OURS = ("IBKR_", "WF_", "BROKER_SYNC_", "PUSHGATEWAY_", "NO_COLOR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What one call left behind."""

    status: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """The one JSON object that was printed."""
        (line,) = self.out.splitlines()
        told: dict[str, Any] = json.loads(line)
        return told

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def last(self) -> str:
        return self.out.splitlines()[-1]


Cli = Callable[..., Ran]


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, untouched_logging: None) -> Path:  # noqa: ARG001
    """Where the command writes; not there yet."""
    for name in [name for name in os.environ if name.startswith(OURS)]:  # noqa: TID251  # none of ours may leak in
        monkeypatch.delenv(name)
    monkeypatch.setenv("BROKER_SYNC_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Calls ``broker-sync`` with arguments."""

    def call(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ran(status=ended.value.code, out=out, err=err)

    return call


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a statement to a file."""

    def written(text: str, name: str = "statement.xml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written
