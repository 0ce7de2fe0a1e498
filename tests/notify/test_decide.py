"""One message for one cause, one more when it lasts or changes, and one when it is over."""

import datetime as dt
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from broker_sync.notify import Message, Occasion, Open, Seen, State, Topic, TopicKind, Trouble, decide, kept

NIGHT = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)
START = dt.datetime(2026, 5, 1, 2, tzinfo=dt.UTC)
FAILURE = Topic(TopicKind.FAILURE, "ibkr")
DRIFT = Topic(TopicKind.DRIFT, "U1234567 in ledger")
TOPICS = (FAILURE, DRIFT)


def trouble(cause: str, subject: str = "", text: str = "x") -> Trouble:
    return Trouble(subject=subject, cause=cause, text=text)


def seen(*causes: str, topic: Topic = FAILURE) -> Seen:
    return Seen(topic=topic, troubles=[trouble(cause) for cause in causes], all_well="fine")


def night(before: State, *found: Seen, at: int = 0) -> tuple[list[Message], State]:
    decided = decide(before, found, now=START + at * NIGHT, repeat=WEEK)
    return list(decided.messages), decided.after


def occasions(nights: Sequence[Seen]) -> list[tuple[int, Occasion]]:
    state: State = {}
    told = []
    for number, found in enumerate(nights):
        messages, state = night(state, found, at=number)
        told += [(number, message.occasion) for message in messages]
    return told


def test_a_night_on_which_all_is_well_is_silent() -> None:
    assert night({}, seen(), seen(topic=DRIFT)) == ([], {})


def test_one_cause_is_told_once_and_its_end_too() -> None:
    nights = [seen(), seen("a"), seen("a"), seen("a"), seen(), seen()]
    assert occasions(nights) == [(1, Occasion.BEGAN), (4, Occasion.OVER)]


def test_what_lasts_is_told_again_after_the_set_time_and_no_sooner() -> None:
    told = occasions([seen("a")] * 16)
    assert told == [(0, Occasion.BEGAN), (7, Occasion.AGAIN), (14, Occasion.AGAIN)]


def test_another_cause_is_told_at_once_and_one_that_goes_is_not() -> None:
    nights = [seen("a"), seen("a", "b"), seen("b"), seen("c"), seen("c")]
    assert occasions(nights) == [(0, Occasion.BEGAN), (1, Occasion.CHANGED), (3, Occasion.CHANGED)]


def test_the_same_cause_in_other_figures_is_the_same() -> None:
    _, state = night({}, Seen(topic=DRIFT, troubles=[trouble("cash USD", text="5")]))
    messages, state = night(state, Seen(topic=DRIFT, troubles=[trouble("cash USD", text="6")]), at=1)
    assert messages == []
    assert state[DRIFT].troubles == (trouble("cash USD", text="6"),)


def test_the_end_says_since_when_it_was_so_and_that_all_is_well() -> None:
    _, state = night({}, seen("a"))
    _, state = night(state, seen("a", "b"), at=1)
    (over,), state = night(state, seen(), at=2)
    assert (over.since, over.troubles, over.all_well) == (START, (), "fine")
    assert state == {}


def test_what_nobody_looked_at_is_as_wrong_as_before() -> None:
    both = Seen(topic=FAILURE, troubles=[trouble("a", "U1"), trouble("a", "U2")])
    _, state = night({}, both, seen("x", topic=DRIFT))
    only_one = Seen(topic=FAILURE, subjects={"U1"})
    messages, state = night(state, only_one, at=1)
    assert messages == []
    assert state[FAILURE].troubles == (trouble("a", "U2"),)
    assert state[DRIFT].troubles == (trouble("x"),)


def test_a_message_of_what_lasts_also_has_what_nobody_looked_at() -> None:
    _, state = night({}, Seen(topic=FAILURE, troubles=[trouble("a", "U2")]))
    again = Seen(topic=FAILURE, troubles=[trouble("b", "U1")], subjects={"U1"})
    (message,), _ = night(state, again, at=1)
    assert message.occasion is Occasion.CHANGED
    assert [each.subject for each in message.troubles] == ["U1", "U2"]


def test_a_clock_that_was_ahead_keeps_nobody_from_being_told() -> None:
    ahead = Open(began=START, told=START + 400 * NIGHT, troubles=(trouble("a"),))
    messages, state = night({FAILURE: ahead}, seen("a"))
    assert messages == []
    messages, _ = night(state, seen("a"), at=7)
    assert [message.occasion for message in messages] == [Occasion.AGAIN]


def test_a_message_that_reached_nobody_is_due_with_the_next_run() -> None:
    messages, after = night({}, seen("a"), seen("b", topic=DRIFT))
    state = kept({}, after, not_sent={FAILURE})
    assert [*state] == [DRIFT]
    again, state = night(state, seen("a"), seen("b", topic=DRIFT), at=1)
    assert again == [
        Message(topic=FAILURE, occasion=Occasion.BEGAN, since=START + NIGHT, troubles=messages[0].troubles)
    ]


def test_an_end_that_reached_nobody_is_due_with_the_next_run() -> None:
    _, before = night({}, seen("a"))
    _, after = night(before, seen(), at=1)
    assert kept(before, after, not_sent={FAILURE}) == before


CAUSES = st.frozensets(st.sampled_from("abc"), max_size=3)
NIGHTS = st.lists(
    st.fixed_dictionaries({}, optional=dict.fromkeys(TOPICS, st.tuples(CAUSES, st.booleans()))),
    max_size=25,
)
"""What each night finds of the topics that it looks at, and whether a message would get through."""


class Reader:
    """Somebody who is told, and complains of what is out of order."""

    def __init__(self) -> None:
        self.open: dict[Topic, int] = {}

    def read(self, message: Message, number: int) -> None:
        known = self.open.pop(message.topic, None)
        assert (message.occasion is Occasion.BEGAN) == (known is None)
        assert (message.occasion is Occasion.OVER) == (not message.troubles)
        if message.occasion is Occasion.AGAIN:
            assert number - (known or 0) >= WEEK.days
        if message.troubles:
            self.open[message.topic] = number


@given(NIGHTS)
def test_every_beginning_has_one_end_and_nothing_is_told_twice(
    nights: list[dict[Topic, tuple[frozenset[str], bool]]],
) -> None:
    state: State = {}
    reader = Reader()
    for number, found in enumerate(nights):
        looked = [seen(*causes, topic=topic) for topic, (causes, _) in found.items()]
        messages, after = night(state, *looked, at=number)
        assert len({message.topic for message in messages}) == len(messages)
        lost = {message.topic for message in messages if not found[message.topic][1]}
        state = kept(state, after, not_sent=lost)
        for message in messages:
            if message.topic not in lost:
                reader.read(message, number)
        assert set(state) == set(reader.open)
    messages, state = night(state, *(seen(topic=topic) for topic in TOPICS), at=len(nights))
    for message in messages:
        reader.read(message, len(nights))
    assert (reader.open, state) == ({}, {})


@given(st.lists(CAUSES, max_size=25))
def test_whoever_is_told_knows_every_cause_that_there_is(nights: list[frozenset[str]]) -> None:
    state: State = {}
    known: set[str] = set()
    for number, causes in enumerate(nights):
        messages, state = night(state, seen(*causes), at=number)
        for message in messages:
            known = {each.cause for each in message.troubles}
        assert causes <= known
        assert bool(state) == bool(causes)
