"""Whether a document may be booked at all: everything that can refuse it, before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from broker_sync.errors import ValueFormatError
from broker_sync.providers.ibkr.document import Document
from broker_sync.providers.ibkr.errors import IBKRAccountMismatchError, StatementRefusedError
from broker_sync.providers.ibkr.refusals import explain
from broker_sync.providers.ibkr.scan import ScanError
from broker_sync.providers.ibkr.sections import Use, use_of
from broker_sync.providers.ibkr.statement import NotAStatementError, groups
from broker_sync.providers.ibkr.survey import AccountSurvey, Survey, join_segments, survey
from broker_sync.providers.ibkr.truth import cash_truth, nav_truth, position_truth, window

__all__ = ["Admitted", "admit", "admit_of"]

_CONFIRMATIONS: Final = frozenset({"TradeConfirms", "TradeConfirmations"})
_BALANCES: Final = frozenset({"CashReport", "EquitySummaryInBase", "OpenPositions"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A document that may be booked, with what its first reading found."""

    document: Document
    survey: Survey
    digest: str


def admit(documents: Sequence[Document], *, configured: str | None) -> list[Admitted]:
    """Read all `documents` once; raises :class:`StatementRefusedError` for the first that may not be booked.

    Every account in every document must be the `configured` one, if there is one.
    """
    admitted = []
    for document in documents:
        found = _survey(document)
        join_segments(found, configured=configured)
        _refuse_incomplete(document, found)
        _refuse_unreadable(document, found)
        _refuse_foreign(document, found, configured)
        admitted.append(Admitted(document=document, survey=found, digest=document.digest()))
    return admitted


def admit_of(documents: Sequence[Document], *, accounts: Collection[str]) -> list[Admitted]:
    """As :func:`admit`, where every account in every document must be one of `accounts` (none: any)."""
    if len(accounts) == 1:
        return admit(documents, configured=next(iter(accounts)))
    admitted = admit(documents, configured=None)
    for each in admitted if accounts else ():
        for found in each.survey.accounts.values():
            if found.account_id not in accounts:
                raise IBKRAccountMismatchError(
                    document=each.document.name,
                    found=found.account_id,
                    configured=", ".join(sorted(accounts)),
                    is_alias=_is_alias(found),
                )
    return admitted


def _survey(document: Document) -> Survey:
    try:
        return survey(groups(document.chunks()))
    except (ScanError, NotAStatementError) as error:
        reason, advice = explain(error, document)
        raise StatementRefusedError(document=document.name, reason=reason, advice=advice) from error


def _refuse_incomplete(document: Document, found: Survey) -> None:
    for reason, advice in _shortcomings(found):
        raise StatementRefusedError(document=document.name, reason=reason, advice=advice)


def _refuse_unreadable(document: Document, found: Survey) -> None:
    # What the broker says is true is compared after the records are booked; it must be readable before.
    try:
        for account in found.accounts.values():
            window(account, order=found.order)
            position_truth(account, found.directory, order=found.order)
            cash_truth(account, order=found.order)
            nav_truth(account, order=found.order)
    except ValueFormatError as error:
        reason = f"its window, positions or balances cannot be read: {error}"
        raise StatementRefusedError(document=document.name, reason=reason) from error


def _shortcomings(found: Survey) -> list[tuple[str, str]]:
    """Why a document is not a complete statement, and what to do, the gravest first; empty when it is."""
    rows_in_all = sum(account.counts.total() for account in found.accounts.values())
    declared = found.declared or 0
    only_summaries = any(levels.summaries and not levels.details for levels in found.cash_levels.values())
    is_confirmations = bool(found.sections & _CONFIRMATIONS) and not any(map(_is_activity, found.sections))
    checks = (
        (
            not found.heads,
            "it has no statement in it",
            "Run the query again; check that it selects an account.",
        ),
        (
            declared > len(found.heads),
            f"it says that it holds {declared} statements, but has {len(found.heads)}",
            "The download was cut short: fetch it again.",
        ),
        (
            not rows_in_all,
            "it has no rows in any section",
            "Tick sections in the query, or widen its period.",
        ),
        (
            "" in found.accounts,
            "it does not say which account it is of, or not in all its rows",
            "Tick Account ID in the sections of the Flex query.",
        ),
        (is_confirmations, "it is a Trade Confirmation query", "Use an Activity Flex query instead."),
        (
            only_summaries,
            "its Cash Transactions are SUMMARY rows only, which have no identity of their own",
            "Tick Detail in the Cash Transactions section of the Flex query.",
        ),
        (
            found.ambiguous_days,
            "its dates do not tell the day from the month",
            "Set the date format of the Flex query to yyyyMMdd.",
        ),
    )
    return [(reason, advice) for is_so, reason, advice in checks if is_so]


def _is_activity(section: str) -> bool:
    return section in _BALANCES or use_of(section) in {Use.BOOKED, Use.NOT_YET}


def _refuse_foreign(document: Document, found: Survey, configured: str | None) -> None:
    if configured is None:
        return
    for account in found.accounts.values():
        if account.account_id != configured:
            raise IBKRAccountMismatchError(
                document=document.name,
                found=account.account_id or "(none)",
                configured=configured,
                is_alias=_is_alias(account),
            )


def _is_alias(account: AccountSurvey) -> bool:
    return account.alias is not None and account.alias == account.account_id
