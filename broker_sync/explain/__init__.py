"""Why broker and tracker differ: the smallest set of causes that accounts for it; pure."""

from broker_sync.explain.bisect import bisection, with_parting
from broker_sync.explain.cause import Candidate, Kind
from broker_sync.explain.entry import Entry, entry_of
from broker_sync.explain.evidence import Evidence, Limit, RejectedRecord, Told
from broker_sync.explain.explain import explain
from broker_sync.explain.explanation import Drift, Explanation, Parting
from broker_sync.explain.fold import Fold, Folded
from broker_sync.explain.worth import explain_nav

__all__ = [
    "Candidate",
    "Drift",
    "Entry",
    "Evidence",
    "Explanation",
    "Fold",
    "Folded",
    "Kind",
    "Limit",
    "Parting",
    "RejectedRecord",
    "Told",
    "bisection",
    "entry_of",
    "explain",
    "explain_nav",
    "with_parting",
]
