"""Examines a query by one of its statements, one that would be refused as well: that is when it is needed.

The list of what a query needs is :mod:`~broker_sync.providers.ibkr.query_spec`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from broker_sync.providers.ibkr.doctor_facts import Facts
from broker_sync.providers.ibkr.doctor_sections import (
    SECTIONS_PANEL,
    all_ticks,
    field_findings,
    other_sections,
    section_ticks,
    unseen,
)
from broker_sync.providers.ibkr.doctor_settings import setting_findings, setting_ticks, unshown
from broker_sync.providers.ibkr.query_spec import PORTAL_PAGE, QUERY, SETTINGS
from broker_sync.providers.ibkr.sections import Use, use_of
from broker_sync.report.diagnosis import Beyond, Diagnosis, Finding, Severity, Tick

__all__ = ["Refusal", "examine"]

_WHOLE: Final = "the statement"
_BALANCES: Final = frozenset({"CashReport", "EquitySummaryInBase", "OpenPositions"})
_CONFIRMATIONS: Final = frozenset({"TradeConfirms", "TradeConfirmations"})
_ORDER: Final = {severity: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a sync would refuse the statement, and what to do about it."""

    reason: str
    advice: str


def examine(
    facts: Facts, *, document: str, refusal: Refusal | None = None, beyond: Beyond | None = None
) -> Diagnosis:
    """What `facts` tell of the query, the worst first.

    Where they tell nothing of it (no statement in the document, or one of another kind of query), everything
    that is to be ticked is in the answer.
    """
    tells = _tells_of_the_query(facts)
    findings = [*_refusal(refusal), *(_all_findings(facts) if tells else ())]
    return Diagnosis(
        document=document,
        page=PORTAL_PAGE,
        findings=sorted(findings, key=lambda finding: _ORDER[finding.severity]),
        ticks=sorted(_needed(facts) if tells else _everything(), key=_panel),
        accounts=facts.accounts,
        window=_window(facts),
        rows={section: facts.rows(section) for section in facts.tags},
        beyond=beyond,
    )


def _tells_of_the_query(facts: Facts) -> bool:
    """Whether it is of an Activity Flex Query; confirmations of trades are of another one."""
    is_activity = any(use_of(name) is Use.BOOKED or name in _BALANCES for name in facts.tags)
    return bool(facts.statements) and (is_activity or _CONFIRMATIONS.isdisjoint(facts.tags))


def _all_findings(facts: Facts) -> Iterator[Finding]:
    if facts.broken is not None:
        text = "what comes behind the place where it breaks off is not known, and not called missing"
        yield Finding(severity=Severity.ADVICE, place=_WHOLE, text=text)
    yield from setting_findings(facts)
    yield from field_findings(facts)
    yield from unseen(facts)
    yield unshown()
    yield from other_sections(facts)
    yield from _complete(facts)


def _complete(facts: Facts) -> Iterator[Finding]:
    lacking = {finding.section for finding in field_findings(facts)}
    labels = [
        f"{spec.label} ({facts.rows(spec.name)})"
        for spec in QUERY
        if facts.rows(spec.name) and spec.name not in lacking
    ]
    if labels:
        text = f"complete, with their rows: {', '.join(labels)}"
        yield Finding(severity=Severity.FINE, place=SECTIONS_PANEL, text=text)


def _refusal(refusal: Refusal | None) -> Iterator[Finding]:
    if refusal is not None:
        text = ". ".join(filter(None, (refusal.reason, refusal.advice)))
        yield Finding(severity=Severity.REFUSED, place=_WHOLE, text=text)


def _needed(facts: Facts) -> list[Tick]:
    return [*section_ticks(facts), *setting_ticks(facts)]


def _everything() -> list[Tick]:
    settings = [Tick(path=[each.place, each.label], choices=[each.choice]) for each in SETTINGS]
    return [*all_ticks(), *settings]


def _panel(tick: Tick) -> int:
    """Where on the page the panel of `tick` is: sections come first, then the settings in their order."""
    panels = list(dict.fromkeys([SECTIONS_PANEL, *(each.place for each in SETTINGS)]))
    return panels.index(tick.path[0])


def _window(facts: Facts) -> tuple[dt.date, dt.date] | None:
    if not facts.windows:
        return None
    return min(first for first, _ in facts.windows), max(last for _, last in facts.windows)
