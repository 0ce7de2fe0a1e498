"""Small files are replaced in one step, or not at all."""

import os
import stat
from pathlib import Path

import pytest

from broker_sync.files import OWNER_ONLY, replace_file


def test_a_file_is_replaced_with_the_permissions_that_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    replace_file(path, b"old", mode=0o644)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    replace_file(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == OWNER_ONLY
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["kept.json"]  # noqa: PTH208  # what has a dot in front, too


def test_what_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        replace_file(path, b"new")
    assert os.listdir(tmp_path) == ["kept.json"]  # noqa: PTH208  # as above


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replace_file(tmp_path / "absent" / "kept.json", b"new")
    assert os.listdir(tmp_path) == []  # noqa: PTH208  # as above
