"""Every metric there is: its name without the broker's, its labels and what it says.

All are gauges: each is the state after the last run, and nothing counts up between runs. Units stand in the
names, in base units; amounts of money are in the currency of their label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["CATALOGUE", "Definition", "definition_of", "metric_name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One metric; `suffix` is its name after that of the broker, `text` the sentence of its HELP line."""

    suffix: str
    text: str
    labels: tuple[str, ...] = ()


def metric_name(provider: str, suffix: str) -> str:
    """The whole name: that of the broker in front, as in ``ibkr_position_drift_shares``."""
    return f"{provider.replace('-', '_')}_{suffix}"


def definition_of(name: str) -> Definition | None:
    """The definition of a metric by its whole `name`, of whichever broker; None if it is not ours."""
    return next((each for each in CATALOGUE if name.endswith(f"_{each.suffix}")), None)


_RUN: Final = (
    Definition(
        suffix="sync_last_success_timestamp_seconds",
        text="When the last run ended in which nothing failed, as Unix time.",
    ),
    Definition(
        suffix="sync_last_attempt_timestamp_seconds",
        text="When the last run ended, whatever came of it, as Unix time.",
    ),
    Definition(
        suffix="sync_last_attempt_outcome",
        text="1 for the outcome of the last run, 0 for the others.",
        labels=("outcome",),
    ),
    Definition(suffix="sync_duration_seconds", text="How long the last run took."),
    Definition(
        suffix="sync_stage_duration_seconds",
        text="How long each stage of the last run took.",
        labels=("stage",),
    ),
    Definition(suffix="build_info", text="1, with the version of broker-sync.", labels=("version",)),
    Definition(
        suffix="tracker_info",
        text="1, with the name and the version of the tracker.",
        labels=("tracker", "version"),
    ),
)

_FLEX: Final = (
    Definition(
        suffix="flex_last_error_code",
        text="The broker's code for why the last download failed, 0 if it did not.",
    ),
    Definition(
        suffix="flex_token_expired",
        text="1 if the broker refused the token as expired (code 1012), 0 once it takes it.",
    ),
    Definition(
        suffix="flex_token_expires_timestamp_seconds",
        text="When the token expires, as Unix time.",
    ),
    Definition(
        suffix="flex_breaker_open",
        text="1 while downloads are held back to avoid a lock-out, else 0.",
    ),
)

_DRIFT: Final = (
    Definition(
        suffix="position_drift_shares",
        text="Units at the broker less units in the tracker, for every symbol that either side holds.",
        labels=("symbol", "account"),
    ),
    Definition(
        suffix="position_drift_confirmed",
        text="1 if the symbol differed beyond tolerance in two runs in a row, else 0.",
        labels=("symbol", "account"),
    ),
    Definition(
        suffix="cash_drift_amount",
        text="Money at the broker less money in the tracker, in the currency of the label.",
        labels=("currency", "account"),
    ),
    Definition(
        suffix="cash_drift_confirmed",
        text="1 if the currency differed beyond tolerance in two runs in a row, else 0.",
        labels=("currency", "account"),
    ),
    Definition(
        suffix="nav_drift_amount",
        text="Net asset value at the broker less that in the tracker, in the currency of the label.",
        labels=("currency", "account"),
    ),
    Definition(
        suffix="nav_drift_confirmed",
        text="1 if the net asset value differed beyond tolerance in two runs in a row, else 0.",
        labels=("currency", "account"),
    ),
    Definition(
        suffix="sync_compared",
        text="1 if both sides could be compared in the last run, 0 if the statement does not say enough.",
        labels=("what", "account"),
    ),
)

_ACCOUNT: Final = (
    Definition(
        suffix="account_last_success_timestamp_seconds",
        text="When the account was last synced without a failure, as Unix time.",
        labels=("account",),
    ),
    Definition(
        suffix="account_last_attempt_timestamp_seconds",
        text="When the account was last tried, as Unix time.",
        labels=("account",),
    ),
    Definition(
        suffix="account_last_attempt_outcome",
        text="1 for the outcome of the account's last sync, 0 for the others.",
        labels=("outcome", "account"),
    ),
    Definition(
        suffix="sync_records",
        text="Broker records that the last sync saw, by what became of them.",
        labels=("outcome", "account"),
    ),
    Definition(
        suffix="section_rows",
        text="Rows of the statements that the last sync saw, by section and what became of them.",
        labels=("section", "outcome", "account"),
    ),
    Definition(
        suffix="rejected_records",
        text="Broker records that the last sync did not book, by section.",
        labels=("section", "account"),
    ),
    Definition(
        suffix="deleted_activities",
        text="Activities that the last sync removed from the tracker.",
        labels=("account",),
    ),
    Definition(
        suffix="sync_conflicts",
        text="Activities that somebody changed in the tracker and the broker says otherwise.",
        labels=("account",),
    ),
    Definition(
        suffix="coverage_gap_weekdays",
        text="Weekdays between the first and the last known day that no statement covers.",
        labels=("account",),
    ),
    Definition(
        suffix="statement_end_timestamp_seconds",
        text="End of the last day that the latest statement covers, as Unix time (UTC midnight).",
        labels=("account",),
    ),
)

CATALOGUE: Final = (*_RUN, *_DRIFT, *_ACCOUNT, *_FLEX)
