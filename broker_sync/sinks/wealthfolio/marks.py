"""What broker-sync leaves on its rows and assets, so that it knows them again without any memory of its own.

A row of ours names us as its source, has one key that the server keeps unique, and carries in its metadata
the whole activity that it stands for. So positions, cash and the state of every row can be read back from the
tracker alone, even when ``sync.db`` is gone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from broker_sync.codec import activity_from_fields, activity_to_fields
from broker_sync.errors import ValueFormatError
from broker_sync.models import Activity, Instrument
from broker_sync.sinks.wealthfolio.fields import JsonValue

__all__ = [
    "MAIN_LEG",
    "SOURCE",
    "Mark",
    "asset_metadata",
    "external_id_in",
    "instrument_key_of",
    "key_of",
    "metadata_text",
    "parse_key",
    "read_mark",
    "with_note",
]

SOURCE: Final = "BROKER_SYNC"
"""The ``sourceSystem`` of every row of ours."""

MAIN_LEG: Final = ""
"""The first row of an activity, the one that is there in any case; the others have names."""

_OURS: Final = "broker_sync"
_KEY: Final = re.compile(r"broker-sync:[^:]+:([^#]+)(?:#.*)?")
_WRITE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a row of ours says of itself.

    `activity` is what it stands for, None on all legs but the first. `form` says which of the possible forms
    of the activity was written (:mod:`broker_sync.sinks.wealthfolio.forms`). `note` is what a person had
    noted on the row in whose place this one stands.
    """

    external_id: str
    leg: str
    form: str
    activity: Activity | None
    note: str | None = None


def key_of(account_id: str, external_id: str, leg: str = MAIN_LEG) -> str:
    """The idempotency key of a row. The server has one index of keys for all accounts."""
    key = f"broker-sync:{account_id}:{external_id}"
    return f"{key}#{leg}" if leg else key


def parse_key(account_id: str, key: str) -> tuple[str, str] | None:
    """External id and leg of the row with `key`; None if it is not one of ours in that account."""
    prefix = key_of(account_id, "")
    if not key.startswith(prefix):
        return None
    external_id, mark, leg = key.removeprefix(prefix).rpartition("#")
    return (external_id, leg) if mark else (leg, MAIN_LEG)


def external_id_in(key: str) -> str | None:
    """The external id in a key of ours, in whichever account its row was made; None if it is not ours."""
    found = _KEY.fullmatch(key)
    return None if found is None else found[1]


def metadata_text(mark: Mark, flow: Mapping[str, object]) -> str:
    """The metadata of a row, as the text with JSON that the server wants; `flow` is the server's own part."""
    ours: dict[str, object] = {"id": mark.external_id}
    if mark.leg:
        ours["leg"] = mark.leg
    if mark.form:
        ours["form"] = mark.form
    if mark.activity is not None:
        fields = activity_to_fields(mark.activity)
        ours["activity"] = {name: text for name, text in fields.items() if text is not None}
    return _WRITE({**flow, _OURS: ours})


def with_note(metadata: str, note: str) -> str:
    """The `metadata` of a row of ours, with what a person had noted on the row in whose place it stands."""
    fields = json.loads(metadata)
    return _WRITE({**fields, _OURS: {**fields[_OURS], "note": note}})


def read_mark(metadata: Mapping[str, JsonValue]) -> Mark | None:
    """What :func:`metadata_text` left in a row's metadata; None if that is not ours, or not any more."""
    ours = metadata.get(_OURS)
    if not isinstance(ours, dict):
        return None
    external_id, leg, form = ours.get("id"), ours.get("leg", MAIN_LEG), ours.get("form", "")
    if not (isinstance(external_id, str) and isinstance(leg, str) and isinstance(form, str)):
        return None
    fields, noted = ours.get("activity"), ours.get("note")
    note = noted if isinstance(noted, str) else None
    if fields is None:
        return Mark(external_id=external_id, leg=leg, form=form, activity=None, note=note)
    if not isinstance(fields, dict):
        return None
    texts = {name: text for name, text in fields.items() if isinstance(text, str)}
    try:
        activity = activity_from_fields(texts)
    except ValueFormatError:
        return None
    return Mark(external_id=external_id, leg=leg, form=form, activity=activity, note=note)


def asset_metadata(instrument: Instrument, extra: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The metadata of an asset that we make; `extra` is the server's own part."""
    metadata: dict[str, JsonValue] = {**extra, _OURS: {"key": instrument.key}}
    if instrument.isin:
        metadata["identifiers"] = {"isin": instrument.isin}
    return metadata


def instrument_key_of(metadata: Mapping[str, JsonValue]) -> str | None:
    """The :attr:`~broker_sync.models.Instrument.key` that an asset was made for; None if not by us."""
    ours = metadata.get(_OURS)
    key = ours.get("key") if isinstance(ours, dict) else None
    return key if isinstance(key, str) else None
