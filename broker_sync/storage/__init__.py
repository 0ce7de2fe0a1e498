"""Databases in the data directory: opened, migrated, read and written with failures that say what to do."""

from broker_sync.storage.database import Database, database_file
from broker_sync.storage.engine import open_database
from broker_sync.storage.migrate import Schema

__all__ = ["Database", "Schema", "database_file", "open_database"]
