"""What every mapping needs beside the row, and the word for a row that cannot be booked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from broker_sync.errors import BrokerSyncError, ValueFormatError
from broker_sync.models import Account
from broker_sync.providers.ibkr.cash_kind import CashKind
from broker_sync.providers.ibkr.instruments import Directory
from broker_sync.providers.ibkr.moments import Clock
from broker_sync.values import CurrencyCode

__all__ = ["Context", "UnbookableError", "currency_of", "needed"]


class UnbookableError(BrokerSyncError):
    """The row cannot be booked; the text says what is missing or contradictory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Whose row it is, what its instrument is and how its clock reads.

    `owners` are the names under which the account's rows stand. `has_cash_ledger` says whether the statement
    has the Statement of Funds by currency. `cash_kinds` go before the built-in table of cash rows.
    """

    account: Account
    directory: Directory
    clock: Clock
    owners: frozenset[str] = frozenset()
    has_cash_ledger: bool = False
    cash_kinds: Mapping[str, CashKind] = field(default_factory=dict)

    def owns(self, account_id: str) -> bool:
        """Whether a row that stands under `account_id` is the account's."""
        return account_id == self.account.provider_account_id or account_id in self.owners


_known_currencies: dict[str, CurrencyCode] = {}


def currency_of(text: str | None) -> CurrencyCode:
    """The currency `text` as an account can hold it; raises :class:`UnbookableError`."""
    known = _known_currencies.get(text or "")
    if known is not None:
        return known
    if not text:
        message = "the row has no currency"
        raise UnbookableError(message)
    try:
        code = CurrencyCode(text)
    except ValueFormatError as error:
        message = f"the currency {text!r} is not one that an account can hold"
        raise UnbookableError(message) from error
    # The alphabet bounds this: three letters.
    _known_currencies[text] = code
    return code


def needed(value: Decimal | None, name: str) -> Decimal:
    """`value`, or :class:`UnbookableError` naming the attribute that the row lacks."""
    if value is None:
        message = f"the row has no {name}"
        raise UnbookableError(message)
    return value
