"""What people have changed or removed in the tracker: theirs stands, and it is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from broker_sync.apply import Writer
from broker_sync.changes import Conflict, Keep
from broker_sync.dedup import Known, Opened
from broker_sync.fingerprint import content_hash
from broker_sync.models import Activity

__all__ = ["REMOVED", "Edits"]

REMOVED = "a person has removed it in the tracker"


class Edits:
    """Finds what people have done to the account of `writer`; with `dry_run` it is not written down."""

    def __init__(self, writer: Writer, *, dry_run: bool) -> None:
        self._writer = writer
        self._dry_run = dry_run
        self._scope = (writer.sink.name, writer.account.id)
        self._known = {each.conflict.external_id: each for each in writer.store.conflicts(*self._scope)}

    def conflicts(self) -> list[Conflict]:
        """What nobody has decided about, by external id."""
        saved = self._writer.store.conflicts(*self._scope)
        return [each.conflict for each in saved if each.decision is not Keep.TRACKER]

    def is_kept(self, external_id: str) -> bool:
        """Whether a person decided that what is there stays, though the broker has it no more."""
        known = self._known.get(external_id)
        return known is not None and known.decision is Keep.TRACKER and known.wanted_hash is None

    async def left(self, wanted: Iterable[Activity], booked: Mapping[str, Known]) -> dict[str, str | None]:
        """The `booked` activities that stay as they are, with the content of the broker's that this is for.

        `wanted` are what the broker says of them. What a person has removed is a conflict from here on.
        """
        says = {each.external_id: each for each in wanted if each.external_id in booked}
        there = await self._writer.sink.find(self._writer.account.id, list(booked)) if booked else {}
        removed = [each for name, each in says.items() if name not in there]
        self._open(removed)
        self._close([name for name, each in says.items() if self._agrees(name, each, booked[name], there)])
        kept = {
            name: known.wanted_hash for name, known in self._known.items() if known.decision is Keep.TRACKER
        }
        return kept | {each.external_id: content_hash(each) for each in removed}

    def _agrees(self, name: str, said: Activity, booked: Known, there: Mapping[str, str]) -> bool:
        """Whether there is a conflict about what is there again, or about what the broker takes back."""
        if name not in self._known or name not in there:
            return False
        was_removed = self._known[name].conflict.tracker is None
        return was_removed or content_hash(said) == booked.content_hash

    def _open(self, removed: Sequence[Activity]) -> None:
        if removed and not self._dry_run:
            opened = [
                Opened(
                    external_id=each.external_id,
                    record_id=each.record_id,
                    reason=REMOVED,
                    wanted=each,
                    theirs=None,
                )
                for each in removed
            ]
            self._writer.store.open_conflicts(*self._scope, opened, run_id=self._writer.run_id)

    def _close(self, external_ids: Sequence[str]) -> None:
        if external_ids and not self._dry_run:
            self._writer.store.close_conflicts(*self._scope, external_ids)
            for external_id in external_ids:
                del self._known[external_id]
