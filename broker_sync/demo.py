"""``python -m broker_sync.demo``: syncs the example statement twice, as a user would, and judges the result.

Works in a checkout, where ``examples/`` is. Everything is written to a temporary directory, or to the one
that ``BROKER_SYNC_DEMO_DIR`` names, which is kept. Exit status 0 if both sides agree to the last digit and
the second sync booked nothing, else 1.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from broker_sync.cli.output import print_blocks, result_output
from broker_sync.report import BLANK, Line, Tone

__all__ = ["main", "verdict"]

_ROOT: Final = Path(__file__).resolve().parent.parent
_STATEMENT: Final = "examples/ibkr-demo.xml"
_SYNC: Final = f"ibkr --file {_STATEMENT}"
_LAST: Final = 8  # lines shown of a long output
_OURS: Final = ("IBKR_", "WF_", "BROKER_SYNC_", "PUSHGATEWAY_")


def main(root: Path = _ROOT) -> int:
    """Show it, in the checkout at `root`; the exit status."""
    if not (root / _STATEMENT).is_file():
        _say(f"The demo needs {_STATEMENT}: run it in a checkout of the project.", Tone.BAD)
        return 1
    with _data_directory() as directory:
        return _show(directory)


def _show(directory: Path) -> int:
    _say(f"A made-up statement of a GBP account is synced into an embedded ledger in {directory}.")
    _say("1. A sync books every record once, and compares with what the broker says.", Tone.TITLE)
    _run(_SYNC, directory)
    _say("2. What was booked, in the order of time: the end of it.", Tone.TITLE)
    _show_end("activities", directory)
    _say("3. The same statement once more: nothing is new, and nothing is doubled.", Tone.TITLE)
    _run(_SYNC, directory)
    _say("4. The result once more for scripts; the verdict below is taken from it.", Tone.TITLE)
    _say(f"$ broker-sync {_SYNC} --json > result.json")
    good, text = verdict(json.loads(_call(f"{_SYNC} --json", directory, capture=True)))
    _say(text, Tone.GOOD if good else Tone.BAD)
    return 0 if good else 1


def verdict(result: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether a repeated sync with this JSON `result` was perfect, and a sentence that says so."""
    accounts = result["accounts"]
    sides = [side for account in accounts for side in (*account["positions"], *account["cash"])]
    off = [side.get("symbol", side.get("currency")) for side in sides if side["drift"] != "0"]
    new = sum(account["new"] for account in accounts)
    if result["outcome"] == "ok" and sides and not off and not new:
        positions = sum(len(account["positions"]) for account in accounts)
        return True, (
            f"Every drift is zero: {positions} positions and {len(sides) - positions} currencies are the "
            "same at the broker and in the ledger, and syncing again booked nothing."
        )
    return False, (
        f"This is not as it should be: outcome {result['outcome']}, {len(sides)} balances compared, "
        f"drift in {', '.join(off) or 'none'}, {new} records booked again."
    )


@contextmanager
def _data_directory() -> Iterator[Path]:
    named = os.environ.get("BROKER_SYNC_DEMO_DIR")
    if named:
        yield Path(named).absolute()
        return
    with tempfile.TemporaryDirectory(prefix="broker-sync-demo-") as directory:
        yield Path(directory)


def _run(command: str, directory: Path) -> None:
    _say(f"$ broker-sync {command}")
    _call(command, directory, capture=False)
    _say()


def _show_end(command: str, directory: Path) -> None:
    _say(f"$ broker-sync {command} | tail -n {_LAST}")
    lines = _call(command, directory, capture=True).splitlines()
    _print([Line(line) for line in lines[-_LAST:]])
    _say()


def _say(text: str = "", tone: Tone = Tone.PLAIN) -> None:
    _print([Line(text, tone), BLANK] if text else [BLANK])


def _print(lines: Sequence[Line]) -> None:
    with result_output():
        print_blocks(lines, no_color=bool(os.environ.get("NO_COLOR")))


def _call(command: str, directory: Path, *, capture: bool) -> str:
    """What `command` prints if captured, run with none of the user's settings; ends the demo if it fails."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    done = subprocess.run(  # noqa: S603  # our own command, in words of our own
        [sys.executable, "-m", "broker_sync", *command.split()],
        cwd=_ROOT,
        env={**settings, "BROKER_SYNC_DATA_DIR": str(directory)},
        stdout=subprocess.PIPE if capture else None,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"broker-sync {command}: exit status {done.returncode}, expected 0")
    return done.stdout or ""  # None when it went to our own output


if __name__ == "__main__":
    sys.exit(main())
