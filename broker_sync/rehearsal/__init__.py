"""A run that only seems to write: what a dry run books into, so that it goes the way of every other run."""

from broker_sync.rehearsal.able import rehearse
from broker_sync.rehearsal.sink import Rehearsal

__all__ = ["Rehearsal", "rehearse"]
