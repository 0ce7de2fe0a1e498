"""From what came of a run to what is wrong; pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from broker_sync.confirm import Standing
from broker_sync.explain import Explanation
from broker_sync.notify.troubles import Seen, Topic, TopicKind, Trouble
from broker_sync.notify.wording import advice_for
from broker_sync.reconcile import SideKind
from broker_sync.report.run import Run
from broker_sync.report.wording import counted, listed
from broker_sync.results import SyncResult
from broker_sync.values import decimal_text

__all__ = ["RunFacts", "seen_in"]

_FIGURES: Final = re.compile(r"\d+")
_MOST: Final = 3
_HELD_UP: Final = "Until then every run ends like this one."


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """A run that `ended` then (aware), with `status`.

    `held_up` are the texts of errors that stop the next runs too. `token_expires` (aware) is the end of the
    token, None where nobody knows; it is told `token_days` before. `mask` takes secrets out of a text.
    """

    run: Run
    status: int
    ended: dt.datetime
    token_days: int
    mask: Callable[[str], str]
    held_up: Collection[str] = field(default=frozenset())
    token_expires: dt.datetime | None = None


def seen_in(facts: RunFacts) -> list[Seen]:
    """What the run saw, topic by topic; of what it could not look at nothing is said."""
    run = facts.run
    return [
        _failure(facts),
        *(
            _drift(result, run.standings[name], (run.explanations or {}).get(name, ()))
            for result in run.results
            if (name := result.account.provider_account_id) in run.standings
        ),
        *_token(facts),
    ]


# --- failure ---


def _failure(facts: RunFacts) -> Seen:
    run = facts.run
    topic = Topic(TopicKind.FAILURE, run.provider)
    if run.error is not None:
        # It came to no account, so nothing is known of what was wrong with one.
        return Seen(
            topic=topic, troubles=[_trouble(facts, "", run.error, facts.status)], subjects=frozenset({""})
        )
    troubles = [_trouble(facts, error.account, error.text, error.exit_code) for error in run.errors]
    troubles += [
        _trouble(facts, result.account.provider_account_id, _refused(result), 1)
        for result in run.results
        if result.failures
    ]
    synced = {result.account.provider_account_id for result in run.results}
    subjects = {"", *synced, *(error.account for error in run.errors)}
    return Seen(topic=topic, troubles=troubles, subjects=subjects, all_well=_synced(run.results))


def _trouble(facts: RunFacts, subject: str, text: str, exit_code: int) -> Trouble:
    named = f"Account {subject}: {text}" if subject else text
    then = _HELD_UP if text in facts.held_up else advice_for(exit_code)
    return Trouble(subject=subject, cause=_cause(text, exit_code), text=f"{facts.mask(named)}\n{then}")


def _cause(text: str, exit_code: int) -> str:
    """The same for what only differs in times and numbers."""
    return hashlib.sha256(f"{exit_code} {_FIGURES.sub('#', text)}".encode()).hexdigest()[:16]


def _refused(result: SyncResult) -> str:
    reasons = sorted({each.reason for each in result.failures})
    records = counted(len(result.failures), "record")
    return f"the tracker did not take {records}: {listed(reasons, most=_MOST)}."


def _synced(results: Sequence[SyncResult]) -> str:
    names = [result.account.provider_account_id for result in results]
    return f"Synced: {listed(names, most=_MOST)}." if names else ""


# --- drift ---


def _drift(result: SyncResult, standings: Sequence[Standing], explanations: Sequence[Explanation]) -> Seen:
    name = f"{result.account.provider_account_id} in {result.sink}"
    why = {each.drift.side: each for each in explanations}
    return Seen(
        topic=Topic(TopicKind.DRIFT, name),
        troubles=[
            Trouble(
                subject="",
                cause=f"{standing.side.kind} {standing.side.name}",
                text=_told(standing, why.get(standing.side)),
            )
            for standing in standings
            if standing.is_confirmed
        ],
        all_well="" if result.last_day is None else f"Compared as of {result.last_day}.",
    )


def _told(standing: Standing, explanation: Explanation | None) -> str:
    what = (
        standing.label if standing.side.kind is not SideKind.NAV else f"Net asset value in {standing.label}"
    )
    off = decimal_text(abs(standing.amount))
    side = "lacks" if standing.amount > 0 else "has too much by"
    found = f"{what}: the tracker {side} {off}, in {counted(standing.runs, 'run')} in a row"
    since = f"since {standing.first_seen.astimezone(dt.UTC).date()}"
    if explanation is None:
        return f"{found} {since}. `broker-sync reconcile --explain` says why."
    to_do = "" if explanation.command is None else f" To do: {explanation.command}"
    return f"{found} {since}. {explanation.text}{to_do}"


# --- token ---


def _token(facts: RunFacts) -> Iterator[Seen]:
    ends = facts.token_expires
    if ends is None:
        return
    topic, day = Topic(TopicKind.TOKEN, facts.run.provider), ends.astimezone(dt.UTC).date()
    if ends <= facts.ended:
        text = f"It ended on {day} at the latest. Make a new one in Client Portal, and set it."
        yield Seen(topic=topic, troubles=[Trouble(subject="", cause="ended", text=text)])
    elif ends - facts.ended <= dt.timedelta(days=facts.token_days):
        left = counted(-(-(ends - facts.ended) // dt.timedelta(days=1)), "day")
        text = (
            f"It ends on {day} at the latest, in {left}. Make a new one in Client Portal, and set it; "
            "until then everything goes on as it did."
        )
        yield Seen(topic=topic, troubles=[Trouble(subject="", cause=f"ends {day}", text=text)])
    else:
        yield Seen(topic=topic, all_well=f"The one in use holds until {day} at the most.")
