"""The first reading of a document: what is in it, whose it is, and what the broker says is true.

Everything that can make a document be refused is found here, before a single record is booked. What is kept
is small: counts, instruments, positions and balances, never the records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from broker_sync.providers.ibkr.columns import picker
from broker_sync.providers.ibkr.dayorder import DayOrderEvidence
from broker_sync.providers.ibkr.formats import DayOrder, is_null
from broker_sync.providers.ibkr.instruments import Directory
from broker_sync.providers.ibkr.records import CashTransaction
from broker_sync.providers.ibkr.records_funds import FundsLine
from broker_sync.providers.ibkr.sections import BOOKED, Use, use_of
from broker_sync.providers.ibkr.statement import PARTS, Group

__all__ = ["AccountSurvey", "Part", "Survey", "counts_for_owner", "join_segments", "owner", "survey"]

Raw = Mapping[str, str]

# Rows that say the dealing currency and home exchange of an instrument, the most trusted first.
_POSITION_COLUMNS: Final = (
    "accountId", "assetCategory", "conid", "costBasisMoney", "costBasisPrice", "currency", "description",
    "exchange", "isin", "levelOfDetail", "listingExchange", "markPrice", "model", "multiplier", "position",
    "reportDate", "symbol",
)  # fmt: skip

_TEACHERS: Final = (
    "OpenPosition", "SecurityInfo", "Trade", "Transfer", "CorporateAction", "CashTransaction",
)  # fmt: skip
# The kinds of cash rows that the broker stamps at one hour of its day, and how many of them tell the zone.
_STAMPED: Final = frozenset({"Dividends", "Withholding Tax", "Payment In Lieu Of Dividends"})
_ENOUGH: Final = 200

_DEALT: Final = frozenset({"OpenPosition", "Trade", "Transfer", "CorporateAction"})
# Their description says what happened, not what the instrument is called.
_NAMELESS: Final = frozenset({"CorporateAction", "CashTransaction"})


@dataclass(slots=True)
class Part:
    """What one FlexStatement says of one account; the lists are None where it lacks the section."""

    head: Raw
    positions: list[Raw] | None = None
    cash: list[Raw] | None = None
    equity: list[Raw] = field(default_factory=list)


@dataclass(slots=True)
class AccountSurvey:
    """What a document says of one account; `counts` is the number of rows by (section, tag).

    `segments` are the names under which its rows stand: its own, and that of its futures segment (``U…F``).
    `opened` is the day on which the account was opened, as the broker writes it.
    """

    account_id: str
    segments: set[str] = field(default_factory=set)
    alias: str | None = None
    base_currency: str | None = None
    opened: str | None = None
    has_cash_ledger: bool = False
    dividend_stamps: list[str] = field(default_factory=list)
    parts: dict[int, Part] = field(default_factory=dict)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(slots=True)
class CashLevels:
    """How many rows of CashTransactions in one FlexStatement are details, and how many sum details up."""

    details: int = 0
    summaries: int = 0


@dataclass(slots=True)
class Survey:
    """What a document says; `declared` is the number of statements that it claims to have.

    `part_sections` are the sections that are there, with rows or without, by the number of the FlexStatement;
    `columns` are those of the records of each section that is booked.
    """

    accounts: dict[str, AccountSurvey] = field(default_factory=dict)
    heads: list[Raw] = field(default_factory=list)
    sections: set[str] = field(default_factory=set)
    part_sections: dict[int, set[str]] = field(default_factory=dict)
    columns: dict[str, set[str]] = field(default_factory=dict)
    cash_levels: dict[int, CashLevels] = field(default_factory=dict)
    declared: int | None = None
    directory: Directory = field(default_factory=Directory)
    order: DayOrder | None = None
    ambiguous_days: bool = False


def counts_for_owner(section: str, tag: str) -> bool:
    """Whether a row says something of the account that it names: a record, a position, a balance."""
    use = use_of(section)
    if use is Use.BOOKED:
        return tag == BOOKED[section]
    return use not in {Use.INFORMATIONAL, Use.REFERENCE} or tag in _KEEPERS


def owner(raw: Raw, head: Raw) -> str:
    """The account that a row belongs to: its own word, else that of its statement; empty if neither says."""
    account = raw.get("accountId")
    if account is None or is_null(account):
        account = head.get("accountId")
    return "" if account is None or is_null(account) else account


class _Surveyor:
    """Takes in the rows one by one; holds only what :class:`Survey` keeps."""

    def __init__(self) -> None:
        self.result = Survey()
        self._days = DayOrderEvidence()
        self._lessons: dict[str, dict[str, Raw]] = {tag: {} for tag in _TEACHERS}
        self._head: Raw = {}
        self._seen_of_tag: Counter[str] = Counter()

    def take(self, group: Group) -> None:
        if not group.section:
            self._open_structure(group)
        elif not group.tag:
            self._open_section(group)
        else:
            self._take_rows(group)

    def _take_rows(self, group: Group) -> None:
        self._watch_days(group)
        self._learn(group)
        if group.tag == BOOKED.get(group.section):
            self.result.columns.setdefault(group.section, set()).update(group.names)
        keep = _KEEPERS.get(group.tag)
        # Sums and forecasts of other accounts do not make those accounts part of the document.
        if keep is None and not counts_for_owner(group.section, group.tag):
            self._count(self._head, group, len(group.values))
        elif group.tag == "CashTransaction":
            self._take_cash(group)
        elif keep is None:
            pick = picker(group.names, ("accountId", "accountId"))
            for (name, _), number in Counter(map(pick, group.values)).items():
                self._count({} if name is None else {"accountId": name}, group, number)
        else:
            for raw in group.rows:
                account, part = self._count(raw, group, 1)
                keep(account, part, raw)

    def _take_cash(self, group: Group) -> None:
        levels = self.result.cash_levels.setdefault(group.part, CashLevels())
        for raw in group.rows:
            account, _ = self._count(raw, group, 1)
            if raw.get("type") in _STAMPED and len(account.dividend_stamps) < _ENOUGH:
                account.dividend_stamps.append(raw.get("dateTime", ""))
            is_summary = CashTransaction(raw).is_summary
            levels.summaries += is_summary
            levels.details += not is_summary

    def _count(self, raw: Raw, group: Group, number: int) -> tuple[AccountSurvey, Part]:
        account = self._account(raw)
        account.counts[group.section, group.tag] += number
        return account, self._part(account, group.part)

    def _watch_days(self, group: Group) -> None:
        # A query writes all its dates in one format: the first rows of each tag tell whether it has slashes,
        # and only if it has does every row count.
        left = max(0, 200 - self._seen_of_tag[group.tag])
        self._seen_of_tag[group.tag] += len(group.values)
        watched = group.values if self._days.seen else group.values[:left]
        for values in watched:
            self._days.note(dict(zip(group.names, values, strict=True)))

    def _learn(self, group: Group) -> None:
        lessons = self._lessons.get(group.tag)
        if lessons is None or "conid" not in group.names:
            return
        place = group.names.index("conid")
        for values in group.values:
            conid = values[place]
            if conid not in lessons and not is_null(conid):
                lessons[conid] = dict(zip(group.names, values, strict=True))

    def _open_structure(self, group: Group) -> None:
        raw = group.rows[0]
        if group.tag == PARTS:
            count = raw.get("count", "")
            self.result.declared = int(count) if count.isdecimal() else None
            return
        self._head = raw
        self.result.heads.append(raw)
        self._days.note_head(raw)
        if owner({}, raw):
            self._part(self._account({}), group.part)

    def _open_section(self, group: Group) -> None:
        self.result.sections.add(group.section)
        self.result.part_sections.setdefault(group.part, set()).add(group.section)
        raw = group.rows[0] if group.section == "AccountInformation" else {}
        if not owner(raw, self._head):
            return
        account = self._account(raw)
        part = self._part(account, group.part)
        if group.section == "OpenPositions" and part.positions is None:
            part.positions = []
        elif group.section == "CashReport" and part.cash is None:
            part.cash = []
        elif group.section == "AccountInformation":
            account.base_currency = raw.get("currency") or account.base_currency
            account.alias = raw.get("acctAlias") or account.alias
            account.opened = raw.get("dateOpened") or account.opened

    def _account(self, raw: Raw) -> AccountSurvey:
        name = owner(raw, self._head)
        known = self.result.accounts.get(name)
        if known is None:
            known = self.result.accounts[name] = AccountSurvey(account_id=name, segments={name})
        return known

    def _part(self, account: AccountSurvey, part: int) -> Part:
        known = account.parts.get(part)
        if known is None:
            known = account.parts[part] = Part(head=self._head)
        return known

    def finish(self) -> Survey:
        for tag in _TEACHERS:
            for raw in self._lessons[tag].values():
                self.result.directory.learn(raw, is_dealt=tag in _DEALT, is_named=tag not in _NAMELESS)
        for raw in self._lessons["CashTransaction"].values():
            # Where nothing says what it is dealt in, what it pays in is the best that is known.
            self.result.directory.learn(raw, is_dealt=True, is_named=False)
        self.result.directory.settle()
        self.result.order = self._days.order
        self.result.ambiguous_days = self._days.needs_order and self.result.order is None
        return self.result


def _keep_position(_: AccountSurvey, part: Part, raw: Raw) -> None:
    part.positions = [] if part.positions is None else part.positions
    # A row has some fifty columns and there can be thousands of lots: only what is compared is kept.
    part.positions.append({name: raw[name] for name in _POSITION_COLUMNS if name in raw})


def _keep_cash(_: AccountSurvey, part: Part, raw: Raw) -> None:
    part.cash = [] if part.cash is None else part.cash
    part.cash.append(raw)


def _keep_equity(_: AccountSurvey, part: Part, raw: Raw) -> None:
    part.equity.append(raw)


def _note_ledger(account: AccountSurvey, _: Part, raw: Raw) -> None:
    account.has_cash_ledger = account.has_cash_ledger or FundsLine(raw).is_in_own_currency


_KEEPERS: Final = {
    "StatementOfFundsLine": _note_ledger,
    "OpenPosition": _keep_position,
    "CashReportCurrency": _keep_cash,
    "EquitySummaryByReportDateInBase": _keep_equity,
}


def join_segments(found: Survey, *, configured: str | None) -> None:
    """Make the futures segment of an account (``U…F``, a statement of its own) part of the account.

    The account is in the document too, or it is the `configured` one.
    """
    for name in [name for name in found.accounts if name.endswith("F")]:
        whole = name.removesuffix("F")
        if whole == configured and whole not in found.accounts:
            found.accounts[whole] = AccountSurvey(account_id=whole, segments={whole})
        if whole in found.accounts:
            _join(found.accounts[whole], found.accounts.pop(name))


def _join(account: AccountSurvey, segment: AccountSurvey) -> None:
    account.segments |= segment.segments
    account.base_currency = account.base_currency or segment.base_currency
    account.has_cash_ledger = account.has_cash_ledger or segment.has_cash_ledger
    account.dividend_stamps += segment.dividend_stamps
    account.counts += segment.counts
    for number, part in segment.parts.items():
        # A part of the document can say something of both only in rows that name their account.
        account.parts[number if number not in account.parts else -1 - number] = part


def survey(groups: Iterable[Group]) -> Survey:
    """Read all of `groups` once; memory grows with instruments and positions, not with records."""
    surveyor = _Surveyor()
    for group in groups:
        surveyor.take(group)
    return surveyor.finish()
