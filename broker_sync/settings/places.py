"""The kinds of settings that are paths."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from broker_sync.settings.kind import Kind

__all__ = ["DATA_DIRECTORY", "DIRECTORY", "FILE", "PROM_FILE"]


def _path(text: str) -> Path:
    return Path(os.path.abspath(os.path.expanduser(text.strip())))  # noqa: PTH100, PTH111  # drops ".." as a shell does


def _data_directory(text: str) -> Path:
    path = _path(text)
    if os.path.exists(path) and not os.path.isdir(path):  # noqa: PTH110, PTH112  # pathlib's raise if barred
        raise ValueError("a directory, or a path where one can be made; there is a file of that name")
    return path


def _directory(text: str) -> Path:
    path = _path(text)
    if not os.path.isdir(path):  # noqa: PTH112  # pathlib's raises if barred
        raise ValueError
    return path


def _prom_file(text: str) -> Path:
    path = _path(text)
    if path.suffix != ".prom":
        raise ValueError
    return path


DATA_DIRECTORY: Final = Kind(
    title="a directory, or a path where one can be made",
    read=_data_directory,
    example='"data"',
    is_path=True,
)
DIRECTORY: Final = Kind(title="a directory that is there", read=_directory, example='"secrets"', is_path=True)
FILE: Final = Kind(title="the path of a file", read=_path, example='"session.json"', is_path=True)
PROM_FILE: Final = Kind(
    title="the path of a file whose name ends in .prom, as node_exporter wants it",
    read=_prom_file,
    example='"/var/lib/node_exporter/broker_sync.prom"',
    schema={"type": "string", "pattern": "\\.prom$"},
    is_path=True,
)
