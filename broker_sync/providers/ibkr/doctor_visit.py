"""Has a document examined: reads it, asks whether a sync would take it, and compares it with ibflex."""

from __future__ import annotations

from collections.abc import Collection

from broker_sync.providers.ibkr.admission import admit_of
from broker_sync.providers.ibkr.doctor import Refusal, examine
from broker_sync.providers.ibkr.doctor_facts import gather
from broker_sync.providers.ibkr.document import Document
from broker_sync.providers.ibkr.errors import StatementRefusedError
from broker_sync.providers.ibkr.ibflex_view import beyond_ibflex
from broker_sync.providers.ibkr.statement import groups
from broker_sync.report.diagnosis import Diagnosis

__all__ = ["diagnose"]


def diagnose(document: Document, *, accounts: Collection[str] = ()) -> Diagnosis:
    """What `document` tells of its query, read as a sync of `accounts` would read it (none: of any account).

    Raises :class:`StatementRefusedError` only where the file cannot be opened.
    """
    return examine(
        gather(groups(document.chunks())),
        document=document.name,
        refusal=_refusal(document, accounts),
        beyond=beyond_ibflex(groups(document.chunks())),
    )


def _refusal(document: Document, accounts: Collection[str]) -> Refusal | None:
    try:
        admit_of([document], accounts=accounts)
    except StatementRefusedError as error:
        # What is to be done comes last in the text of the error.
        _, _, advice = str(error).partition("Nothing was booked.")
        return Refusal(reason=error.reason, advice=advice.strip())
    return None
