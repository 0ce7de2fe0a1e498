"""What is gathered of a document for the doctor, where the document says little."""

from __future__ import annotations

from broker_sync.providers.ibkr.doctor_facts import gather
from broker_sync.providers.ibkr.statement import groups

from .builders import one_statement, trade, trades


def test_a_statement_without_days_and_rows_without_an_account_are_gathered_all_the_same() -> None:
    text = one_statement(trades(trade(accountId="")), fromDate=None, toDate=None)
    facts = gather(groups([text.encode()]))
    assert facts.windows == set()
    assert "" not in facts.accounts
