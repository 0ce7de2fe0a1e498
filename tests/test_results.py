"""The outcome of a sync in a word."""

import dataclasses
from decimal import Decimal

from broker_sync.contracts import Refused
from broker_sync.models import Instrument
from broker_sync.reconcile import CashDrift, PositionDrift
from broker_sync.results import SyncResult
from tests.storage.samples import ACCOUNT

SHARE = Instrument(symbol="A", currency="USD")
RESULT = SyncResult(account=ACCOUNT, sink="ledger")


def test_a_sync_without_a_word_against_it_is_ok() -> None:
    equal = PositionDrift(instrument=SHARE, broker=Decimal(1), tracker=Decimal(1))
    assert dataclasses.replace(RESULT, positions=[equal], cash=[]).outcome == "ok"


def test_a_difference_on_either_side_is_a_drift() -> None:
    position = PositionDrift(instrument=SHARE, broker=Decimal(1), tracker=Decimal(2))
    cash = CashDrift(currency="USD", broker=Decimal(1), tracker=Decimal(2))
    assert dataclasses.replace(RESULT, positions=[position]).outcome == "drift"
    assert dataclasses.replace(RESULT, cash=[cash]).outcome == "drift"


def test_what_the_sink_refused_is_worse_than_a_drift() -> None:
    cash = CashDrift(currency="USD", broker=Decimal(1), tracker=Decimal(2))
    refused = Refused(external_id="x", reason="no")
    assert dataclasses.replace(RESULT, cash=[cash], failures=[refused]).outcome == "failed"
