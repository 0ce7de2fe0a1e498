"""Warns of what was not booked, record by record, so that it stands in the log of an unattended run."""

from __future__ import annotations

import logging
from typing import Final

from broker_sync.report import Run

__all__ = ["warn_of"]

_MOST: Final = 20
_log: Final = logging.getLogger(__name__)


def warn_of(run: Run) -> None:
    """Log a WARNING for each record that we rejected or the tracker refused; for many, how many more."""
    told = [
        f"{each.external_id} ({each.section}) was not booked: {each.reason}"
        for result in run.results
        for each in result.rejected
    ]
    told += [
        f"{each.external_id} was not taken by the tracker: {each.reason}"
        for result in run.results
        for each in result.failures
    ]
    for text in told[:_MOST]:
        _log.warning("%s", text)
    if len(told) > _MOST:
        _log.warning("and %d more, not listed here", len(told) - _MOST)
