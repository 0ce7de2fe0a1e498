"""Puts into words why a document is no Flex statement, by what it looks like instead."""

from __future__ import annotations

import re
from typing import Final

from broker_sync.providers.ibkr.document import Document
from broker_sync.providers.ibkr.scan import ScanError
from broker_sync.providers.ibkr.statement import NotAStatementError

__all__ = ["explain"]

_HEAD: Final = 4096
_AGAIN: Final = "Fetch the statement again."
_NEEDS_XML: Final = "Set the format of the Flex query to XML."


def explain(error: ScanError | NotAStatementError, document: Document) -> tuple[str, str]:
    """The reason, and what to do about it."""
    head = (
        next(iter(document.chunks()), b"")[:_HEAD].decode("utf-8", errors="replace").lstrip("\ufeff \r\n\t")
    )
    for looks_like in (_service_error, _web_page, _csv):
        found = looks_like(head)
        if found is not None:
            return found
    if isinstance(error, NotAStatementError):
        return f"it is XML, but not a Flex statement: {error}", "Use the XML of an Activity Flex query."
    reasons = {
        "empty": ("it is empty", _AGAIN),
        "not-xml": (f"it is not XML, it begins with {head[:40]!r}", _NEEDS_XML),
        "truncated": (f"it is cut off: {error}", _AGAIN),
        "doctype": ("it declares a document type or entities, which no Flex statement does", _AGAIN),
    }
    return reasons.get(error.kind, (f"it is not well-formed XML: {error}", _AGAIN))


def _service_error(head: str) -> tuple[str, str] | None:
    if "<FlexStatementResponse" not in head:
        return None
    code = re.search(r"<ErrorCode>\s*(\d+)\s*</ErrorCode>", head)
    text = re.search(r"<ErrorMessage>\s*([^<]*?)\s*</ErrorMessage>", head)
    said = " ".join(match[1] for match in (code, text) if match is not None)
    reason = "it is an answer of the Flex Web Service, not a statement"
    return (f"{reason}: {said}" if said else reason), _AGAIN


def _web_page(head: str) -> tuple[str, str] | None:
    if re.match(r"(<\?xml[^>]*>\s*)?(<!doctype html|<html\b)", head, re.IGNORECASE) is None:
        return None
    return "it is a web page, not a statement", f"{_AGAIN} IBKR shows such pages during maintenance."


def _csv(head: str) -> tuple[str, str] | None:
    first = head.partition("\n")[0]
    if head.startswith("<") or not re.match(r'"?(BOF|BOA|ClientAccountID|Statement)"?,', first):
        return None
    return "it is a CSV statement", _NEEDS_XML
