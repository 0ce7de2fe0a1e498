"""Remembers of what somebody was told, in the data directory."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from broker_sync.errors import StoreError
from broker_sync.files import replace_file
from broker_sync.notify.state_form import StateFormError, state_from, text_of
from broker_sync.notify.troubles import State

__all__ = ["FILE_NAME", "read_state", "write_state"]

FILE_NAME: Final = "notifications.json"


def read_state(folder: Path) -> State:
    """What is remembered in `folder`, nothing if there is no file.

    Raises :class:`~broker_sync.errors.StoreError` for a file that cannot be read.
    """
    path = folder / FILE_NAME
    try:
        return state_from(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (StateFormError, UnicodeDecodeError) as error:
        raise StoreError(
            f"{path} is damaged ({error}), so what was told before is told once more, and the file is "
            "written anew"
        ) from None
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror})") from error


def write_state(folder: Path, state: State) -> None:
    """Remember `state` in `folder`, for its owner alone; raises :class:`~broker_sync.errors.StoreError`."""
    path = folder / FILE_NAME
    try:
        replace_file(path, text_of(state).encode())
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written ({error.strerror}), so the same will be told again"
        ) from error
