"""The rows of a document that certain records were: the way back from an external id to what was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from broker_sync.providers.ibkr.context import Context
from broker_sync.providers.ibkr.identity import Identities
from broker_sync.providers.ibkr.mapping import RECORDS
from broker_sync.providers.ibkr.records import Record
from broker_sync.providers.ibkr.sections import RECORD_KINDS, Use, use_of
from broker_sync.providers.ibkr.statement import Group
from broker_sync.providers.ibkr.survey import owner

__all__ = ["FoundRow", "rows_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRow:
    """A row: `number` counts those of its section in the document from 1; `raw` is all that was written."""

    record_id: str
    section: str
    number: int
    raw: dict[str, str]


def rows_of(groups: Iterable[Group], context: Context, record_ids: Collection[str]) -> Iterator[FoundRow]:
    """The rows of the context's account that have one of `record_ids`, in file order.

    Ids are given as the second reading gives them (:mod:`~broker_sync.providers.ibkr.bookings`): they may
    depend on the rows before, so all of them are read.
    """
    identities = Identities()
    head: dict[str, str] = {}
    numbers: Counter[str] = Counter()
    for group in groups:
        if not group.section:
            head = group.rows[0]
            identities.next_statement()
        elif group.tag:
            for raw in group.rows:
                numbers[group.section] += 1
                row = _record_in(group, raw, head, context)
                if row is None:
                    continue
                record_id = identities.of(RECORD_KINDS.get(group.section, group.section), row)
                if record_id in record_ids:
                    yield FoundRow(
                        record_id=record_id, section=group.section, number=numbers[group.section], raw=raw
                    )


def _record_in(group: Group, raw: dict[str, str], head: dict[str, str], context: Context) -> Record | None:
    if not context.owns(owner(raw, head)):
        return None
    mapping = RECORDS.get((group.section, group.tag))
    if mapping is None:
        is_record = use_of(group.section) in {Use.NOT_YET, Use.UNKNOWN}
        return Record(raw, context.clock.order) if is_record else None
    row = mapping.record(raw, context.clock.order)
    return row if mapping.is_record(row, context) else None
