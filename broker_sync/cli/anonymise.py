"""``broker-sync anonymise``: statements that can be shown to others."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from broker_sync.cli.output import result_output
from broker_sync.errors import BrokerSyncError, SettingsError
from broker_sync.providers.ibkr import Document, StatementRefusedError
from broker_sync.providers.ibkr.anonymise import Choices, Secret, anonymised
from broker_sync.providers.ibkr.refusals import explain
from broker_sync.providers.ibkr.scan import ScanError
from broker_sync.providers.ibkr.statement import NotAStatementError

__all__ = ["run_anonymise"]

_KEY_BYTES: Final = 32
_ADVICE: Final = (
    "Look through it before you show it to anybody: it hides who you are and what you own from a reader, "
    "not from somebody who sets out to work it out."
)


def run_anonymise(
    paths: Sequence[Path], *, output: Path | None, key: str | None, instruments: bool, years: int
) -> int:
    """Write each of `paths` anew, under one key; the exit status.

    One is written to the file `output`, or to stdout; several into the folder `output`, under names that say
    nothing. A file is there only once it is complete.
    """
    secret = Secret(secrets.token_bytes(_KEY_BYTES) if key is None else _checked(key).encode())
    choices = _choices(instruments=instruments, years=years)
    targets = _targets(paths, output)
    for path, target in zip(paths, targets, strict=True):
        pieces = _pieces(Document(path), secret, choices)
        if target is None:
            _print(pieces)
        else:
            _write(pieces, target)
    print(f"broker-sync: {_ADVICE}", file=sys.stderr)  # noqa: T201  # not part of the result
    return 0


def _checked(key: str) -> str:
    if not key:
        raise SettingsError(
            "--key is empty, so anybody could tell what stands for what. Leave it out, or say one."
        )
    return key


def _choices(*, instruments: bool, years: int) -> Choices:
    try:
        return Choices(instruments=instruments, years=years)
    except ValueError as error:
        raise SettingsError(f"--shift-years: {error}") from error


def _targets(paths: Sequence[Path], output: Path | None) -> list[Path | None]:
    if len(paths) == 1 and (output is None or not output.is_dir()):
        if output is not None and output.exists() and output.samefile(paths[0]):
            raise SettingsError(f"--output is the statement itself ({output}). Name another file.")
        return [output]
    if output is None or not output.is_dir():
        raise SettingsError(
            "Several statements are written into a folder: name one that is there with --output."
        )
    return [output / f"statement-{number}.xml" for number in range(1, len(paths) + 1)]


def _pieces(document: Document, secret: Secret, choices: Choices) -> Iterator[str]:
    try:
        yield from anonymised(document.chunks(), secret, choices)
    except (ScanError, NotAStatementError) as error:
        reason, advice = explain(error, document)
        raise StatementRefusedError(document=document.name, reason=reason, advice=advice) from error
    except ValueError as error:
        raise SettingsError(f"--shift-years: {error}") from error


def _print(pieces: Iterable[str]) -> None:
    # Nothing is printed of a document that turns out to be cut off.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as waiting:
        waiting.writelines(pieces)
        waiting.seek(0)
        with result_output():
            shutil.copyfileobj(waiting, sys.stdout)


def _write(pieces: Iterable[str], target: Path) -> None:
    try:
        with _file_in_place_of(target) as file:
            file.writelines(pieces)
    except OSError as error:
        raise BrokerSyncError(f"{target} cannot be written ({error.strerror})") from error


@contextmanager
def _file_in_place_of(target: Path) -> Iterator[TextIO]:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            yield file
        part.replace(target)
    except BaseException:
        part.unlink()
        raise
