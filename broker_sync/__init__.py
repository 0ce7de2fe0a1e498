"""broker-sync: a portfolio tracker that provably equals the broker, every night."""

from broker_sync._version import __version__

__all__ = ["__version__"]
