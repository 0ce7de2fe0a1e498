"""Tells people what is wrong, once for each cause, and when it is over; tells a check that runs happen."""

from broker_sync.notify.apprise_sender import Sent, is_installed, send, send_to
from broker_sync.notify.decide import Decision, Message, Occasion, decide, kept
from broker_sync.notify.errors import NotifierMissingError, NotSentError, PingError
from broker_sync.notify.facts import RunFacts, seen_in
from broker_sync.notify.ping import Signal, ping
from broker_sync.notify.state_file import FILE_NAME, read_state, write_state
from broker_sync.notify.troubles import Open, Seen, State, Topic, TopicKind, Trouble
from broker_sync.notify.wording import TEST_WORDS, Urgency, Words, advice_for, words_of

__all__ = [
    "FILE_NAME",
    "TEST_WORDS",
    "Decision",
    "Message",
    "NotSentError",
    "NotifierMissingError",
    "Occasion",
    "Open",
    "PingError",
    "RunFacts",
    "Seen",
    "Sent",
    "Signal",
    "State",
    "Topic",
    "TopicKind",
    "Trouble",
    "Urgency",
    "Words",
    "advice_for",
    "decide",
    "is_installed",
    "kept",
    "ping",
    "read_state",
    "seen_in",
    "send",
    "send_to",
    "words_of",
    "write_state",
]
