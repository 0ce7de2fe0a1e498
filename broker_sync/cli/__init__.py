"""The command ``broker-sync``: builds the parts, runs one thing, sets the exit status.

What a command needs is imported when it runs, so that help and version come at once.
"""

from broker_sync.cli.app import main

__all__ = ["main"]
