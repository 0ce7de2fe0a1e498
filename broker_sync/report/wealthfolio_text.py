"""What was found out about a Wealthfolio server, for a person to read and as a JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from broker_sync.report.blocks import BLANK, Block, Cell, Column, Line, Table, Tone
from broker_sync.report.wealthfolio_checkup import AccountCheck, Checkup, Grade

__all__ = ["checkup_blocks", "checkup_object"]

_HEADS: Final[Mapping[Grade, tuple[str, Tone]]] = {
    Grade.FAILS: ("Does not work", Tone.BAD),
    Grade.CARE: ("To be looked at", Tone.TITLE),
    Grade.WORKS: ("Works", Tone.GOOD),
}
_COUNTS: Final = ("ours", "others", "drafts", "touched")


def checkup_blocks(found: Checkup) -> list[Block]:
    """One screen: the server, its accounts, and what does and does not work."""
    version = "" if found.version is None else f" {found.version}"
    return [
        Line(f"Wealthfolio{version} at {found.server}", Tone.TITLE),
        *_facts(found),
        BLANK,
        *_accounts(found),
        *_findings(found),
    ]


def _facts(found: Checkup) -> Iterator[Block]:
    if found.login is not None:
        yield Line(f"Login: {found.login}")
    if found.time_zone is not None:
        yield Line(f"Time zone: {found.time_zone or 'none is set, so days are those of UTC'}")
    if found.base_currency is not None:
        yield Line(f"Base currency: {found.base_currency or 'none is set'}")


def _accounts(found: Checkup) -> Iterator[Block]:
    if not found.accounts:
        return
    heads = ("rows of ours", "of others", "drafts", "changed by people")
    columns = [Column("at the broker", whole=True), Column("in Wealthfolio"), Column("found")]
    rows: list[list[Cell]] = [_account(each) for each in found.accounts]
    yield Table(columns=[*columns, *(Column(head, right=True) for head in heads)], rows=rows)
    yield BLANK


def _account(account: AccountCheck) -> list[Cell]:
    is_there = account.tracker is not None
    name = f"{account.name} ({account.tracker})" if is_there else "-"
    counts = [str(getattr(account, each)) if is_there else "-" for each in _COUNTS]
    return [account.broker or "any", name, account.found, *counts]


def _findings(found: Checkup) -> Iterator[Block]:
    for grade, (head, tone) in _HEADS.items():
        findings = found.having(grade)
        if findings:
            yield Line(head, tone)
            rows: list[list[Cell]] = [[each.subject, each.text] for each in findings]
            yield Table(columns=(Column("what", whole=True), Column("how it is")), rows=rows)
            yield BLANK


def checkup_object(found: Checkup) -> Mapping[str, Any]:
    """The one object: ``outcome`` is the worst grade of any finding; null is what could not be asked."""
    return {
        "server": found.server,
        "outcome": found.outcome,
        "version": found.version,
        "time_zone": found.time_zone,
        "base_currency": found.base_currency,
        "login": found.login,
        "accounts": [
            {
                "broker": each.broker,
                "tracker": each.tracker,
                "name": each.name or None,
                "found": each.found,
                "rows": {name: getattr(each, name) for name in _COUNTS},
            }
            for each in found.accounts
        ],
        "findings": [
            {"grade": each.grade.value, "subject": each.subject, "text": each.text} for each in found.findings
        ],
    }
