"""All that can happen to a simulated account, in one table."""

from __future__ import annotations

from collections.abc import Mapping

from tests.simulation import (
    kinds_bonds,
    kinds_charges,
    kinds_corrections,
    kinds_dividends,
    kinds_futures,
    kinds_fx,
    kinds_mergers,
    kinds_money,
    kinds_options,
    kinds_shares,
    kinds_splits,
    kinds_transfers,
)
from tests.simulation.broker import Kind

_MODULES = (
    kinds_shares, kinds_fx, kinds_money, kinds_dividends, kinds_corrections, kinds_options, kinds_bonds,
    kinds_futures, kinds_splits, kinds_mergers, kinds_transfers, kinds_charges,
)  # fmt: skip

KINDS: Mapping[str, Kind] = {kind.name: kind for module in _MODULES for kind in module.KINDS}
"""Every kind by its name. A new one goes into the KINDS of its module, and into BOOKED_KINDS once booked."""

BOOKED_KINDS: tuple[str, ...] = tuple(KINDS)
"""The kinds that the mapping books: only these happen to the accounts that are synced."""
