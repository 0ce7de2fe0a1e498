"""What was found out about a query, for a person to read and as a JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from broker_sync.report.blocks import BLANK, Block, Cell, Column, Line, Table, Tone
from broker_sync.report.diagnosis import Beyond, Diagnosis, Finding, Severity
from broker_sync.report.wording import listed

__all__ = ["diagnosis_blocks", "diagnosis_object", "verdict_line"]

_HEADS: Final = {
    Severity.REFUSED: ("A sync would refuse this statement", Tone.BAD),
    Severity.HARMFUL: ("To be mended", Tone.BAD),
    Severity.MISSING: ("Missing", Tone.TITLE),
    Severity.ADVICE: ("Good to know", Tone.TITLE),
    Severity.FINE: ("Fine", Tone.GOOD),
}
_BEFORE_TICKS: Final = (Severity.REFUSED, Severity.HARMFUL, Severity.MISSING)
_AFTER_TICKS: Final = (Severity.ADVICE, Severity.FINE)
_MOST: Final = 8
_NO_SCHEMA: Final = (
    "Comparison with ibflex: skipped, it is not installed. To have it: pip install 'broker-sync[ibflex]'"
)


def diagnosis_blocks(found: Diagnosis) -> list[Block]:
    """Everything but the verdict: what hurts most, what to tick, what else there is."""
    return [
        Line(_title(found), Tone.TITLE),
        BLANK,
        *_findings(found, _BEFORE_TICKS),
        *_ticks(found),
        *_findings(found, _AFTER_TICKS),
        *(_beyond(found.beyond) if found.rows else ()),
        BLANK,
    ]


def verdict_line(found: Diagnosis) -> str:
    """The last line: what a sync would do with the statement, and how much is to be done."""
    if found.is_refused:
        return f"{found.document}: would be refused"
    harmful, missing = len(found.having(Severity.HARMFUL)), len(found.having(Severity.MISSING))
    if not harmful and not missing:
        return f"{found.document}: would be booked; nothing is missing"
    return f"{found.document}: would be booked; to be mended: {harmful}, missing: {missing}"


def _title(found: Diagnosis) -> str:
    whose = f"account{'s' if len(found.accounts) > 1 else ''} {listed(found.accounts, most=3)}"
    parts = [whose if found.accounts else "no account"]
    if found.window is not None:
        first, last = found.window
        parts.append(f"{first} to {last}")
    return f"{found.document}: {', '.join(parts)}"


def _findings(found: Diagnosis, severities: Sequence[Severity]) -> Iterator[Block]:
    for severity in severities:
        findings = found.having(severity)
        if not findings:
            continue
        yield Line(*_HEADS[severity])
        places = [each.place for each in findings]
        # A place that goes on from the line above is not named again: so what belongs together is seen.
        rows: list[list[Cell]] = [
            ["" if place == above else place, each.text]
            for each, place, above in zip(findings, places, [None, *places], strict=False)
        ]
        yield Table(columns=[Column("where", whole=True), Column("what, and what it costs")], rows=rows)
        yield BLANK


def _ticks(found: Diagnosis) -> Iterator[Block]:
    if not found.ticks:
        return
    yield Line("What to tick and choose", Tone.TITLE)
    yield Line(f"In Client Portal: {found.page} > edit the query (the pencil), then")
    for tick in found.ticks:
        yield Line(f"  {' > '.join(tick.path)} > {', '.join(tick.choices)}")
    yield BLANK


def _beyond(beyond: Beyond | None) -> Iterator[Block]:
    if beyond is None:
        yield Line(_NO_SCHEMA, Tone.FAINT)
        return
    unknown = [
        *(["section", name] for name in beyond.sections),
        *(["attribute", f"{tag}: {listed(names, most=_MOST)}"] for tag, names in beyond.attributes.items()),
        *(["value", f"{name}: {listed(texts, most=_MOST)}"] for name, texts in beyond.values.items()),
    ]
    if not unknown:
        yield Line(f"Nothing in it is unknown to {beyond.reader}.", Tone.FAINT)
        return
    yield Line(f"Not known to {beyond.reader}; this program reads it all the same", Tone.TITLE)
    yield Table(columns=[Column("kind"), Column("name")], rows=unknown)


# --- for scripts ---


def diagnosis_object(diagnoses: Sequence[Diagnosis], *, provider: str) -> Mapping[str, Any]:
    """The one object: ``outcome`` is the worst severity of any statement, ``ok`` where nothing is missing."""
    worst = [severity.value for severity in _BEFORE_TICKS if any(each.having(severity) for each in diagnoses)]
    return {
        "provider": provider,
        "outcome": worst[0] if worst else "ok",
        "documents": [_document(each) for each in diagnoses],
    }


def _document(found: Diagnosis) -> Mapping[str, Any]:
    first, last = (None, None) if found.window is None else (day.isoformat() for day in found.window)
    return {
        "document": found.document,
        "refused": found.is_refused,
        "accounts": list(found.accounts),
        "window": {"from": first, "to": last},
        "rows": dict(found.rows),
        "findings": [_finding(each) for each in found.findings],
        "ticks": [{"path": list(tick.path), "choices": list(tick.choices)} for tick in found.ticks],
        "beyond_ibflex": None if found.beyond is None else _schema(found.beyond),
    }


def _finding(finding: Finding) -> Mapping[str, Any]:
    return {
        "severity": finding.severity.value,
        "place": finding.place,
        "section": finding.section,
        "fields": list(finding.fields),
        "text": finding.text,
    }


def _schema(beyond: Beyond) -> Mapping[str, Any]:
    return {
        "reader": beyond.reader,
        "sections": list(beyond.sections),
        "attributes": {tag: list(names) for tag, names in beyond.attributes.items()},
        "values": {name: list(texts) for name, texts in beyond.values.items()},
    }
