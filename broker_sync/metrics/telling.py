"""The small parts that metrics are put together from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from broker_sync.metrics.samples import Number

__all__ = ["Row", "Told", "once"]

Row = tuple[dict[str, str], Number]
"""The labels of a sample, the account left out, and its value."""


class Told(NamedTuple):
    """A metric of the run, or of one account, with all its samples; none means that there is nothing."""

    suffix: str
    rows: Sequence[Row]
    account: str | None = None

    def of(self, account: str) -> Told:
        """The same, of `account`."""
        return self._replace(account=account)


def once(suffix: str, value: Number) -> Told:
    """A metric with one sample and no labels of its own."""
    return Told(suffix, [({}, value)])
