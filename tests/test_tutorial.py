"""The tutorial can be followed: its commands, in their order, in one shell, print what the page shows."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from . import pages

if not (pages.ROOT / "Makefile").is_file():
    pytest.skip("the tutorial is for a checkout", allow_module_level=True)

SHOWN = [each for block in pages.blocks(pages.text_of("docs/tutorial.md")) for each in block]
ELSEWHERE = ("git clone ", "cd ", "make demo")
"""Commands whose place is taken by this checkout, and by the demo, which has tests of its own."""
PORTS = ("8421", "8422")
_MARK = "=== command"


def free_ports() -> list[str]:
    sockets = [socket.socket() for _ in PORTS]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [str(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


def script(commands: list[str], ports: list[str]) -> str:
    """The commands, each with a line before its output, and its exit status behind it if it failed."""
    lines = []
    for number, command in enumerate(commands):
        lines += [f"echo '{_MARK} {number}'"]
        if command.endswith("&"):
            # Whoever types has read what it says before the next command.
            started = f"{command.removesuffix('&')} --broker-port {ports[0]} --tracker-port {ports[1]}"
            lines += [f"{started} > said.txt 2>&1 &"]
            lines += ["until grep -q Ctrl-C said.txt || ! kill -0 $!; do sleep 0.1; done; cat said.txt"]
        else:
            lines += [command, 'code=$?; [ $code = 0 ] || echo "exit status $code"']
    text = "\n".join(lines)
    for port, free in zip(PORTS, ports, strict=True):
        text = text.replace(f":{port}", f":{free}")
    return text


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with what a clone has after ``make demo``, as far as the commands need it."""
    here = tmp_path / "broker-sync"
    here.mkdir()
    for name in ("broker_sync", "examples", "tests"):
        (here / name).symlink_to(pages.ROOT / name)
    (here / ".venv").mkdir()
    (here / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    return here


def outputs(commands: list[str], here: Path) -> list[str]:
    """What each command prints, all of them typed into one shell."""
    ports = free_ports()
    ours = re.compile("(IBKR|WF|BROKER_SYNC|PUSHGATEWAY)_")
    inherited = {name: text for name, text in os.environ.items() if not ours.match(name)}  # noqa: TID251
    shell = subprocess.Popen(
        ["bash", "-c", script(commands, ports)],  # noqa: S607  # the shell of whoever follows it
        cwd=here,
        env={**inherited, "HOME": str(here.parent), "COLUMNS": "200", "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        text, _ = shell.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(shell.pid, signal.SIGKILL)  # the servers, too
        raise
    for port, free in zip(PORTS, ports, strict=True):
        text = text.replace(f":{free}", f":{port}")
    return re.split(rf"^{_MARK} \d+\n", text, flags=re.MULTILINE)[1:]


@pytest.mark.slow
def test_somebody_who_follows_the_tutorial_gets_to_a_second_reconciled_night(checkout: Path) -> None:
    followed = [each for each in SHOWN if not each.line.startswith(ELSEWHERE)]
    assert {each.line.split()[0] for each in followed} >= {"export", "python", "broker-sync", "kill"}
    printed = outputs([each.line for each in followed], checkout)
    for each, output in zip(followed, printed, strict=True):
        assert "exit status" not in output, f"{each.line}\n{output}"
        assert pages.missing(each.output, output) == [], f"{each.line}\n{output}"
    first, second = (output for output in printed if "ibkr: fetched=" in output)
    assert "Opening balances" in first
    counts = re.search(r"fetched=(\d+) new=(\d+)", second)
    assert counts is not None
    assert 0 < int(counts[2]) < int(counts[1])
    assert "Broker and tracker agree" in first
    assert "Broker and tracker agree" in second
    assert (checkout / "build" / "tutorial" / "sync.db").is_file()
