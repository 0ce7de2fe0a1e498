"""The statements as they were received: kept by content hash, with what is known of each.

What a folder of them looks like is written down in docs/archive.md.
"""

from broker_sync.archive.errors import ArchiveError, TamperedError
from broker_sync.archive.retention import Retention
from broker_sync.archive.store import Archive

__all__ = ["Archive", "ArchiveError", "Retention", "TamperedError"]
