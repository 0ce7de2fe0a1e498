"""Which of the accounts in the statements are synced, and what the tracker calls them; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from broker_sync.errors import SettingsError
from broker_sync.providers.ibkr.admission import Admitted
from broker_sync.providers.ibkr.sections import Use, use_of
from broker_sync.providers.ibkr.survey import AccountSurvey, counts_for_owner

__all__ = ["accounts_in", "chosen", "tracker_account"]

_RECORDS: Final = frozenset({Use.BOOKED, Use.NOT_YET, Use.UNKNOWN})


def accounts_in(admitted: Sequence[Admitted]) -> list[str]:
    """The broker's accounts in the order in which they come.

    Those of which there is nothing to book and nothing held are left out, unless there are no others: a
    consolidated statement names accounts that were closed or never used.
    """
    telling: dict[str, bool] = {}
    for each in admitted:
        for name, survey in each.survey.accounts.items():
            telling[name] = telling.get(name, False) or _tells_something(survey)
    return [name for name, tells in telling.items() if tells] or list(telling)


def _tells_something(survey: AccountSurvey) -> bool:
    if any(part.positions or part.cash for part in survey.parts.values()):
        return True
    return any(
        use_of(section) in _RECORDS and counts_for_owner(section, tag) for section, tag in survey.counts
    )


def chosen(accounts: Sequence[str], wanted: str | None) -> list[str]:
    """`accounts`, or the `wanted` one of them; raises SettingsError that lists them if it is not there."""
    if wanted is None:
        return list(accounts)
    if wanted not in accounts:
        raise SettingsError(
            f"--account {wanted}: no such account in the statements; they have {', '.join(accounts)}"
        )
    return [wanted]


def tracker_account(account: str, *, among: Sequence[str], configured: str | None) -> str:
    """What the tracker calls `account`: the `configured` name, else the broker's own.

    The configured name is of one account: where the statements have several it would mix them.
    """
    return configured if configured is not None and len(among) == 1 else account
