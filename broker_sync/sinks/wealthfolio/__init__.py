"""Wealthfolio, a self-hosted portfolio tracker, as a sink."""

from broker_sync.sinks.wealthfolio.sink import WealthfolioSink

__all__ = ["WealthfolioSink"]
