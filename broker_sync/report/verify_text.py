"""What a full check of the data directory found, for people and for scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broker_sync.received import Finding
from broker_sync.report.blocks import BLANK, Block, Column, Line, Table, Tone
from broker_sync.report.wording import counted

__all__ = ["Checked", "Verified", "verified_blocks", "verified_object"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Something that was read through; `statements` is how many of them, for an archive."""

    name: str
    statements: int | None = None

    def __str__(self) -> str:
        many = "" if self.statements is None else f" ({counted(self.statements, 'statement')})"
        return f"{self.name}{many}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was read through, and what is wrong with it."""

    checked: tuple[Checked, ...]
    findings: tuple[Finding, ...]


def verified_blocks(verified: Verified) -> list[Block]:
    """A table of what is wrong, if anything is; the verdict last."""
    read = f"Read through: {', '.join(map(str, verified.checked))}"
    if not verified.findings:
        return [Line(f"{read}. Nothing is wrong.", Tone.GOOD)]
    table = Table(
        columns=[Column("file"), Column("what is wrong")],
        rows=[[finding.file, finding.text] for finding in verified.findings],
    )
    wrong = counted(len(verified.findings), "thing is", "things are")
    return [table, BLANK, Line(f"{read}; {wrong} wrong.", Tone.BAD)]


def verified_object(verified: Verified) -> Mapping[str, Any]:
    """The same as one object; ``ok`` is whether nothing is wrong."""
    return {
        "ok": not verified.findings,
        "checked": [
            {"name": each.name}
            if each.statements is None
            else {"name": each.name, "statements": each.statements}
            for each in verified.checked
        ],
        "findings": [{"file": each.file, "text": each.text} for each in verified.findings],
    }
