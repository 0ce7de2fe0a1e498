"""Finds ``broker-sync.toml``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import platformdirs

from broker_sync.errors import SettingsError

__all__ = ["FILE_NAME", "candidates", "default_data_dir", "found_config", "user_config_dir"]

FILE_NAME: Final = "broker-sync.toml"
_PROGRAM: Final = "broker-sync"
_ROOT: Final = 0


def default_data_dir() -> Path:
    """The platform's place for data of a user."""
    return platformdirs.user_data_path(_PROGRAM, appauthor=False).absolute()


def user_config_dir() -> Path:
    """The platform's place for settings of a user."""
    return platformdirs.user_config_path(_PROGRAM, appauthor=False).absolute()


def candidates(data_dir: Path) -> tuple[Path, ...]:
    """Where the file is looked for, in this order, when nothing names it."""
    here = Path(os.path.abspath(FILE_NAME))  # noqa: PTH100  # pathlib's raises where the directory is gone
    return (here, data_dir / FILE_NAME, user_config_dir() / FILE_NAME)


def found_config(named: Path | None, data_dir: Path) -> Path | None:
    """The one file that is read: `named`, else the first of the candidates that is there.

    One in the current directory that belongs to somebody else raises SettingsError: it could send the token
    to a host of theirs.
    """
    if named is not None:
        return named
    here, *others = candidates(data_dir)
    if os.path.isfile(here):  # noqa: PTH113  # pathlib's raises where the directory may not be entered
        if not _is_trusted(here):
            raise SettingsError(
                f"{here} belongs to another user, so it is not read; set BROKER_SYNC_CONFIG to this path "
                "if you trust it"
            )
        return here
    return next((path for path in others if os.path.isfile(path)), None)  # noqa: PTH113  # as above


def _is_trusted(path: Path) -> bool:
    return not hasattr(os, "getuid") or path.stat().st_uid in {os.getuid(), _ROOT}
