"""A person at the tracker, who changes what is there, removes some of it, and decides whose word stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from broker_sync.changes import Conflict, Keep
from broker_sync.dedup import SavedConflict
from tests.exactly_once.mind import number_of
from tests.exactly_once.trackers import OfWealthfolio
from tests.simulation.books import Row
from tests.standins.wealthfolio.store import Row as Entry

Said = tuple[Decimal, dt.date]
"""Money without its sign, and the day."""


@dataclass(slots=True)
class Person:
    """What a person has done and nobody has undone since, by external id.

    `theirs` are rows as the person left them, `was` what they said before; `removed` are gone. `settled` is
    what the broker said when the person decided to keep the tracker's content. What is in `given_in` a person
    has left to the broker, which the next night that goes well carries out. Of what is `unsure` nobody can
    tell whether it was removed, until a night shows what it was taken for.
    """

    theirs: dict[str, Entry] = field(default_factory=dict)
    was: dict[str, Said] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    settled: dict[str, Said | None] = field(default_factory=dict)
    given_in: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)

    @property
    def touched(self) -> set[str]:
        """Everything that is not as the broker says because of a person."""
        return self.theirs.keys() | self.removed

    @property
    def numbers(self) -> set[str]:
        """The broker's number of each record of those."""
        return {number(name) for name in self.touched}

    # --- what a person does ---

    def change(self, tracker: OfWealthfolio, name: str, more: Decimal) -> None:
        """Write another amount; the same one may only get a note."""
        row = tracker.rows()[name]
        self.was.setdefault(name, _said(row))
        row.amount = (row.amount or Decimal(0)) + more
        row.notes = f"{row.notes or ''} (mine)"
        tracker.changed([row])
        self.theirs[name] = replace(row)
        # What was decided was about what was there before, or not there.
        for its in (self.given_in, self.removed, self.unsure):
            its.discard(name)

    def agree(self, tracker: OfWealthfolio, name: str, listed: Sequence[Row]) -> None:
        """Write what the broker says in the rows `listed`, or what was there if it has not changed that."""
        says = [_said_by_broker(row) for row in listed if number_of(row) == number(name)]
        row = tracker.rows()[name]
        row.amount, _ = next((said for said in says if said is not None), self.was[name])
        tracker.changed([row])
        self.theirs[name] = replace(row)

    def remove(self, tracker: OfWealthfolio, name: str) -> None:
        """Remove the row."""
        row = tracker.rows()[name]
        self.forget([name])
        self.removed.add(name)
        del tracker.service.store.rows[row.id]
        tracker.changed([row])

    def decide(self, saved: SavedConflict, keep: Keep) -> None:
        """Say whose content stands."""
        name = saved.conflict.external_id
        if keep is Keep.BROKER:
            self.given_in.add(name)
        else:
            broker = saved.conflict.broker
            self.settled[name] = None if broker is None else (broker.amount or Decimal(0), broker.booked_on)

    # --- what becomes of it ---

    def forget(self, names: Iterable[str]) -> None:
        """Nothing of a person's is left of these."""
        for name in list(names):
            for each in (self.theirs, self.was, self.settled):
                each.pop(name, None)
            for its in (self.removed, self.given_in, self.unsure):
                its.discard(name)

    def look_again(self, there: Mapping[str, object]) -> None:
        """Whether what was given in was carried out is only there to see, once nobody remembers it."""
        for name in list(self.given_in):
            is_theirs = name not in there if name in self.removed else there.get(name) == self.theirs[name]
            if is_theirs:
                self.given_in.discard(name)
            else:
                self.forget([name])

    def see(self, there: Mapping[str, object], booked: Mapping[str, object]) -> None:
        """What a night took the unsure for: what is there, or is not known, nobody has removed."""
        self.forget([name for name in self.unsure if name in there or name not in booked])

    # --- what must be true ---

    def overwritten(self, there: Mapping[str, object]) -> Iterable[str]:
        """What of a person's is not as it was left."""
        for name, theirs in self.theirs.items():
            if name not in self.given_in and there.get(name) != theirs:
                yield f"{name} was changed by a person to {theirs}, and is {there.get(name)}"
        for name in self.removed - self.given_in - self.unsure:
            if name in there:
                yield f"{name} was removed by a person, and is there again"

    def untold(self, listed: Sequence[Row], conflicts: Sequence[Conflict]) -> Iterable[str]:
        """What the broker says otherwise in the rows `listed`, and is not told with both values."""
        told = {each.external_id: each for each in conflicts}
        says = {number_of(row): row for row in listed if not row.is_label}
        for name in self.touched - self.given_in - self.unsure:
            row = says.get(number(name))
            if row is None:
                continue
            said = _said_by_broker(row)
            if name in self.removed:
                wrong = self._wrong(name, said, None, told.get(name))
            elif said is None or said == self.was[name]:
                continue
            elif said == _said(self.theirs[name]):
                wrong = "is a conflict, and both say the same" if name in told else None
            else:
                wrong = self._wrong(name, said, self.theirs[name].amount, told.get(name))
            if wrong is not None:
                yield f"{name} {wrong}: {said}, {told.get(name)}"

    def _wrong(
        self, name: str, said: Said | None, amount: Decimal | None, conflict: Conflict | None
    ) -> str | None:
        if conflict is None:
            is_settled = name in self.settled and said in {None, self.settled[name]}
            return None if is_settled else "is no conflict"
        if conflict.broker is None or (said is not None and conflict.broker.amount != said[0]):
            return "is a conflict with something else that the broker says"
        theirs = None if conflict.tracker is None else Decimal(conflict.tracker["amount"])
        return None if theirs == amount else "is a conflict with something else that a person says"


def number(name: str) -> str:
    """The broker's number in an external id."""
    return name.split(":")[2]


def _said(row: Entry) -> Said:
    return row.amount or Decimal(0), row.date.date()


def _said_by_broker(row: Row) -> Said | None:
    """None for what is no row of money alone: those the broker of a walk does not change."""
    if row.section != "CashTransactions" or len(row.money) != 1:
        return None
    return abs(row.money[0].amount), row.booked_on
