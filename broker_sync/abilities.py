"""What a tracker may be able to say beside what every one must."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol, runtime_checkable

from broker_sync.explain.entry import Entry
from broker_sync.models import Instrument, Nav

__all__ = ["Limits", "Rows", "Unholdable", "Values"]


@runtime_checkable
class Values(Protocol):
    """A tracker that knows prices."""

    async def valuation(self, account_id: str, *, as_of: dt.date) -> Nav | None:
        """What the account was worth at the end of `as_of`, in its base currency; None if it is not known."""


@runtime_checkable
class Rows(Protocol):
    """A tracker that lists what it has."""

    async def entries(self, account_id: str) -> Sequence[Entry]:
        """Every row that counts, ours and others', with what it does to cash and position.

        A row of ours goes by its external id, any other has none, and the tracker's id as its `record_id`.
        """


class Unholdable(Protocol):
    """A position that the tracker cannot show."""

    @property
    def instrument(self) -> Instrument:
        """What it is of."""

    @property
    def quantity(self) -> Decimal:
        """How much of it there should be, signed."""

    @property
    def reason(self) -> str:
        """Why not."""


@runtime_checkable
class Limits(Protocol):
    """A tracker that cannot hold everything, and knows what."""

    async def cannot_hold(self, account_id: str, *, as_of: dt.date) -> Sequence[Unholdable]:
        """The positions at the end of `as_of` that it cannot show."""
