"""Which of the server's accounts is that of the broker: the one that is named, or the one with our mark.

The mark is in the account's `meta`, which is given when the account is made and kept as it is from then on,
whatever a person changes about the account.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from broker_sync.models import Account
from broker_sync.sinks.wealthfolio.errors import TrackerAccountError
from broker_sync.sinks.wealthfolio.fields import JsonValue
from broker_sync.sinks.wealthfolio.wire import WireAccount

__all__ = ["choose", "made_for", "marked", "new_account", "not_found", "notes_on", "several"]

_OURS: Final = "broker_sync"
_SECURITIES: Final = "SECURITIES"
_NO_TRADES: Final = frozenset({"CREDIT_CARD"})


@dataclass(frozen=True, slots=True)
class _Mark:
    provider: str
    account: str

    def __str__(self) -> str:
        return f"{self.account} at {self.provider}"


def marked(accounts: Sequence[WireAccount], wanted: Account) -> list[WireAccount]:
    """The accounts that were made for `wanted`."""
    mark = _Mark(wanted.provider, wanted.provider_account_id)
    return [each for each in accounts if _mark_of(each) == mark]


def several(found: Sequence[WireAccount], name: str) -> TrackerAccountError:
    """The error to raise where several accounts were made for the broker's account `name`."""
    return TrackerAccountError(
        f"Wealthfolio has {len(found)} accounts that were made for {name}: {_listed(found)}. "
        "Set IBKR_ACCOUNT_ID to the id of the right one."
    )


def choose(accounts: Sequence[WireAccount], wanted: Account) -> WireAccount | None:
    """The account with the id of `wanted`, or with its mark if that id is empty; None if none has the mark.

    Raises TrackerAccountError when the named one is not there, when several bear the mark, or when the one
    found cannot be written to.
    """
    if wanted.id:
        found = [each for each in accounts if each.id == wanted.id]
        if not found:
            raise TrackerAccountError(
                f"Wealthfolio has no account {wanted.id!r} (IBKR_ACCOUNT_ID). It has {_listed(accounts)}."
            )
    else:
        found = marked(accounts, wanted)
        # A marked account that a person has put away and made anew is not the one that is meant.
        found = [each for each in found if not each.is_archived] or found
    if len(found) > 1:
        raise several(found, wanted.provider_account_id)
    for each in found:
        _check(each, wanted)
    return found[0] if found else None


def not_found(accounts: Sequence[WireAccount], wanted: Account) -> TrackerAccountError:
    """That no account bears the mark of `wanted`, and what can be done."""
    return TrackerAccountError(
        f"No account of Wealthfolio was made for {wanted.provider_account_id}. Give --create-account to have "
        f"one made, or set IBKR_ACCOUNT_ID to the id of one that is there: {_listed(accounts)}."
    )


def notes_on(account: WireAccount, wanted: Account) -> list[str]:
    """What a person should know about writing to `account`."""
    notes = []
    if wanted.currency is not None and account.currency != wanted.currency:
        notes.append(
            f"The Wealthfolio account {account.name!r} is in {account.currency}, the broker's in "
            f"{wanted.currency}: positions and cash agree all the same, totals are in {account.currency}."
        )
    if not account.is_active:
        notes.append(f"The Wealthfolio account {account.name!r} is hidden there.")
    return notes


def new_account(wanted: Account, *, currency: str, name: str) -> dict[str, JsonValue]:
    """What to send to have an account made for `wanted`.

    It has no providerAccountId: Wealthfolio's own broker connection would take it for one of its accounts.
    """
    mark: dict[str, JsonValue] = {"provider": wanted.provider, "account": wanted.provider_account_id}
    return {
        "name": name,
        "accountType": _SECURITIES,
        "currency": currency,
        "isDefault": False,
        "isActive": True,
        "trackingMode": "TRANSACTIONS",
        "meta": json.dumps({_OURS: mark}),
    }


def _check(account: WireAccount, wanted: Account) -> None:
    mark = _mark_of(account)
    if mark is not None and mark != _Mark(wanted.provider, wanted.provider_account_id):
        raise _unfit(
            account, f"was made for {mark}, not for {wanted.provider_account_id}", "Name another one."
        )
    if account.is_archived:
        raise _unfit(
            account,
            "is archived, so what is in it cannot be read",
            "Take it out of the archive, or name another one.",
        )
    if account.tracking_mode == "HOLDINGS":
        raise _unfit(
            account,
            "is kept by holdings, not by transactions, so activities do not count in it",
            "Change its tracking mode to transactions, or name another one.",
        )
    if account.provider_account_id:
        raise _unfit(
            account,
            "is filled by Wealthfolio's own broker connection, so everything would be there twice",
            "Name another one.",
        )
    if account.account_type in _NO_TRADES:
        raise _unfit(
            account, f"is of type {account.account_type}, which takes no trades", "Name another one."
        )


def _unfit(account: WireAccount, why: str, advice: str) -> TrackerAccountError:
    return TrackerAccountError(f"Wealthfolio's account {account.name!r} ({account.id}) {why}. {advice}")


def made_for(account: WireAccount) -> str | None:
    """The broker's id of the account that `account` was made for; None if not by us."""
    number = _ours(account).get("account")
    return number if isinstance(number, str) else None


def _mark_of(account: WireAccount) -> _Mark | None:
    ours = _ours(account)
    provider, number = ours.get("provider"), ours.get("account")
    return _Mark(provider, number) if isinstance(provider, str) and isinstance(number, str) else None


def _ours(account: WireAccount) -> Mapping[str, object]:
    """Our part of the account's `meta`; empty where there is none, or nothing that can be read."""
    try:
        meta = json.loads(account.meta or "null")
    except (ValueError, RecursionError):
        return {}
    ours = meta.get(_OURS) if isinstance(meta, dict) else None
    return ours if isinstance(ours, dict) else {}


def _listed(accounts: Sequence[WireAccount]) -> str:
    return "; ".join(f"{each.id} ({each.name}, {each.currency})" for each in accounts) or "no account at all"
