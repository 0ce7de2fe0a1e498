"""What is in a backup, written down and read back."""

import json
from typing import Any

import pytest

from broker_sync.backup.manifest import CopiedFile, Manifest, ManifestError, manifest_from, text_of
from tests.backup.samples import NOW
from tests.tables import for_each

FILE = CopiedFile(path="archive/ibkr/ab/x.json", size=3, sha256="00ff")
MANIFEST = Manifest(made_at=NOW, program="1.2", files=(FILE,))


def test_a_manifest_is_read_back_as_it_was_written() -> None:
    assert manifest_from(text_of(MANIFEST).encode()) == MANIFEST


def with_file(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any value
    return {"files": [{"path": "sync.db", "size": 1, "sha256": "00"} | changes]}


@for_each(
    ("changes", "reason"),
    [
        ({"format": "other"}, "not one of broker-sync's"),
        ({"version": 2}, "use a newer one"),
        ({"made_at": None}, "is missing"),
        ({"made_at": "x"}, "x"),
        ({"made_at": "2026-06-02T06:30:00"}, "no time zone"),
        ({"program": 1}, "is missing"),
        ({"files": {}}, "is missing"),
        ({"files": [1]}, "not an object"),
        (with_file(size="1"), "is missing"),
        (with_file(size=True), "is missing"),
        (with_file(path=1), "is missing"),
        (with_file(sha256=None), "is missing"),
        (with_file(path=""), "not a path"),
        (with_file(path="/etc/passwd"), "not a path"),
        (with_file(path="archive/../../x"), "not a path"),
        (with_file(path="a\\b"), "not a path"),
        (with_file(path="a\0b"), "not a path"),
    ],
)
def test_what_is_not_a_manifest_is_not_read_as_one(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ManifestError, match=reason):
        manifest_from(json.dumps(json.loads(text_of(MANIFEST)) | changes).encode())


@for_each("content", [b"", b"\xff", b"[]", text_of(MANIFEST).encode()[:60]])
def test_damaged_bytes_are_not_a_manifest(content: bytes) -> None:
    with pytest.raises(ManifestError):
        manifest_from(content)
