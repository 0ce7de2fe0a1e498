"""Copies of the data directory: made while it is in use, proven to be readable, and put back.

A backup is a folder ``broker-sync-<time>``, there whole or not at all::

    manifest.json         size and SHA-256 of every file, and when it was made
    sync.db, portfolio.db
    archive/
    ibkr-breaker.json

**One moment.** The copies are those of a moment at which a run could have died, which the next run after a
restore puts in order like any other:

- The archive is copied first. What it lacks of later is fetched again; had it more than the books, days
  would count as covered that nobody booked.
- ``sync.db`` is copied next, and nobody can write to it until ``portfolio.db`` is copied as well. A run
  writes down what it will do before it does it, so whatever the ledger has beyond what was confirmed is there
  as an intent.

The Wealthfolio session is not copied: it is a secret, and is made anew by logging in.
"""

from broker_sync.backup.making import Backup, back_up
from broker_sync.backup.manifest import Manifest, ManifestError
from broker_sync.backup.places import RESTORING
from broker_sync.backup.restoring import Restored, restore

__all__ = ["RESTORING", "Backup", "Manifest", "ManifestError", "Restored", "back_up", "restore"]
