"""Whatever the account does, however its statements are cut, the tracker ends up with the broker's books."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sync.providers.ibkr.mapping import RECORDS
from broker_sync.providers.ibkr.mapping_trades import TRADE_MAPPINGS
from tests.simulation.checks import Shared, problems
from tests.simulation.kinds import BOOKED_KINDS, KINDS
from tests.simulation.query import Query
from tests.simulation.strategies import LARGE, SMALL, case

LIVES = 2000

_PORTION = 100
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a shared folder, in which only folders of our own are made


def _fast_folder() -> TemporaryDirectory[str]:
    """A folder in memory where the machine has one: databases wait for the disk otherwise."""
    return TemporaryDirectory(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None)


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    with _fast_folder() as folder:
        shared = Shared(Path(folder))
        yield shared
        shared.close()


@settings(max_examples=5)
@given(st.integers(min_value=0, max_value=2**32))
def test_every_statement_of_any_account_ties_to_the_books_of_the_broker(shared: Shared, seed: int) -> None:
    assert problems(case(seed, size=SMALL), shared) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, LIVES, _PORTION))
def test_thousands_of_accounts_tie_after_each_of_their_statements(shared: Shared, first: int) -> None:
    # Three of four are short: most of what goes wrong needs few days, and some needs many.
    cases = (case(seed, size=SMALL if seed % 4 else LARGE) for seed in range(first, first + _PORTION))
    assert [problem for each in cases for problem in problems(each, shared)] == []


# --- that the accounts do enough to say anything ---


@pytest.mark.slow
def test_the_lives_are_full_of_every_kind() -> None:
    lives = [case(seed) for seed in range(300)]
    happened = Counter(row.kind for each in lives for row in each.life.rows)
    assert {name for name in KINDS if happened[name] < 4} == set()


def test_every_kind_that_can_happen_is_tried() -> None:
    assert set(BOOKED_KINDS) == set(KINDS)


def test_every_category_of_trades_and_every_section_of_records_comes_up() -> None:
    lives = [case(seed).life for seed in range(60)]
    rows = [row for life in lives for row in life.rows]
    dealt = {row.thing.category if row.thing else "CASH" for row in rows if row.section == "Trades"}
    # These are dealt in like shares or contracts for difference, and no other way of writing them is known.
    alike = {"ETF", "FUND", "FSOPT", "FSFOP", "CRYPTO", "CMDTY", "FXCFD"}
    assert set(TRADE_MAPPINGS) - dealt == alike
    sections = {row.section for row in rows}
    # Only an advisor's own account has these.
    assert {section for section, _ in RECORDS} - sections == {"ClientFees"}


def test_the_same_seed_is_the_same_case() -> None:
    assert case(7) == case(7)
    assert case(7) != case(8)


def test_queries_differ() -> None:
    queries = [step.query for seed in range(60) for step in case(seed, size=SMALL).steps]
    assert len({query.days for query in queries}) == 7
    assert {query.by_day for query in queries} == {True, False}
    assert Query(absent=frozenset({"StmtFunds"})) in queries
