"""What a shell completes, with the shell itself where there is one."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

BASH = shutil.which("bash")


def test_there_is_a_script_for_each_shell(cli: Cli) -> None:
    for shell in ("bash", "zsh", "fish"):
        ran = cli("completion", shell)
        assert (ran.status, ran.err) == (0, "")
        assert f"_BROKER_SYNC_COMPLETE=complete_{shell}" in ran.out


def test_a_shell_that_is_not_known_is_refused(cli: Cli) -> None:
    ran = cli("completion", "cmd.exe")
    assert ran.status == 2
    assert "'bash', 'zsh', 'fish'" in ran.err


@pytest.mark.slow  # starts the program once for each word
@pytest.mark.skipif(BASH is None, reason="there is no bash")
def test_bash_completes_commands_and_options(cli: Cli, tmp_path: Path) -> None:
    command = tmp_path / "broker-sync"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m broker_sync "$@"\n', "utf-8")
    command.chmod(0o700)
    asked = {
        ("broker-sync", ""): "ibkr",
        ("broker-sync", "ib"): "ibkr",
        ("broker-sync", "ibkr", "--acc"): "--account --accept-query-change",
        ("broker-sync", "completion", "b"): "bash",
        ("broker-sync", "soak-check", "--j"): "--json",
    }
    script = cli("completion", "bash").out + "".join(
        f"COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}\n"
        '_broker_sync_completion broker-sync; echo "${COMPREPLY[@]}"\n'
        for words in asked
    )
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"  # noqa: TID251  # for children
    done = subprocess.run(
        [str(BASH), "--norc", "-c", script], capture_output=True, text=True, check=True, env={"PATH": path}
    )
    for (words, expected), completed in zip(asked.items(), done.stdout.splitlines(), strict=True):
        assert set(expected.split()) <= set(completed.split()), words
