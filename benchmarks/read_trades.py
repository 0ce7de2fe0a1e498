"""Reading and mapping against ibflex's parsing, side by side in one run: `python -m benchmarks.read_trades`.

Each reader runs in a process of its own, in turn, three times; the best of each counts. Memory is the peak of
the whole process (imports, which are not part of the time, are), with that of a tenth of the statement beside
it to show whether it grows with the file.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks.statement import write_statement

__all__ = ["main"]


class Figures(NamedTuple):
    """What one reader needed."""

    seconds: float
    peak_mib: float
    seen: int


def _measure(what: str, path: Path) -> Figures:
    command = [sys.executable, "-m", "benchmarks.readers", what, str(path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Figures(**json.loads(printed))


def _best(what: str, runs: list[Figures]) -> Figures:
    if len({run.seen for run in runs}) != 1:
        raise SystemExit(f"{what} saw different numbers of trades")
    return min(runs, key=lambda run: run.seconds)


def main() -> None:
    """Print a table of seconds, trades a second and memory."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--trades", type=int, default=200_000)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        whole, tenth = Path(folder, "whole.xml"), Path(folder, "tenth.xml")
        write_statement(whole, trades=given.trades)
        write_statement(tenth, trades=given.trades // 10)
        print(
            f"{given.trades:,} trades, {whole.stat().st_size / 1e6:.0f} MB, best of {given.rounds}",
            flush=True,
        )
        readers = ("ibflex", "read+map", "survey")
        runs: dict[str, list[Figures]] = {what: [] for what in readers}
        for _ in range(given.rounds):
            for what in readers:
                runs[what].append(_measure(what, whole))
        small = {what: _measure(what, tenth).peak_mib for what in readers}
        _print_table({what: _best(what, runs[what]) for what in readers}, small, _measure("baseline", whole))


def _print_table(best: dict[str, Figures], small: dict[str, float], baseline: Figures) -> None:
    names = {
        "ibflex": "ibflex 1.1: parse",
        "read+map": "broker-sync: read and map",
        "survey": "broker-sync: first reading",
    }
    print(f"{'':28}{'seconds':>9}{'trades/s':>11}{'times':>8}{'peak MiB':>10}{'of a tenth':>12}")
    for what, name in names.items():
        run = best[what]
        times = best["ibflex"].seconds / run.seconds
        rate = run.seen / run.seconds
        print(f"{name:28}{run.seconds:9.2f}{rate:11,.0f}{times:7.1f}x{run.peak_mib:10.0f}{small[what]:12.0f}")
    print(f"{'Python and imports alone':28}{'':28}{baseline.peak_mib:10.0f}")


if __name__ == "__main__":
    main()
