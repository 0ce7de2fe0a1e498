"""What was booked where: the records by which a second sync books nothing twice.

Intent, act, confirm: before the tracker is asked, what it will be asked is committed; after it has answered,
the answer is. A run that finds an intent without an answer asks the tracker what it has.
"""

from broker_sync.dedup.results import PastResult
from broker_sync.dedup.store import SyncRecordStore
from broker_sync.dedup.types import (
    Intent,
    Kind,
    Known,
    Operation,
    Pending,
    RunConflictError,
    RunCounts,
    SavedRejection,
    State,
    ToCreate,
    ToDelete,
    ToUpdate,
)

__all__ = [
    "Intent",
    "Kind",
    "Known",
    "Operation",
    "PastResult",
    "Pending",
    "RunConflictError",
    "RunCounts",
    "SavedRejection",
    "State",
    "SyncRecordStore",
    "ToCreate",
    "ToDelete",
    "ToUpdate",
]
