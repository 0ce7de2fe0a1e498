"""Whether a statement knows its records by other ids than those under which they are booked.

The ids of records hang on the columns that a statement has. Two queries, or one before and after a change of
its fields, can say the same days with other columns: booked both, every record would be there twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from broker_sync.coverage.changes import told_columns
from broker_sync.coverage.days import missing
from broker_sync.received import AccountFacts, Booked, Contents, Days, Entry, SectionColumns

__all__ = ["Known", "OtherIds", "booked_by", "other_ids"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A statement whose records of one account are booked, or about to be, for `days`."""

    facts: AccountFacts
    days: tuple[Days, ...]
    columns: tuple[SectionColumns, ...]

    @classmethod
    def of(cls, contents: Contents, limits: Days) -> list[Known]:
        """What `contents` have within `limits`, by account; without days of their own, for all of these."""
        return [
            cls(facts=facts, days=_within(facts.days or (limits,), limits), columns=contents.columns)
            for facts in contents.accounts
        ]

    def columns_of(self, section: str) -> SectionColumns | None:
        """The columns of a section in which it has records of the account; None where it has none."""
        has_rows = any(each.section == section and each.rows for each in self.facts.sections)
        return next((each for each in self.columns if each.section == section), None) if has_rows else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherIds:
    """Records of `section` of `days` go by other columns: some are `gone`, or `came`; not both are empty."""

    account: str
    section: str
    days: Days
    gone: tuple[str, ...]
    came: tuple[str, ...]

    @property
    def text(self) -> str:
        """What is wrong, for the user, as a part of a sentence."""
        return (
            f"its records of account {self.account} go by other ids than those of another statement of "
            f"{self.days}: {told_columns(self.section, gone=self.gone, came=self.came)}. The same "
            "records would be booked once more"
        )


def booked_by(entries: Iterable[Entry], *, sink: str) -> list[Known]:
    """The statements that are booked into `sink`, by account, whatever they came from."""
    return [known for entry in entries for known in _booked(entry, sink)]


def _booked(entry: Entry, sink: str) -> Iterator[Known]:
    if entry.contents is None or not isinstance(entry.verdict, Booked):
        return
    for booked in entry.verdict.days:
        facts = entry.contents.of(booked.account)
        if facts is not None and booked.sink == sink:
            yield Known(facts=facts, days=(booked.days,), columns=entry.contents.columns)


def other_ids(known: Sequence[Known], now: Known) -> list[OtherIds]:
    """Of each section of `now` the first days on which `known` statements have its records by other ids.

    Days of which a statement has them by the same ids do no harm: they are booked so already.
    """
    same_account = [each for each in known if each.facts.account == now.facts.account]
    found = (_in_section(section.section, same_account, now) for section in now.facts.sections)
    return [each for each in found if each is not None]


def _in_section(section: str, known: Sequence[Known], now: Known) -> OtherIds | None:
    columns = now.columns_of(section)
    earlier = [(each, before) for each in known if (before := each.columns_of(section)) is not None]
    if columns is None:
        return None
    alike = [days for each, before in earlier if _differ(before, columns) is None for days in each.days]
    for each, before in earlier:
        differing = _differ(before, columns)
        for days in () if differing is None else _common(each.days, now.days):
            left = missing(days, alike)
            if differing is not None and left:
                gone, came = differing
                return OtherIds(
                    account=now.facts.account, section=section, days=left[0], gone=gone, came=came
                )
    return None


def _differ(before: SectionColumns, now: SectionColumns) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    gone = tuple(name for name in before.known_by if name not in now.columns)
    came = tuple(name for name in now.known_by if name not in before.columns)
    return (gone, came) if gone or came else None


def _common(one: Iterable[Days], other: Collection[Days]) -> Iterator[Days]:
    for days in one:
        yield from _within(other, days)


def _within(ranges: Iterable[Days], limits: Days) -> tuple[Days, ...]:
    return tuple(common for days in ranges if (common := days.common(limits)) is not None)
