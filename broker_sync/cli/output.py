"""Writes results to stdout: laid out by Rich on a terminal, plain in a pipe."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from broker_sync.errors import BrokerSyncError
from broker_sync.report import Block, plain_text, renderables

__all__ = ["print_blocks", "print_json", "print_line", "result_output"]


@contextmanager
def result_output() -> Iterator[None]:
    """Print within this: when the reader of a pipe has gone, what is left is dropped without a word.

    What was done is done, and whoever runs ``| head`` has seen what they wanted.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
    except OSError as error:
        _drop_output()
        raise BrokerSyncError(f"the result cannot be written ({error.strerror})") from error


def _drop_output() -> None:
    # Python flushes once more at its end, and would complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_line(line: str) -> None:
    """One line, as it is."""
    sys.stdout.write(f"{line}\n")


def print_json(value: Mapping[str, Any]) -> None:
    """One object on one line; a name that comes before another in `value` does so in the text.

    A part that is an iterator is written as a list, item by item, and never whole in memory.
    """
    before = "{"
    for name, part in value.items():
        sys.stdout.write(f"{before}{json.dumps(name)}: ")
        if isinstance(part, Iterator):
            _write_list(part)
        else:
            sys.stdout.write(json.dumps(part))
        before = ", "
    print_line("}" if value else "{}")


def _write_list(items: Iterator[Any]) -> None:
    before = ""
    sys.stdout.write("[")
    for item in items:
        sys.stdout.write(f"{before}{json.dumps(item)}")
        before = ", "
    sys.stdout.write("]")


def print_blocks(blocks: Sequence[Block], *, no_color: bool) -> None:
    """`blocks` as fits what stdout is."""
    if sys.stdout.isatty():
        sys.stdout.write(_laid_out(blocks, no_color=no_color))
    else:
        sys.stdout.write(plain_text(blocks))


def _laid_out(blocks: Sequence[Block], *, no_color: bool) -> str:
    # Rich decides by the encoding whether it may draw lines, and ends the program when a pipe breaks: so it
    # gets a page of its own to write on.
    page = io.TextIOWrapper(io.BytesIO(), encoding=sys.stdout.encoding, errors="backslashreplace")
    console = Console(
        file=page,
        force_terminal=True,
        color_system=None if no_color else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )
    console.print(*renderables(blocks, width=console.width), sep="\n")
    page.seek(0)
    return page.read()
