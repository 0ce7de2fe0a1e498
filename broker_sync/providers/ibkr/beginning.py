"""Whether an account held nothing when its statement begins: then there is nothing before it."""

from __future__ import annotations

from broker_sync.models import Account, AccountType
from broker_sync.providers.ibkr.admission import Admitted
from broker_sync.providers.ibkr.chapter import Chapter
from broker_sync.providers.ibkr.identity import PROVIDER
from broker_sync.providers.ibkr.records import CashReportCurrency

__all__ = ["began_with_nothing"]


def began_with_nothing(admitted: Admitted, account_id: str) -> bool:
    """Whether `admitted` says that the account had neither money nor positions before its first day.

    False where it does not say both. Positions are those at the end less what the records did, so all of the
    document is read once more.
    """
    return _had_no_money(admitted, account_id) and _had_no_positions(admitted, account_id)


def _had_no_money(admitted: Admitted, account_id: str) -> bool:
    survey = admitted.survey.accounts[account_id]
    # Parts are numbered in the order of the file, which is that of their days.
    first = survey.parts[min(survey.parts)]
    starts = [CashReportCurrency(raw, admitted.survey.order).starting_cash for raw in first.cash or ()]
    return bool(starts) and all(start == 0 for start in starts)


def _had_no_positions(admitted: Admitted, account_id: str) -> bool:
    account = Account(
        id=account_id,
        provider=PROVIDER,
        provider_account_id=account_id,
        account_type=AccountType.GIA,
        currency=None,
    )
    chapter = Chapter(admitted=admitted, account=account)
    for _ in chapter.read():
        pass
    truth = chapter.truth()
    return truth is not None and truth.positions is not None and not truth.opening_positions
