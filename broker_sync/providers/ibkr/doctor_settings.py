"""Settings of a query that do harm, or might, as one of its statements shows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from broker_sync.providers.ibkr.doctor_facts import Facts
from broker_sync.providers.ibkr.query_spec import QUERY_DAYS, SETTINGS, Setting
from broker_sync.report.diagnosis import Finding, Severity, Tick

__all__ = ["setting_findings", "setting_ticks", "unshown"]

_ACCOUNT_ID: Final = re.compile(r"[A-Z]{1,3}[0-9]{4,}[A-Z]?")
_ENOUGH: Final = 28
"""Days that a statement should cover: a shorter one does not outlast a few nights without a sync."""

_BY_LABEL: Final = {setting.label: setting for setting in SETTINGS}
_ACCOUNTS: Final = _BY_LABEL["Accounts"]
_ALIAS: Final = _BY_LABEL["Display Account Alias in Place of Account ID?"]
_BREAKOUT: Final = _BY_LABEL["Breakout by Day?"]
_CANCELED: Final = _BY_LABEL["Include Canceled Trades?"]
_DATE: Final = _BY_LABEL["Date Format"]
_MODELS: Final = _BY_LABEL["Models"]
_PERIOD: Final = _BY_LABEL["Period"]
_TIME: Final = _BY_LABEL["Time Format"]

Found = tuple[Severity, Setting, str]


def setting_findings(facts: Facts) -> Iterator[Finding]:
    """The settings that the statement shows not to be as they should."""
    for severity, setting, text in _found(facts):
        yield Finding(severity=severity, place=setting.label, text=text)


def setting_ticks(facts: Facts) -> list[Tick]:
    """What to choose for the settings that do harm, or might."""
    changed = {
        setting.label: setting for severity, setting, _ in _found(facts) if severity is not Severity.FINE
    }
    return [
        Tick(path=[setting.place, setting.label], choices=[setting.choice])
        for setting in changed.values()
        if setting not in {_ACCOUNTS, _MODELS}
    ]


def unshown() -> Finding:
    """What no statement shows."""
    text = f"no statement shows this setting: choose {_CANCELED.choice}, so that {_CANCELED.reason}"
    return Finding(severity=Severity.ADVICE, place=_CANCELED.label, text=text)


def _found(facts: Facts) -> Iterator[Found]:
    for check in _CHECKS:
        yield from check(facts)


def _anonymous(facts: Facts) -> Iterator[Found]:
    if facts.is_anonymous:
        text = (
            "a statement in it does not say whose it is, so each of its rows must: tick Account ID everywhere"
        )
        yield Severity.HARMFUL, _ACCOUNTS, text


def _alias(facts: Facts) -> Iterator[Found]:
    shown = sorted(facts.aliases & set(facts.accounts))
    odd = [name for name in facts.accounts if not _ACCOUNT_ID.fullmatch(name) and name not in shown]
    if shown:
        text = f"it shows the alias {shown[0]} in place of the account id, which no setting will match"
        yield Severity.HARMFUL, _ALIAS, text
    if odd:
        text = f"{odd[0]} does not look like an account id (U1234567); if it is an alias, choose No"
        yield Severity.ADVICE, _ALIAS, text


def _slashes(facts: Facts) -> Iterator[Found]:
    if any(found.has_slashes for found in facts.days):
        text = (
            "dates have slashes: 05/06 is told from 06/05 only while another date in the file shows the order"
        )
        yield Severity.HARMFUL, _DATE, text


def _short_years(facts: Facts) -> Iterator[Found]:
    if any(found.has_short_year for found in facts.days):
        yield Severity.ADVICE, _DATE, "years have two digits, and are taken to be of this century"


def _seconds(facts: Facts) -> Iterator[Found]:
    tag = facts.tags.get("Trades", {}).get("Trade")
    clocks = set() if tag is None else {found.has_seconds for found in tag.stamps}
    if False in clocks:
        text = "times have no seconds, so trades of one minute stand in no order"
        yield Severity.HARMFUL, _TIME, text
    elif clocks == {None}:
        yield Severity.HARMFUL, _TIME, "trades have a day and no time, so those of one day stand in no order"


def _period(facts: Facts) -> Iterator[Found]:
    if not facts.windows:
        return
    first, last = min(day for day, _ in facts.windows), max(day for _, day in facts.windows)
    covered = (last - first).days + 1
    if covered < _ENOUGH:
        days = "one day" if covered == 1 else f"{covered} days"
        text = f"it covers {days}: what is missed for longer is lost; {QUERY_DAYS} days are better"
        yield Severity.ADVICE, _PERIOD, text


def _breakout(facts: Facts) -> Iterator[Found]:
    days = {first for first, last in facts.windows if first == last}
    if len(days) > 1:
        text = "one statement for each day: that is read as well, the file is larger"
        yield Severity.FINE, _BREAKOUT, text


def _accounts(facts: Facts) -> Iterator[Found]:
    # A futures segment (U…F) is a part of its account.
    accounts = [name for name in facts.accounts if name.removesuffix("F") not in set(facts.accounts) - {name}]
    if len(accounts) > 1:
        text = (
            f"{len(accounts)} accounts in one file: each is booked by itself, "
            "but where accounts are configured, a file with any other is refused"
        )
        yield Severity.ADVICE, _ACCOUNTS, text


def _models(facts: Facts) -> Iterator[Found]:
    tags = [tag for section in facts.tags.values() for tag in section.values()]
    held = facts.tags.get("OpenPositions", {}).get("OpenPosition")
    if held is None or not any("model" in tag.columns - tag.empty for tag in tags):
        return
    if "model" in held.columns:
        yield Severity.FINE, _MODELS, "the positions of its models are added up"
    else:
        text = "without the field Model in Open Positions, of models that hold the same only one is counted"
        yield Severity.ADVICE, _MODELS, text


_CHECKS: Final[tuple[Callable[[Facts], Iterator[Found]], ...]] = (
    _anonymous,
    _alias,
    _slashes,
    _short_years,
    _seconds,
    _period,
    _breakout,
    _accounts,
    _models,
)
