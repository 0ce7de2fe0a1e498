"""Reads a whole archive and says what is wrong with it; changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from broker_sync.archive.catalogue import DamagedSidecarError, entry_at
from broker_sync.archive.errors import TamperedError, failure_of
from broker_sync.archive.files import chunks_of
from broker_sync.archive.shelf import Shelf
from broker_sync.received import Audit, Entry, Finding

__all__ = ["audit"]

_ORPHAN: Final = (
    "nothing says what these bytes are: a run died while it received them. The next sync takes them in."
)
_UNFINISHED: Final = "a run died while it wrote this, or is writing it. A sync removes it a day later."


def audit(shelf: Shelf) -> Audit:
    """Unpack every statement and compare it with its hash; look for what is missing, damaged or left over."""
    statements = 0
    findings: list[Finding] = []
    known: set[Path] = set()
    for path in shelf.sidecars():
        try:
            entry = entry_at(path)
        except DamagedSidecarError as error:
            findings.append(error.finding(shelf))
            known.update(path.parent.glob(f"{path.stem}.*.gz"))
            continue
        body = shelf.body(entry.provider, entry.sha256, entry.form)
        known.add(body)
        wrong = [Finding(file=shelf.relative(body), text=text) for text in _of_body(entry, body)]
        findings += wrong
        statements += not wrong and body.exists()
    findings += [
        Finding(file=shelf.relative(body.path), text=_ORPHAN)
        for body in shelf.bodies()
        if body.path not in known
    ]
    findings += [Finding(file=shelf.relative(path), text=_UNFINISHED) for path in shelf.unfinished()]
    return Audit(statements=statements, findings=tuple(findings))


def _of_body(entry: Entry, body: Path) -> Iterator[str]:
    try:
        size = sum(len(chunk) for chunk in chunks_of(body, sha256=entry.sha256))
    except FileNotFoundError:
        if entry.body_removed_at is None:
            yield "the statement is missing. Restore it from a backup."
    except (TamperedError, OSError) as error:
        yield str(failure_of(body, error) if isinstance(error, OSError) else error)
    else:
        if size != entry.size:
            yield f"the statement has {size} bytes, and {entry.size} were received. Restore its facts."
