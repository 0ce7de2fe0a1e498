"""Which days the statements of an account cover, what to ask for next, and whether a query changed; pure."""

from broker_sync.coverage.account import AccountCoverage, Covered, SectionCoverage, coverage, covering
from broker_sync.coverage.asking import MAX_DAYS, MIN_OVERLAP, next_window, split, split_at_year_ends
from broker_sync.coverage.changes import Change, FieldChanged, SectionGone, changes, spaced
from broker_sync.coverage.days import gaps, has_weekday, merged, missing
from broker_sync.coverage.ids import Known, OtherIds, booked_by, other_ids

__all__ = [
    "MAX_DAYS",
    "MIN_OVERLAP",
    "AccountCoverage",
    "Change",
    "Covered",
    "FieldChanged",
    "Known",
    "OtherIds",
    "SectionCoverage",
    "SectionGone",
    "booked_by",
    "changes",
    "coverage",
    "covering",
    "gaps",
    "has_weekday",
    "merged",
    "missing",
    "next_window",
    "other_ids",
    "spaced",
    "split",
    "split_at_year_ends",
]
