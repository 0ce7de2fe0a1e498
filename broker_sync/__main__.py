"""``python -m broker_sync`` is ``broker-sync``."""

from broker_sync.cli import main

if __name__ == "__main__":
    main()
