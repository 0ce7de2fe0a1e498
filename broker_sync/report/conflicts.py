"""What people have changed in all trackers, for a person and for scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Protocol

from broker_sync.changes import Conflict, Keep
from broker_sync.report.blocks import BLANK, Block, Line, Tone
from broker_sync.report.changes_json import conflict_object
from broker_sync.report.changes_text import conflict_rows

__all__ = ["Known", "conflicts_blocks", "conflicts_object"]


class Known(Protocol):
    """A conflict as it is kept."""

    @property
    def sink(self) -> str:
        """The tracker."""

    @property
    def account_id(self) -> str:
        """The tracker's account."""

    @property
    def conflict(self) -> Conflict:
        """What it is about."""

    @property
    def decision(self) -> Keep | None:
        """Whose content is to stand; None where nobody has decided."""


def conflicts_object(found: Sequence[Known]) -> Mapping[str, Any]:
    """All of them; ``decision`` is ``tracker``, ``broker`` (which the next sync carries out) or null."""
    return {
        "conflicts": [
            {
                "sink": each.sink,
                "account": each.account_id,
                **conflict_object(each.conflict),
                "decision": None if each.decision is None else each.decision.value,
            }
            for each in found
        ]
    }


def conflicts_blocks(found: Sequence[Known]) -> list[Block]:
    """Those that nobody has decided with both contents, the others in a line each."""
    if not found:
        return [Line("Nobody has changed in a tracker what the broker says otherwise.")]
    blocks: list[Block] = []
    for (sink, account), group in groupby(found, key=lambda each: (each.sink, each.account_id)):
        known = list(group)
        blocks.append(Line(f"Account {account} in {sink}", Tone.TITLE))
        undecided = [each.conflict for each in known if each.decision is None]
        if undecided:
            blocks.append(conflict_rows(undecided))
        blocks += [
            Line(
                f"{each.conflict.external_id}: decided, the {each.decision.value}'s content stands",
                Tone.FAINT,
            )
            for each in known
            if each.decision is not None
        ]
        blocks.append(BLANK)
    hint = "Decide with `broker-sync conflicts ID --keep tracker` or `--keep broker`; --all is for all."
    return [*blocks, Line(hint)]
