"""What differs for how long, and why, as the JSON objects that scripts rely on; see :mod:`.json_form`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from broker_sync.confirm import Standing
from broker_sync.explain import Explanation, Parting
from broker_sync.reconcile import PositionDrift
from broker_sync.values import decimal_text

__all__ = ["explanation_object", "explanation_objects", "standing_object"]

Json = Mapping[str, Any]


def standing_object(standing: Standing) -> Json:
    """One difference as it stands; ``state`` is ``confirmed`` from the second run in a row on, else ``new``.

    ``name`` is the currency, or the key of an instrument, and ``label`` what people call it.
    """
    return {
        "of": standing.side.kind.value,
        "name": standing.side.name,
        "label": standing.label,
        "drift": decimal_text(standing.amount),
        "state": "confirmed" if standing.is_confirmed else "new",
        "runs": standing.runs,
        "first_seen": standing.first_seen.isoformat(),
        "last_seen": standing.last_seen.isoformat(),
    }


def explanation_objects(explanations: Sequence[Explanation] | None, standings: Sequence[Standing]) -> Json:
    """``explanations`` under their name; nothing for None, when nobody asked for them."""
    if explanations is None:
        return {}
    return {"explanations": [explanation_object(each, standings) for each in explanations]}


def explanation_object(explanation: Explanation, standings: Sequence[Standing] = ()) -> Json:
    """One explanation. ``cause`` is the kind with underscores; ``confirmed`` is null where nobody knows."""
    side = explanation.drift.side
    standing = {each.side: each for each in standings}.get(side)
    return {
        "of": side.kind.value,
        **_named(explanation),
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


def _named(explanation: Explanation) -> Json:
    drift = explanation.drift
    if isinstance(drift, PositionDrift):
        named = {"symbol": drift.instrument.symbol, "conid": drift.instrument.conid}
        return {**named, "drift": decimal_text(drift.drift)}
    return {"currency": drift.side.name, "drift": decimal_text(drift.drift)}


def _parting(parting: Parting) -> Json:
    return {"agreed": _day(parting.agreed), "differs": _day(parting.differs)}


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
