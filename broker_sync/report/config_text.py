"""What ``broker-sync config check`` shows: what is set, from where, and what is wrong; pure.

No secret gets here: whoever makes a :class:`ConfigReport` has masked them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from broker_sync.report.blocks import BLANK, Block, Column, Line, Table, Tone

__all__ = ["ConfigAccount", "ConfigEntry", "ConfigReport", "config_blocks", "config_object"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigEntry:
    """One setting; `value` is None if it has none, `source` the kind of place it is from, `where` which."""

    name: str
    value: str | None
    secret: bool
    is_set: bool
    source: str | None
    where: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigAccount:
    """One account, with what is used for it in the end; None where the statements or the sinks decide."""

    account: str | None
    tracker: str | None
    sink: str | None
    account_type: str
    has_token: bool
    query_ids: tuple[str, ...]
    described_in: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigReport:
    """All of it; `config_file` is the file that was read, None if there is none."""

    config_file: str | None
    entries: Sequence[ConfigEntry]
    accounts: Sequence[ConfigAccount]
    problems: Sequence[str]
    warnings: Sequence[str]


def config_object(report: ConfigReport) -> dict[str, Any]:
    """The report as JSON; settings in the order of the documentation, a secret's value as ``***``."""
    return {
        "outcome": "wrong" if report.problems else "ok",
        "config_file": report.config_file,
        "settings": [
            {
                "name": each.name,
                "value": each.value,
                "secret": each.secret,
                "set": each.is_set,
                "source": each.source,
                "where": each.where,
            }
            for each in report.entries
        ],
        "accounts": [
            {
                "account": each.account,
                "tracker_account": each.tracker,
                "sink": each.sink,
                "account_type": each.account_type,
                "token": each.has_token,
                "query_ids": list(each.query_ids),
                "described_in": each.described_in,
            }
            for each in report.accounts
        ],
        "problems": list(report.problems),
        "warnings": list(report.warnings),
    }


def config_blocks(report: ConfigReport, *, everything: bool) -> list[Block]:
    """The report for people; with `everything` also what has its default, or no value at all."""
    file = report.config_file
    shown = [each for each in report.entries if everything or each.is_set]
    blocks: list[Block] = [
        Line("No broker-sync.toml is there." if file is None else f"Settings file: {file}")
    ]
    if shown:
        blocks += [BLANK, _settings(shown)]
    rest = len(report.entries) - len(shown)
    if rest:
        blocks += [BLANK, Line(f"{rest} settings are not set (--all shows them)", Tone.FAINT)]
    if report.accounts:
        blocks += [BLANK, _accounts(report.accounts)]
    return [
        *blocks,
        *_sentences("Wrong", report.problems),
        *_sentences("Look at", report.warnings),
        *_end(report),
    ]


def _settings(entries: Sequence[ConfigEntry]) -> Table:
    return Table(
        columns=(Column("Setting", whole=True), Column("value"), Column("from")),
        rows=[(each.name, each.value or "-", _from(each)) for each in entries],
    )


def _from(entry: ConfigEntry) -> str:
    if entry.source is None:
        return "not set"
    return (
        entry.source if entry.where in {None, entry.name, entry.source} else f"{entry.source}: {entry.where}"
    )


def _accounts(accounts: Sequence[ConfigAccount]) -> Table:
    heads = ("Account", "in the tracker", "sink", "type", "token", "queries", "from")
    return Table(
        columns=tuple(Column(head) for head in heads),
        rows=[
            (
                each.account or "any in the statements",
                each.tracker or each.account or "the broker's id",
                each.sink or "as all",
                each.account_type,
                "***" if each.has_token else "none",
                ", ".join(each.query_ids) or "none",
                each.described_in,
            )
            for each in accounts
        ],
    )


def _sentences(head: str, texts: Sequence[str]) -> Iterator[Line]:
    if texts:
        yield BLANK
        yield Line(head, Tone.TITLE)
        yield from (Line(f"- {text}") for text in texts)


def _end(report: ConfigReport) -> Iterator[Line]:
    yield BLANK
    if report.problems:
        number = len(report.problems)
        yield Line(f"{number} {'thing is' if number == 1 else 'things are'} wrong.", Tone.BAD)
    else:
        yield Line("The settings are in order.", Tone.GOOD)
