"""What was overwritten or removed, and what people have changed, for a person to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from broker_sync.changes import Change, Conflict
from broker_sync.codec import activity_to_fields
from broker_sync.report.blocks import BLANK, Block, Cell, Column, Line, Table, Tone
from broker_sync.report.wording import counted

__all__ = ["change_blocks", "conflict_blocks", "conflict_rows", "field_texts"]

_MOST: Final = 20
_SHOWN: Final = (
    "activity_type",
    "subtype",
    "date",
    "symbol",
    "quantity",
    "unit_price",
    "fee",
    "amount",
    "currency",
)
_WORDS: Final = frozenset({"subtype", "symbol"})
"""What a tracker has other words for than we have."""
_GONE: Final = "(nothing)"
_FIRST: Final = ("booked_on", *_SHOWN, "ratio", "group_id", "comment")


def change_blocks(changes: Sequence[Change]) -> Iterator[Block]:
    """What activities in the tracker said before, and what they say now."""
    if not changes:
        return
    yield Line(f"Changed in the tracker: {counted(len(changes), 'activity', 'activities')}")
    rows: list[list[Cell]] = [
        [change.external_id, change.why.value, "; ".join(field_texts(change))] for change in changes[:_MOST]
    ]
    yield Table(columns=(Column("id", whole=True), Column("why"), Column("what")), rows=rows)
    if len(changes) > _MOST:
        yield Line(f"and {len(changes) - _MOST} more")
    yield BLANK


def field_texts(change: Change) -> list[str]:
    """Each field with its old and new content; of what was removed, what it said."""
    if change.new is None:
        said = {each.name: each.old for each in change.fields}
        return ["removed: " + ", ".join(f"{name} {said[name]}" for name in _SHOWN if said.get(name))]
    fields = [each for each in change.fields if each.name in _FIRST]
    # What only a name or an instrument's description differs in is no news to a person, but something was.
    return [f"{each.name} {each.old or '-'} -> {each.new or '-'}" for each in fields or change.fields]


def conflict_blocks(conflicts: Sequence[Conflict]) -> Iterator[Block]:
    """What people have changed against the broker's word, with both contents, and what to do."""
    if not conflicts:
        return
    activities = counted(len(conflicts), "activity", "activities")
    yield Line(f"Changed by a person in the tracker, and left as it is: {activities}", Tone.BAD)
    yield conflict_rows(conflicts[:_MOST])
    if len(conflicts) > _MOST:
        yield Line(f"and {len(conflicts) - _MOST} more")
    yield Line("Decide with `broker-sync conflicts ID --keep tracker` or `--keep broker`.")
    yield BLANK


def conflict_rows(conflicts: Sequence[Conflict]) -> Table:
    """A row for each field that differs."""
    rows: list[list[Cell]] = []
    for conflict in conflicts:
        for number, (name, broker, tracker) in enumerate(_differing(conflict)):
            first = [conflict.external_id, conflict.reason] if number == 0 else ["", ""]
            rows.append([*first, name, broker, tracker])
    return Table(
        columns=(
            Column("id", whole=True),
            Column("what happened"),
            Column("field"),
            Column("broker"),
            Column("tracker"),
        ),
        rows=rows,
    )


def _differing(conflict: Conflict) -> list[tuple[str, str, str]]:
    """The fields in which both differ; where one of them has nothing, all that the other says."""
    broker = {} if conflict.broker is None else activity_to_fields(conflict.broker)
    tracker = {} if conflict.tracker is None else conflict.tracker
    fields = [(name, broker.get(name) or "", tracker.get(name) or "") for name in (*_SHOWN, "status")]
    if conflict.broker is None or conflict.tracker is None:
        gone = ("", _GONE if conflict.broker is None else "", _GONE if conflict.tracker is None else "")
        return [gone, *(each for each in fields if each[1] or each[2])]
    differing = [each for each in fields if each[0] not in _WORDS and each[2] and each[1] != each[2]]
    return differing or [("", "the same", "the same")]
