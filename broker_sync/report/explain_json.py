"""Comparisons and explanations as the JSON objects that scripts rely on; see :mod:`.json_form`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from broker_sync.confirm import Standing
from broker_sync.explain import Explanation, Parting
from broker_sync.nav import nav_off
from broker_sync.reconcile import PositionDrift, Side
from broker_sync.report.explain_text import Reconciled, side_of
from broker_sync.report.json_form import run_object
from broker_sync.report.run import Run
from broker_sync.results import NavDrift
from broker_sync.values import decimal_text

__all__ = ["explanation_object", "reconciled_object"]

Json = Mapping[str, Any]

_COMPARED: Final = ("account", "sink", "window", "compared", "positions", "cash", "nav", "notes")


def reconciled_object(found: Reconciled) -> Json:
    """The one object of a comparison; accounts are as in that of a sync, without what only a sync does.

    ``explanations`` are there if they were asked for.
    """
    run = run_object(Run(provider=found.provider, results=found.results))
    accounts = []
    for account in run["accounts"]:
        parts = {name: account[name] for name in _COMPARED}
        if found.explanations is not None:
            standings = found.standings.get(account["account"], ())
            explanations = found.explanations.get(account["account"], ())
            parts["explanations"] = [explanation_object(each, standings) for each in explanations]
        accounts.append(parts)
    return {"provider": run["provider"], "outcome": run["outcome"], "accounts": accounts}


def explanation_object(explanation: Explanation, standings: Sequence[Standing] = ()) -> Json:
    """One explanation. ``cause`` is the kind with underscores; ``confirmed`` is null where nobody knows."""
    side = side_of(explanation)
    standing = {each.side: each for each in standings}.get(side)
    return {
        "of": side.kind.value,
        **_named(explanation, side),
        "cause": explanation.kind.name.lower(),
        "records": list(explanation.records),
        "text": explanation.text,
        "command": explanation.command,
        "is_proven": explanation.is_proven,
        "is_smallest": explanation.is_smallest,
        "accounts_for_rest": explanation.accounts_for_rest,
        "parting": None if explanation.parting is None else _parting(explanation.parting),
        "confirmed": None if standing is None else standing.is_confirmed,
        "first_seen": None if standing is None else standing.first_seen.isoformat(),
    }


def _named(explanation: Explanation, side: Side) -> Json:
    drift = explanation.drift
    if isinstance(drift, NavDrift):
        return {"currency": side.name, "drift": decimal_text(nav_off(drift))}
    if isinstance(drift, PositionDrift):
        named = {"symbol": drift.instrument.symbol, "conid": drift.instrument.conid}
        return {**named, "drift": decimal_text(drift.drift)}
    return {"currency": drift.currency, "drift": decimal_text(drift.drift)}


def _parting(parting: Parting) -> Json:
    return {"agreed": _day(parting.agreed), "differs": _day(parting.differs)}


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
