"""What a statement has that ibflex does not know, where ibflex is installed (the extra ``ibflex``).

Other programs read statements by its schema, and stop at the first thing that is not in it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from types import ModuleType
from typing import Any, Final

from broker_sync.providers.ibkr.scan import ScanError
from broker_sync.providers.ibkr.statement import Group, NotAStatementError
from broker_sync.report.diagnosis import Beyond

__all__ = ["beyond_ibflex"]

_MOST: Final = 20
"""How many values of one attribute are listed."""


def beyond_ibflex(groups: Iterable[Group]) -> Beyond | None:
    """Everything that ibflex does not know, up to where the document can be read; None without ibflex."""
    try:
        import ibflex  # noqa: PLC0415  # a quarter of a second, and it need not be there
    except ImportError:
        return None
    comparison = _Comparison(ibflex)
    try:
        for group in groups:
            comparison.take(group)
    except (ScanError, NotAStatementError):
        pass  # whoever asked reads the document too, and says what is wrong with it
    return comparison.result()


class _Comparison:
    """Takes in groups of rows; keeps what is not known, and each text once."""

    def __init__(self, ibflex: ModuleType) -> None:
        self._ibflex = ibflex
        known = dataclasses.fields(ibflex.Types.FlexStatement)
        self._sections = {field.name for field in known}
        self._unknown_sections: dict[str, None] = {}
        self._attributes: dict[str, dict[str, None]] = {}
        self._values: dict[tuple[str, str], dict[str, None]] = {}
        self._seen: dict[tuple[str, str], set[str]] = {}

    def take(self, group: Group) -> None:
        if not group.section:
            return
        if group.section not in self._sections:
            self._unknown_sections[group.section] = None
            return
        if group.tag or group.names:
            self._take_rows(group, group.tag or group.section)

    def _take_rows(self, group: Group, tag: str) -> None:
        row_type = getattr(self._ibflex.Types, tag, None)
        if row_type is None:
            self._unknown_sections[f"{group.section}/{tag}"] = None
            return
        for place, name in enumerate(group.names):
            hint = row_type.__annotations__.get(name)
            if hint is None:
                self._attributes.setdefault(tag, {})[name] = None
            elif "enums." in hint or "currency" in name.lower():
                self._take_values(row_type, tag, name, {values[place] for values in group.values})

    def _take_values(self, row_type: Any, tag: str, name: str, texts: set[str]) -> None:  # noqa: ANN401
        seen = self._seen.setdefault((tag, name), set())
        for text in sorted(texts - seen):
            if len(self._values.get((tag, name), ())) >= _MOST:
                return
            seen.add(text)
            try:
                self._ibflex.parser.parse_element_attr(row_type, name, text)
            except self._ibflex.parser.FlexParserError:
                self._values.setdefault((tag, name), {})[text] = None

    def result(self) -> Beyond:
        return Beyond(
            reader=f"ibflex {self._ibflex.__version__}",
            sections=list(self._unknown_sections),
            attributes={tag: list(names) for tag, names in self._attributes.items()},
            values={f"{tag}.{name}": list(texts) for (tag, name), texts in self._values.items()},
        )
