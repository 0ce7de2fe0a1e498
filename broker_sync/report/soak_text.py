"""The judgement on a week of nights, for people and for scripts; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from broker_sync.report.blocks import BLANK, Block, Cell, Column, Line, Table, Tone
from broker_sync.soak import AccountSoak, Night, NightState, Soak

__all__ = ["soak_blocks", "soak_object"]

_TONES: Final[Mapping[NightState, Tone]] = {
    NightState.EQUAL: Tone.GOOD,
    NightState.DRIFT: Tone.BAD,
    NightState.NOT_COMPARED: Tone.BAD,
    NightState.FAILED: Tone.BAD,
    NightState.NO_RUN: Tone.FAINT,
}


def soak_object(soak: Soak) -> Mapping[str, Any]:
    """The one object of ``--json``; days are ``YYYY-MM-DD``, times ISO 8601 in UTC."""
    return {
        "holds": soak.holds,
        "nights": {"from": soak.first.isoformat(), "to": soak.last.isoformat(), "needed": soak.needed},
        "reasons": list(soak.reasons),
        "accounts": [
            {
                "account": each.account,
                "holds": not each.reasons,
                "complete": each.complete,
                "last_success": None if each.last_success is None else _moment(each.last_success),
                "reasons": list(each.reasons),
                "nights": [
                    {
                        "day": night.day.isoformat(),
                        "state": night.state.value,
                        "drifts": [{"name": drift.name, "drift": drift.drift} for drift in night.drifts],
                        "error": night.error,
                    }
                    for night in each.nights
                ],
            }
            for each in soak.accounts
        ],
    }


def soak_blocks(soak: Soak) -> list[Block]:
    """A table of nights and accounts, the reasons against, and the judgement."""
    blocks: list[Block] = []
    if soak.accounts:
        blocks += [_table(soak), BLANK]
    blocks += [Line(reason, Tone.BAD) for reason in soak.reasons]
    for account in soak.accounts:
        blocks += [Line(f"{account.account}: {reason}", Tone.BAD) for reason in account.reasons]
    if soak.holds:
        blocks.append(
            Line(
                f"It holds: {soak.needed} or more of the nights from {soak.first} to {soak.last} are "
                "complete, the last one is fresh, and nothing differs.",
                Tone.GOOD,
            )
        )
    else:
        blocks.append(Line("It does not hold.", Tone.BAD))
    return blocks


def _table(soak: Soak) -> Table:
    columns = [Column("night (UTC)", whole=True), *(Column(each.account) for each in soak.accounts)]
    nights = zip(*(each.nights for each in soak.accounts), strict=True)
    rows: list[list[Cell]] = [[row[0].day.isoformat(), *map(_cell, row)] for row in nights]
    return Table(columns=columns, rows=[*rows, ["last success", *map(_success, soak.accounts)]])


def _cell(night: Night) -> Cell:
    told = night.error or ", ".join(f"{each.name} {each.drift}" for each in night.drifts)
    return Line(f"{night.state}: {told}" if told else night.state.value, _TONES[night.state])


def _success(account: AccountSoak) -> Cell:
    return "never" if account.last_success is None else _moment(account.last_success)


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")
