"""What people read."""

import datetime as dt

from broker_sync.notify import Message, Occasion, Topic, TopicKind, Trouble, Urgency, advice_for, words_of
from tests.tables import for_each

SINCE = dt.datetime(2026, 5, 1, 4, 5, tzinfo=dt.timezone(dt.timedelta(hours=2)))


def message(kind: TopicKind, occasion: Occasion, *texts: str, all_well: str = "") -> Message:
    return Message(
        topic=Topic(kind, "ibkr"),
        occasion=occasion,
        since=SINCE,
        troubles=tuple(Trouble(subject="", cause=text, text=text) for text in texts),
        all_well=all_well,
    )


@for_each("kind", list(TopicKind))
@for_each("occasion", list(Occasion))
def test_every_message_has_a_title_and_a_text(kind: TopicKind, occasion: Occasion) -> None:
    words = words_of(message(kind, occasion, *([] if occasion is Occasion.OVER else ["it is so"])))
    assert words.title.startswith("broker-sync: ")
    assert "ibkr" in words.title
    assert words.body
    assert (words.urgency is Urgency.GOOD) == (occasion is Occasion.OVER)


def test_a_beginning_tells_all_that_is_wrong() -> None:
    words = words_of(message(TopicKind.FAILURE, Occasion.BEGAN, "first", "second"))
    assert words.title == "broker-sync: the sync of ibkr failed"
    assert words.body == "first\n\nsecond"
    assert words.urgency is Urgency.BAD


def test_what_lasts_says_since_when() -> None:
    words = words_of(message(TopicKind.DRIFT, Occasion.AGAIN, "first"))
    assert words.body == "first\n\nSince 2026-05-01 02:05 UTC."


def test_an_end_says_what_is_well_and_since_when_it_was_not() -> None:
    words = words_of(message(TopicKind.TOKEN, Occasion.OVER, all_well="It holds."))
    assert words.body == "It holds.\n\nIt was told since 2026-05-01 02:05 UTC."


def test_a_hundred_causes_are_not_listed() -> None:
    words = words_of(message(TopicKind.DRIFT, Occasion.BEGAN, *(f"cause {number}" for number in range(12))))
    assert words.body.count("cause") == 10
    assert words.body.endswith("And 2 more.")


@for_each("code", [1, 2, 3, 4, 75, 143])
def test_every_exit_status_says_what_it_means_and_what_to_do(code: int) -> None:
    advice = advice_for(code)
    assert advice.startswith(f"Exit status {code}: ")
    assert advice.endswith(".")
