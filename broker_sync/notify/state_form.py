"""What is remembered of messages, as the text of its file; pure."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final

from broker_sync.notify.troubles import Open, State, Topic, TopicKind, Trouble

__all__ = ["StateFormError", "state_from", "text_of"]

_VERSION: Final = 1


class StateFormError(ValueError):
    """A text is not of the form that this version writes; the message says how it is not."""


def text_of(state: State) -> str:
    """The text, with a line end at its end; times are ISO 8601 in UTC."""
    topics = [
        {
            "kind": topic.kind.value,
            "name": topic.name,
            "began": each.began.astimezone(dt.UTC).isoformat(),
            "told": each.told.astimezone(dt.UTC).isoformat(),
            "troubles": [
                {"subject": trouble.subject, "cause": trouble.cause, "text": trouble.text}
                for trouble in each.troubles
            ],
        }
        for topic, each in sorted(state.items())
    ]
    return f"{json.dumps({'version': _VERSION, 'open': topics}, indent=2, ensure_ascii=False)}\n"


def state_from(text: str) -> State:
    """What :func:`text_of` has written; raises :class:`StateFormError` for anything else."""
    try:
        told: Any = json.loads(text)
        _check(told["version"])
        return {Topic(TopicKind(each["kind"]), _text(each["name"])): _open(each) for each in told["open"]}
    except StateFormError:
        raise
    except RecursionError:
        raise StateFormError("it is nested too deep") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateFormError(f"{type(error).__name__}") from None


def _check(version: object) -> None:
    if version != _VERSION:
        raise StateFormError(f"it is of version {version!r}, not {_VERSION}")


def _open(told: Any) -> Open:  # noqa: ANN401  # what JSON has
    troubles = tuple(
        Trouble(subject=_text(each["subject"]), cause=_text(each["cause"]), text=_text(each["text"]))
        for each in told["troubles"]
    )
    if not troubles:
        raise StateFormError("it has a topic in which nothing is wrong")
    return Open(began=_moment(told["began"]), told=_moment(told["told"]), troubles=troubles)


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise StateFormError(f"{text!r} has no time zone")
    return moment


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise StateFormError(f"{value!r} is not a text")
    return value
