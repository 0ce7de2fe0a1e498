"""What people have changed or removed in the tracker: theirs stands, and it is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from broker_sync.apply import Writer
from broker_sync.changes import Conflict, Keep
from broker_sync.dedup import Known, Opened, SavedConflict
from broker_sync.fingerprint import content_hash
from broker_sync.models import Activity
from broker_sync.vanished import Vanished

__all__ = ["REMOVED", "Edits"]

REMOVED = "a person has removed it in the tracker"


class Edits:
    """Finds what people have done to the account of `writer`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
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
        self._open([each for each in removed if not self._is_due(each)])
        self._close([name for name, each in says.items() if self._agrees(name, each, booked[name], there)])
        kept = {
            name: known.wanted_hash for name, known in self._known.items() if known.decision is Keep.TRACKER
        }
        return kept | {each.external_id: content_hash(each) for each in removed}

    async def settle_gone(self, gone: Sequence[Vanished]) -> tuple[list[Vanished], list[str]]:
        """Those of `gone`, which the broker no longer lists, of which the tracker has something.

        And the activities of the others, which are on neither side. What a person has removed as well is no
        conflict any more; what one has changed is from here on one about whether it is to go.
        """
        legs = [leg for each in gone for leg in each.external_ids]
        if not legs:
            return [], []
        there = await self._writer.sink.find(self._writer.account.id, legs)
        self._close([leg for leg in legs if leg in self._known and leg not in there])
        self._end(
            {
                leg: known
                for leg in legs
                if leg in there and (known := self._known.get(leg)) is not None and known.wanted_hash
            }
        )
        left = [each for each in gone if not there.keys().isdisjoint(each.external_ids)]
        nowhere = [each for each in gone if there.keys().isdisjoint(each.external_ids)]
        return left, [leg for each in nowhere for leg in each.external_ids]

    def _end(self, differing: Mapping[str, SavedConflict]) -> None:
        """Whatever a person decided was about another content than none."""
        if not differing:
            return
        opened = [
            Opened(
                external_id=name,
                record_id=known.conflict.record_id,
                reason=known.conflict.reason,
                wanted=None,
                theirs=known.conflict.tracker,
            )
            for name, known in differing.items()
        ]
        self._writer.store.open_conflicts(*self._scope, opened, run_id=self._writer.run_id)
        saved = self._writer.store.conflicts(*self._scope)
        self._known = {each.conflict.external_id: each for each in saved}

    def _agrees(self, name: str, said: Activity, booked: Known, there: Mapping[str, str]) -> bool:
        """Whether there is a conflict about what is there again, or about what the broker takes back."""
        if name not in self._known or name not in there:
            return False
        was_removed = self._known[name].conflict.tracker is None
        return was_removed or content_hash(said) == booked.content_hash

    def _is_due(self, said: Activity) -> bool:
        """Whether it is decided already that this content is to be there, and the tracker refuses it."""
        known = self._known.get(said.external_id)
        return known is not None and known.decision is Keep.BROKER and known.wanted_hash == content_hash(said)

    def _reason(self, said: Activity) -> str:
        known = self._known.get(said.external_id)
        return known.conflict.reason if known is not None and known.decision is Keep.BROKER else REMOVED

    def _open(self, removed: Sequence[Activity]) -> None:
        if removed:
            opened = [
                Opened(
                    external_id=each.external_id,
                    record_id=each.record_id,
                    reason=self._reason(each),
                    wanted=each,
                    theirs=None,
                )
                for each in removed
            ]
            self._writer.store.open_conflicts(*self._scope, opened, run_id=self._writer.run_id)

    def _close(self, external_ids: Sequence[str]) -> None:
        if external_ids:
            self._writer.store.close_conflicts(*self._scope, external_ids)
            for external_id in external_ids:
                del self._known[external_id]
