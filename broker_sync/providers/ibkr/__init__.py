"""Interactive Brokers, through Flex statements."""

from broker_sync.providers.ibkr.document import Document
from broker_sync.providers.ibkr.errors import IBKRAccountMismatchError, IBKRError, StatementRefusedError
from broker_sync.providers.ibkr.provider import IBKRProvider
from broker_sync.providers.ibkr.symbols import canonical_symbol

__all__ = [
    "Document",
    "IBKRAccountMismatchError",
    "IBKRError",
    "IBKRProvider",
    "StatementRefusedError",
    "canonical_symbol",
]
