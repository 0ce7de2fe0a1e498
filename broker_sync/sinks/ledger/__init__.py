"""The embedded ledger: a tracker of our own, for whoever has no other, and to compare the broker with."""

from broker_sync.sinks.ledger.sink import LedgerSink

__all__ = ["LedgerSink"]
