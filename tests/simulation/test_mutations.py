"""That the simulation says no: under each mistake that is put into the mapping, books stop to tie."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.simulation.checks import Shared, problems
from tests.simulation.kinds import BOOKED_KINDS
from tests.simulation.mutations import MUTATIONS, WRONG_SIGNS, Mutation
from tests.simulation.strategies import case

pytestmark = pytest.mark.slow

_MOST = 200


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    in_memory = Path("/dev/shm")  # noqa: S108 - as in test_simulation
    with TemporaryDirectory(dir=in_memory if in_memory.is_dir() else None) as folder:
        shared = Shared(Path(folder))
        yield shared
        shared.close()


def _first_to_fail(kinds: Sequence[str], shared: Shared) -> tuple[int, str] | None:
    """The first seed whose account does not tie, and what is wrong with it."""
    for seed in range(_MOST):
        found = problems(case(seed, kinds=kinds), shared)
        if found:
            return seed, found[0]
    return None


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_a_mistake_in_the_mapping_shows(
    mutation: Mutation, shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutation.apply(monkeypatch)
    found = _first_to_fail((*mutation.kinds, "deposit"), shared)
    sys.stdout.write(f"{mutation}: {found}\n")
    assert found is not None


_NOT_DEALT_IN = ("ETF", "FUND", "FSOPT", "FSFOP", "CRYPTO", "CMDTY", "FXCFD")
_NOWHERE = {
    # Categories that no simulated account deals in, and an advisor's section.
    *(f"trades of {each} with the wrong sign" for each in _NOT_DEALT_IN),
    "ClientFees/ClientFee with the wrong sign",
    # The richer types that sinks have; the mapping makes none of them.
    "INTEREST with the wrong sign in cash",
    "TAX with the wrong sign in cash",
}


_OPTIONS = ("buy-option", "write-option", "buy-index-option", "expire", "settle-in-cash", "settle-in-shares")
_WHERE_IT_COMES_UP = {
    # What happens so seldom that an account of its own shows it sooner.
    "Bond Interest with the wrong sign": ("buy-bond", "pay-coupon"),
    "Bond Interest Received with the wrong sign": ("buy-bond", "pay-coupon"),
    "Bond Interest Paid with the wrong sign": ("buy-bond", "pay-coupon"),
    "CFDCharges/CFDCharge with the wrong sign": ("deal-in-difference", "finance-difference"),
    "DebitCardActivities/DebitCardActivity with the wrong sign": ("pay-by-card",),
    "Payment In Lieu Of Dividends with the wrong sign": ("buy", "pay-dividend"),
    "SPLIT with the wrong sign in units": ("buy", "split"),
    "trades of FOP with the wrong sign": _OPTIONS,
    **{
        f"{way} with the wrong sign": ("withdraw",)
        for way in ("Bill Pay", "Cash Receipts", "Deposits", "Withdrawals")
    },
    **{
        f"{fees} with the wrong sign": ("charge",)
        for fees in (
            "Advisor Fees",
            "Broker Fees",
            "Carbon Credits",
            "Commission Adjustments",
            "Fees",
            "Management Fees",
            "Other Fees",
            "Price Adjustments",
        )
    },
    "OptionEAE/OptionEAE with the wrong sign": _OPTIONS,
    "StockGrantActivities/StockGrantActivity with the wrong sign": ("grant-shares", "give-shares"),
    "TradeTransfers/TradeTransfer with the wrong sign": ("buy", "deliver-away"),
    "trades of IOPT with the wrong sign": _OPTIONS,
    "trades of WAR with the wrong sign": _OPTIONS,
}


@pytest.mark.parametrize("mutation", [each for each in WRONG_SIGNS if str(each) not in _NOWHERE], ids=str)
def test_a_wrong_sign_anywhere_shows(
    mutation: Mutation, shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutation.apply(monkeypatch)
    kinds = _WHERE_IT_COMES_UP.get(str(mutation))
    found = _first_to_fail(BOOKED_KINDS if kinds is None else (*kinds, "deposit"), shared)
    sys.stdout.write(f"{mutation}: {found}\n")
    assert found is not None


def test_without_a_mistake_the_same_accounts_tie(shared: Shared) -> None:
    for mutation in MUTATIONS:
        for seed in range(2):
            assert problems(case(seed, kinds=(*mutation.kinds, "deposit")), shared) == []
