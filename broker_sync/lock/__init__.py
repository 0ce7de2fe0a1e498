"""One run at a time in a data directory, on one machine and on a volume that several share."""

from broker_sync.lock.errors import LockLostError, RunLockedError
from broker_sync.lock.holder import Holder
from broker_sync.lock.machine import Machine, this_process
from broker_sync.lock.run_lock import RunLock

__all__ = ["Holder", "LockLostError", "Machine", "RunLock", "RunLockedError", "this_process"]
