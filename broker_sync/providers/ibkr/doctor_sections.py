"""Section by section and field by field: what a statement's query lacks, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from broker_sync.providers.ibkr.doctor_facts import Facts, TagFacts
from broker_sync.providers.ibkr.query_fields import ACCOUNT, FieldSpec, Level, SectionSpec
from broker_sync.providers.ibkr.query_spec import GENERAL, QUERY, RATES
from broker_sync.providers.ibkr.sections import Use, use_of
from broker_sync.report.diagnosis import Finding, Severity, Tick

__all__ = ["SECTIONS_PANEL", "all_ticks", "field_findings", "other_sections", "section_ticks", "unseen"]

SECTIONS_PANEL: Final = "Sections"
_ALL: Final = "Select All"
_BASE: Final = "BASE_SUMMARY"
_BASE_LEVEL: Final = "BASECURRENCY"

_ACCOUNT: Final = ACCOUNT[0]

_SEVERITY: Final = {
    Level.REQUIRED: Severity.HARMFUL,
    Level.RECOMMENDED: Severity.MISSING,
    Level.OPTIONAL: Severity.ADVICE,
}


def field_findings(facts: Facts) -> Iterator[Finding]:
    """What is missing: sections, then fields; what only some accounts need comes together at the end."""
    absent = [] if facts.broken is not None else [spec for spec in QUERY if spec.name not in facts.tags]
    for spec in QUERY:
        if spec in absent and spec.level is not Level.OPTIONAL:
            yield _finding(spec, _SEVERITY[spec.level], f"without it, {spec.cost}")
    for spec in QUERY:
        yield from _of_rows(spec, facts)
    yield from _for_some(absent)
    yield from _optional_fields(facts)


def _of_rows(spec: SectionSpec, facts: Facts) -> Iterator[Finding]:
    tag = _tag(spec, facts)
    if _has_wrong_level(spec, facts):
        text = f"it has {_levels(spec, facts)} rows only: {spec.level_cost}"
        yield _finding(spec, _SEVERITY[spec.level], text, ["levelOfDetail"])
    elif tag is not None:
        for fields in _by_cost(_lacking(spec, tag)):
            severity, names = _SEVERITY[fields[0].level], [field.name for field in fields]
            text = f"without {_listed([field.label for field in fields])}, {fields[0].cost}"
            yield _finding(spec, severity, text, names)
        yield from _empty(spec, tag)


def _empty(spec: SectionSpec, tag: TagFacts) -> Iterator[Finding]:
    for field in spec.fields:
        present = field.names & tag.columns
        if field.level is Level.REQUIRED and present and present <= tag.empty:
            text = f"{field.label} is ticked, but empty in all rows ({tag.rows}): {field.cost}"
            yield _finding(spec, Severity.ADVICE, text, [field.name])


def _has_wrong_level(spec: SectionSpec, facts: Facts) -> bool:
    tag = _tag(spec, facts)
    if not spec.wrong_levels:
        return False
    if tag is None:
        return facts.rows(spec.name) > 0
    levels = {level.upper().replace(" ", "") for level in tag.levels if level}
    if _BASE_LEVEL in spec.wrong_levels and tag.currencies and tag.currencies <= {_BASE}:
        return True
    return bool(levels) and levels <= spec.wrong_levels


def _levels(spec: SectionSpec, facts: Facts) -> str:
    tag = _tag(spec, facts)
    if tag is None:
        return _listed(sorted(facts.tags[spec.name]))
    return _listed(sorted(filter(None, tag.levels)) or [_BASE])


def _tag(spec: SectionSpec, facts: Facts) -> TagFacts | None:
    """What the rows that count show; None where there are none."""
    tag = facts.tags.get(spec.name, {}).get(spec.row)
    return tag if tag is not None and tag.rows else None


def _lacking(spec: SectionSpec, tag: TagFacts) -> list[FieldSpec]:
    return [
        field for field in spec.fields if field.level is not Level.OPTIONAL and not field.names & tag.columns
    ]


def _by_cost(fields: Iterable[FieldSpec]) -> list[list[FieldSpec]]:
    """`fields` that cost the same together, so that each cost is told once."""
    groups: dict[tuple[Level, str], list[FieldSpec]] = {}
    for field in fields:
        groups.setdefault((field.level, field.cost), []).append(field)
    return list(groups.values())


def _finding(spec: SectionSpec, severity: Severity, text: str, fields: Sequence[str] = ()) -> Finding:
    return Finding(severity=severity, place=spec.label, section=spec.name, text=text, fields=tuple(fields))


def _for_some(absent: Iterable[SectionSpec]) -> Iterator[Finding]:
    labels = [spec.label for spec in absent if spec.level is Level.OPTIONAL]
    if labels:
        text = f"sections for accounts that have such things: {'; '.join(labels)}"
        yield Finding(severity=Severity.ADVICE, place=SECTIONS_PANEL, text=text)


def _optional_fields(facts: Facts) -> Iterator[Finding]:
    told = []
    for spec in QUERY:
        tag = _tag(spec, facts)
        labels = [
            field.label
            for field in spec.fields
            if tag is not None and field.level is Level.OPTIONAL and not field.names & tag.columns
        ]
        told += [f"{spec.label}: {', '.join(labels)}"] if labels else []
    if told:
        text = f"also read where they are ticked: {'; '.join(told)}"
        yield Finding(severity=Severity.ADVICE, place=SECTIONS_PANEL, text=text)


def _listed(labels: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(labels[:-1]), labels[-1])))


# --- sections beside those that are needed ---


def unseen(facts: Facts) -> Iterator[Finding]:
    """The sections that have no rows, so that nothing shows which fields are ticked."""
    labels = [spec.label for spec in QUERY if spec.name in facts.tags and not facts.rows(spec.name)]
    if labels:
        text = f"no rows in this statement, so their fields cannot be checked: {', '.join(labels)}"
        yield Finding(severity=Severity.ADVICE, place=SECTIONS_PANEL, text=text)


def other_sections(facts: Facts) -> Iterator[Finding]:
    """What becomes of the sections that nothing is booked from or compared with."""
    rejected = [
        name for name in facts.tags if use_of(name) in {Use.NOT_YET, Use.UNKNOWN} and facts.rows(name)
    ]
    for name in rejected:
        text = f"its rows ({facts.rows(name)}) are rejected by name: the section is {use_of(name).value}"
        yield Finding(severity=Severity.ADVICE, place=name, section=name, text=text)
    spare = [name for name in facts.tags if use_of(name) is Use.INFORMATIONAL]
    if spare:
        text = f"not needed, and no harm: {', '.join(spare)}"
        yield Finding(severity=Severity.FINE, place=SECTIONS_PANEL, text=text)


# --- what to tick ---


def section_ticks(facts: Facts) -> list[Tick]:
    """What to tick, section by section in the order of the list."""
    ticks = []
    for spec in QUERY:
        tag = _tag(spec, facts)
        if spec.name not in facts.tags:
            ticks += [_whole(spec)] if spec.level is not Level.OPTIONAL and facts.broken is None else []
        elif _has_wrong_level(spec, facts):
            ticks.append(_whole(spec))
        elif tag is not None and (labels := _labels(spec, tag, facts)):
            ticks.append(Tick(path=_path(spec), choices=labels))
    return ticks


def _labels(spec: SectionSpec, tag: TagFacts, facts: Facts) -> list[str]:
    # Where the head of the statement does not name the account, every row has to.
    unnamed = [_ACCOUNT.label] if facts.is_anonymous and _ACCOUNT.name not in tag.columns else []
    return list(dict.fromkeys([*unnamed, *(field.label for field in _lacking(spec, tag))]))


def all_ticks() -> list[Tick]:
    """What to tick in a query of which nothing is known."""
    return [_whole(spec) for spec in QUERY if spec.level is not Level.OPTIONAL and spec is not RATES]


def _whole(spec: SectionSpec) -> Tick:
    if spec is RATES:
        return Tick(path=[GENERAL, spec.label], choices=["Yes"])
    return Tick(path=_path(spec), choices=[_ALL])


def _path(spec: SectionSpec) -> list[str]:
    return [SECTIONS_PANEL, spec.label, *([spec.option] if spec.option is not None else [])]
