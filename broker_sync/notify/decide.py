"""Who has to be told what: from what was wrong before and what a run saw, to messages; pure.

One message when something goes wrong, one when another cause comes to it, one each time it has lasted for so
long again, and one when it is over. Nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from broker_sync.notify.troubles import Open, Seen, State, Topic, Trouble

__all__ = ["Decision", "Message", "Occasion", "decide", "kept"]


class Occasion(Enum):
    """Why there is a message."""

    BEGAN = auto()
    CHANGED = auto()
    AGAIN = auto()
    OVER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """That something is wrong since `since` (aware), or was; `troubles` are empty when it is over."""

    topic: Topic
    occasion: Occasion
    since: dt.datetime
    troubles: tuple[Trouble, ...] = ()
    all_well: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The `messages` to send, at most one for each topic, and the state once all of them were."""

    messages: tuple[Message, ...]
    after: State


def decide(before: State, seen: Sequence[Seen], *, now: dt.datetime, repeat: dt.timedelta) -> Decision:
    """What a run that ended `now` (aware) has to say; it saw each topic of `seen` once.

    Topics that it did not see stay as they were. What lasts is told again after `repeat`.
    """
    after = dict(before)
    messages = []
    for each in seen:
        known = after.pop(each.topic, None)
        troubles = _troubles(known, each)
        told = _occasion(known, troubles, now=now, repeat=repeat)
        if troubles:
            after[each.topic] = _open(known, troubles, told=told, now=now)
        if told is not None:
            messages.append(
                Message(
                    topic=each.topic,
                    occasion=told,
                    since=now if known is None else known.began,
                    troubles=troubles,
                    all_well="" if troubles else each.all_well,
                )
            )
    return Decision(messages=tuple(messages), after=after)


def kept(before: State, after: State, *, not_sent: Collection[Topic]) -> State:
    """`after`, but as if the run had not been where it could not be told, so that the next one tells it."""
    unchanged = {topic: before[topic] for topic in not_sent if topic in before}
    return {topic: each for topic, each in after.items() if topic not in not_sent} | unchanged


def _troubles(known: Open | None, seen: Seen) -> tuple[Trouble, ...]:
    """What was seen, each cause once, and what is known of what nobody looked at."""
    unseen = [
        trouble
        for trouble in ([] if known is None else known.troubles)
        if seen.subjects is not None and trouble.subject not in seen.subjects
    ]
    return tuple(sorted({trouble.key: trouble for trouble in (*unseen, *seen.troubles)}.values()))


def _occasion(
    known: Open | None, troubles: Sequence[Trouble], *, now: dt.datetime, repeat: dt.timedelta
) -> Occasion | None:
    if known is None:
        return Occasion.BEGAN if troubles else None
    if not troubles:
        return Occasion.OVER
    if {trouble.key for trouble in troubles} - {trouble.key for trouble in known.troubles}:
        return Occasion.CHANGED
    return Occasion.AGAIN if now - known.told >= repeat else None


def _open(
    known: Open | None, troubles: tuple[Trouble, ...], *, told: Occasion | None, now: dt.datetime
) -> Open:
    if known is None:
        return Open(began=now, told=now, troubles=troubles)
    # What was written while a clock was ahead must not keep somebody from being told for years.
    last = now if told is not None else min(known.told, now)
    return replace(known, told=last, troubles=troubles)
