"""What was booked where: the records by which a second sync books nothing twice.

Intent, act, confirm: before the tracker is asked, what it will be asked is committed; after it has answered,
the answer is. A run that finds an intent without an answer asks the tracker what it has.
"""

from broker_sync.dedup.conflicts import Opened
from broker_sync.dedup.history import PastChange
from broker_sync.dedup.results import PastResult
from broker_sync.dedup.store import SyncRecordStore
from broker_sync.dedup.types import (
    Adopted,
    Intent,
    Kind,
    Known,
    Operation,
    Pending,
    RunConflictError,
    RunCounts,
    SavedConflict,
    SavedRejection,
    Settlement,
    State,
    ToCreate,
    ToDelete,
    ToRecreate,
    ToUpdate,
)

__all__ = [
    "Adopted",
    "Intent",
    "Kind",
    "Known",
    "Opened",
    "Operation",
    "PastChange",
    "PastResult",
    "Pending",
    "RunConflictError",
    "RunCounts",
    "SavedConflict",
    "SavedRejection",
    "Settlement",
    "State",
    "SyncRecordStore",
    "ToCreate",
    "ToDelete",
    "ToRecreate",
    "ToUpdate",
]
