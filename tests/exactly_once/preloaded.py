"""Whatever a run imports late is imported here early, so that it is imported once for all of them."""

import broker_sync.cli.backfill
import broker_sync.cli.backup
import broker_sync.cli.fetching
import broker_sync.cli.ibkr
import broker_sync.cli.measuring
import broker_sync.sinks.ledger
import broker_sync.sinks.wealthfolio
import broker_sync.sinks.wealthfolio.sink  # noqa: F401
import tests.cli.nights  # noqa: F401
