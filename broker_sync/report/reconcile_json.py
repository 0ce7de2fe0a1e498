"""A comparison without a sync as the JSON object that scripts rely on; see :mod:`.json_form`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from broker_sync.report.json_form import run_object
from broker_sync.report.run import Run

__all__ = ["reconciled_object"]

Json = Mapping[str, Any]

_TOLD: Final = (
    "account", "sink", "window", "compared", "positions", "cash", "nav", "notes", "standings", "explanations",
)  # fmt: skip


def reconciled_object(run: Run) -> Json:
    """The one object of a comparison; accounts are as in that of a sync, without what only a sync does.

    ``standings`` are what the last sync left.
    """
    told = run_object(run)
    accounts = [{name: each[name] for name in _TOLD if name in each} for each in told["accounts"]]
    return {"provider": told["provider"], "outcome": told["outcome"], "accounts": accounts}
