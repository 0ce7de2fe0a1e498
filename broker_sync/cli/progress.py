"""Tells how far a long sync has come; silent in a pipe, and where there is little to wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TextIO

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from broker_sync.providers.ibkr import Document

__all__ = ["booking", "is_wanted", "say_reading"]

_LONG: Final = 4_000_000  # bytes; about a second of work
_MEGABYTE: Final = 1_000_000


def is_wanted(documents: Sequence[Document], stream: TextIO) -> bool:
    """Whether somebody watches `stream`, and there is something to wait for."""
    return stream.isatty() and sum(document.size for document in documents) >= _LONG


def say_reading(documents: Sequence[Document], stream: TextIO) -> None:
    """One line before the statements are looked through."""
    stream.writelines(
        f"reading {document.name} ({document.size // _MEGABYTE} MB) ...\n" for document in documents
    )
    stream.flush()


@contextmanager
def booking(account: str, stream: TextIO, *, no_color: bool) -> Iterator[Callable[[int], None]]:
    """Shows the number of records that the function it gives is told; gone at the end."""
    console = Console(file=stream, color_system=None if no_color else "auto")
    columns = (
        SpinnerColumn("line"),
        TextColumn("booking {task.fields[account]}: {task.completed:,} records", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None, account=account)
        yield lambda records: progress.update(task, completed=records)
