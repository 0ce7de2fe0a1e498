"""Build the distributions, look at what is in them, and use the wheel as a stranger would.

The wheel goes into a clean environment, which then syncs every statement in examples/. Leaves both
distributions in dist/.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
PACKAGE = "broker_sync"
IN_SDIST = {PACKAGE, "docs", "examples", "tests"}


def run(*command: str | Path, environment: Mapping[str, str] | None = None, place: Path = ROOT) -> str:
    """What the command prints; ends this program, with what was printed, if the command fails."""
    done = subprocess.run(command, env=environment, cwd=place, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def build() -> tuple[Path, Path]:
    """Make the sdist and, out of it, the wheel."""
    shutil.rmtree(DIST, ignore_errors=True)
    installer = "uv" if shutil.which("uv") else "pip"
    run(sys.executable, "-m", "build", "--installer", installer, "--outdir", DIST)
    return next(DIST.glob("*.tar.gz")), next(DIST.glob("*.whl"))


def source_files() -> set[str]:
    """Every file of the package, as a wheel names it."""
    files = (
        file for file in (ROOT / PACKAGE).rglob("*") if file.is_file() and "__pycache__" not in file.parts
    )
    return {file.relative_to(ROOT).as_posix() for file in files}


def complain(what: str, names: Iterable[str]) -> None:
    """End this program if there are any `names`."""
    if listed := sorted(names):
        sys.exit(f"{what}: {', '.join(listed)}")


def check_contents(sdist: Path, wheel: Path) -> None:
    """The wheel holds the package, all of it and nothing else; the sdist what is needed to test it too."""
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = {name for name in archive.namelist() if ".dist-info/" not in name}
    complain("not in the wheel", source_files() - in_wheel)
    complain("does not belong in the wheel", in_wheel - source_files())
    with tarfile.open(sdist) as archive:
        folders = {parts[1] for name in archive.getnames() if len(parts := name.split("/")) > 2}
    complain("does not belong in the sdist", folders - IN_SDIST)


def sync_examples(command: Path, home: Path) -> int:
    """Sync each statement into a ledger of its own, with no setting but the data directory."""
    statements = sorted((ROOT / "examples").glob("*.xml"))
    for statement in statements:
        settings = {"PATH": os.defpath, "HOME": str(home), "BROKER_SYNC_DATA_DIR": str(home / statement.stem)}
        printed = run(command, "ibkr", "--file", statement, "--json", environment=settings, place=home)
        outcome = json.loads(printed)["outcome"]
        if outcome != "ok":
            sys.exit(f"{statement.name}: outcome {outcome!r}, expected 'ok'\n{printed}")
    return len(statements)


def main() -> None:
    """Build, check, install, run."""
    sdist, wheel = build()
    check_contents(sdist, wheel)
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        choice = {**os.environ, "PYTHON": sys.executable}
        run("sh", ROOT / "scripts" / "bootstrap.sh", home / "clean", wheel, environment=choice)
        command = home / "clean" / "bin" / "broker-sync"
        version = run(command, "version", place=home).strip()
        synced = sync_examples(command, home)
    if not synced:
        sys.exit("there is no statement in examples/ to try the wheel with")
    print(f"wheel: {wheel.name} installed in a clean environment; {version}; statements synced: {synced}")


if __name__ == "__main__":
    main()
