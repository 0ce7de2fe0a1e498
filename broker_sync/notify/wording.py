"""Messages in words; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from broker_sync.notify.decide import Message, Occasion
from broker_sync.notify.troubles import TopicKind

__all__ = ["TEST_WORDS", "Urgency", "Words", "advice_for", "words_of"]

_MOST: Final = 10
_PROGRAM: Final = "broker-sync"


class Urgency(Enum):
    """How a service may show a message; the values are Apprise's."""

    GOOD = "success"
    BAD = "failure"
    ODD = "warning"
    PLAIN = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A message in words: a line, and paragraphs of plain text."""

    title: str
    body: str
    urgency: Urgency


TEST_WORDS: Final = Words(
    title=f"{_PROGRAM}: a test",
    body="This is how you will be told when something is wrong. Nothing is wrong now.",
    urgency=Urgency.PLAIN,
)

_TITLES: Final[Mapping[TopicKind, Mapping[Occasion, str]]] = {
    TopicKind.FAILURE: {
        Occasion.BEGAN: "the sync of {name} failed",
        Occasion.CHANGED: "the sync of {name} fails for another reason",
        Occasion.AGAIN: "the sync of {name} still fails",
        Occasion.OVER: "the sync of {name} works again",
    },
    TopicKind.DRIFT: {
        Occasion.BEGAN: "{name} is not what the broker says",
        Occasion.CHANGED: "{name} differs in something else too",
        Occasion.AGAIN: "{name} is still not what the broker says",
        Occasion.OVER: "{name} is what the broker says again",
    },
    TopicKind.TOKEN: {
        Occasion.BEGAN: "the token of {name} ends soon",
        Occasion.CHANGED: "the token of {name}: its end has come nearer",
        Occasion.AGAIN: "the token of {name} still ends soon",
        Occasion.OVER: "the token of {name} was renewed",
    },
}
_BAD: Final = {TopicKind.FAILURE: Urgency.BAD, TopicKind.DRIFT: Urgency.ODD, TopicKind.TOKEN: Urgency.ODD}

_ADVICE: Final[Mapping[int, str]] = {
    1: "something failed. Look at the log of the run, and mend what it says. Running again doubles nothing.",
    2: "the settings or the arguments are wrong. See what `broker-sync config check` says.",
    3: "what there was to read was refused, and nothing of it was booked. See what "
    "`broker-sync ibkr doctor` says.",
    4: "with --strict: a record was not booked, or the sides differ. See what `broker-sync reconcile "
    "--explain` says.",
    75: "the broker or the tracker was busy or away. There is nothing to do if the next run goes through.",
}
_UNKNOWN: Final = "the run was cut short. Look at its log."


def advice_for(exit_code: int) -> str:
    """What an exit status means and what to do, as the end of a sentence that names it."""
    return f"Exit status {exit_code}: {_ADVICE.get(exit_code, _UNKNOWN)}"


def words_of(message: Message) -> Words:
    """`message` in words."""
    topic = message.topic
    title = _TITLES[topic.kind][message.occasion].format(name=topic.name)
    is_over = message.occasion is Occasion.OVER
    return Words(
        title=f"{_PROGRAM}: {title}",
        body="\n\n".join(_over(message) if is_over else _wrong(message)),
        urgency=Urgency.GOOD if is_over else _BAD[topic.kind],
    )


def _over(message: Message) -> list[str]:
    return [
        *([message.all_well] if message.all_well else []),
        f"It was told since {_shown(message.since)}.",
    ]


def _wrong(message: Message) -> list[str]:
    told = [trouble.text for trouble in message.troubles[:_MOST]]
    rest = len(message.troubles) - _MOST
    more = [f"And {rest} more."] if rest > 0 else []
    since = [] if message.occasion is Occasion.BEGAN else [f"Since {_shown(message.since)}."]
    return [*told, *more, *since]


def _shown(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
