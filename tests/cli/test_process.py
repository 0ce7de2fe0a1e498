"""What only shows in a process of its own: start-up, broken pipes, terminals."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import pytest

from tests.cli.conftest import Cli
from tests.cli.statements import good, with_rejections

Write = Callable[..., Path]
HEAVY = {"alembic", "broker_sync.providers", "broker_sync.storage", "httpx", "rich", "sqlalchemy"}
FULL = Path("/dev/full")

# Each test starts programs of its own.
pytestmark = pytest.mark.slow


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "broker_sync", *map(str, arguments)]


def environment(**more: str) -> dict[str, str]:
    # Without Python's own switches: output that is not buffered fails sooner, and elsewhere.
    kept = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251  # for children
        if name != "COLUMNS" and not name.startswith("PYTHON")
    }
    return {**kept, "TERM": "xterm-256color", **more}


def run(
    arguments: list[str], *, stdout: int | IO[str] = subprocess.PIPE, **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment(**more),
        check=False,
    )


@pytest.mark.parametrize(
    "arguments", [["version"], ["--version"], ["--help"], ["ibkr", "--help"], ["activities", "-h"]]
)
def test_help_and_version_load_nothing_that_they_do_not_need(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom broker_sync.cli import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit as end: assert not end.code\n"
        "print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    done = run([sys.executable, "-c", code])
    assert done.returncode == 0
    loaded = set(done.stderr.splitlines())
    assert "broker_sync.cli.app" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("arguments", [["activities", "--json"], ["ibkr", "--file"]])
def test_a_reader_that_leaves_early_is_no_error(cli: Cli, write: Write, arguments: list[str | Path]) -> None:
    file = write(good())
    cli("ibkr", "--file", file)
    if "--file" in arguments:
        arguments = [*arguments, file]
    reading, writing = os.pipe()
    os.close(reading)
    done = run(command(*arguments), stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not FULL.exists(), reason="there is no device that is always full")
def test_a_result_that_cannot_be_written_is_an_error(cli: Cli, write: Write) -> None:
    cli("ibkr", "--file", write(good()))
    with FULL.open("w", encoding="utf-8") as full:
        done = run(command("activities"), stdout=full)
    assert done.returncode == 1
    assert done.stderr == "broker-sync: the result cannot be written (No space left on device)\n"


def test_a_pipe_that_knows_no_such_letters_gets_escapes(write: Write) -> None:
    file = write(with_rejections().replace("Gift Voucher", "Gescheck ☃"))
    done = run(command("ibkr", "--file", file), PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert r"\u2603" in done.stdout


def on_terminal(arguments: Sequence[str], *, columns: int = 80, **more: str) -> str:
    """What a terminal of so many `columns` receives."""
    ours, theirs = pty.openpty()
    env = environment(COLUMNS=str(columns), **more)
    with subprocess.Popen(arguments, stdin=theirs, stdout=theirs, stderr=theirs, env=env) as child:
        os.close(theirs)
        received = b"".join(pieces(ours))
    os.close(ours)
    assert child.returncode == 0
    return received.decode().replace("\r\n", "\n")


def pieces(source: int) -> list[bytes]:
    received = []
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([source], [], [], 1)[0]:
            try:
                piece = os.read(source, 65536)
            except OSError:  # so Linux tells the end of a terminal
                piece = b""
            if not piece:
                break
            received.append(piece)
    return received


def test_a_terminal_gets_colours_and_lines_that_fit(write: Write) -> None:
    text = on_terminal(command("ibkr", "--file", write(good())))
    assert "\x1b[32mequal\x1b[0m" in text
    assert "───" in text
    assert text.endswith("ibkr: fetched=3 new=3 imported=3 failed=0\n")


def test_no_color_leaves_no_escapes_on_a_terminal(write: Write) -> None:
    text = on_terminal(command("ibkr", "--file", write(good())), columns=50, NO_COLOR="1")
    assert "\x1b" not in text
    assert max(len(line) for line in text.splitlines()) <= 50
