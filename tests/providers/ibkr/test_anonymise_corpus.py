"""Every statement of the corpus that can be read comes to the same when anonymised, and names nobody."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from broker_sync.providers.ibkr import Document, IBKRProvider
from broker_sync.providers.ibkr.admission import Admitted, admit
from broker_sync.providers.ibkr.anonymise import Choices

from . import corpus
from .anonymised import HIDDEN, SHOWN, factors, outcome, text_of, twin
from .builders import Reading, fetch
from .test_corpus import READ

pytestmark = pytest.mark.corpus

_PRIVATE = frozenset(
    """
    accountId acctAlias name street streetResidentialAddress postalCode city primaryEmail masterName queryName
    clientReference accountName company deliveringBroker brokerAccount merchantNameLocation traderID
    transactionID tradeID ibOrderID ibExecID brokerageOrderID orderReference actionID
    amount proceeds netCash cost costBasisMoney tradeMoney endingCash startingCash total balance
    fifoPnlRealized mtmPnl positionValue
    """.split()  # noqa: SIM905  # reads better
)
_TRIVIAL = 4


def _readings(admitted: list[Admitted]) -> Iterator[Reading]:
    for account in sorted(admitted[0].survey.accounts):
        yield fetch(IBKRProvider(wf_account_id="tracker-1", upstream_account_id=account, admitted=admitted))


def _outcomes(document: Document, *, units: Decimal, money: Decimal, years: int) -> list[str]:
    return sorted(
        repr(sorted(outcome(reading, units=units, money=money, years=years).items()))
        for reading in _readings(admit([document], configured=None))
    )


@pytest.mark.parametrize("choices", [SHOWN, HIDDEN], ids=["shown", "hidden"])
def test_each_statement_comes_to_the_same(choices: Choices) -> None:
    units, money = factors(choices)
    for name in READ:
        document = Document(corpus.CORPUS / name)
        original = _outcomes(document, units=units, money=money, years=choices.years)
        done = _outcomes(twin(document, choices), units=Decimal(1), money=Decimal(1), years=0)
        assert done == original, name


@pytest.mark.parametrize("choices", [SHOWN, HIDDEN], ids=["shown", "hidden"])
def test_no_name_number_or_amount_is_left(choices: Choices) -> None:
    looked_for = 0
    for name in READ:
        text = text_of(Document(corpus.CORPUS / name), choices)
        rows = [dict(each.attrib) for each in corpus.tree(name).iter()]
        public = {text for row in rows for column, text in row.items() if column not in _PRIVATE}
        private = {text for row in rows for column, text in row.items() if column in _PRIVATE}
        for each in private - public:
            if len(each) > _TRIVIAL and each.strip("0.-"):
                looked_for += 1
                assert f'"{each}"' not in text, (name, each)
                assert (
                    each.isascii() is False or each.replace(".", "").lstrip("-").isdigit() or each not in text
                )
    assert looked_for > 1000
