"""A Wealthfolio server of our own for tests: it answers as the real one was seen to, from memory."""

from tests.standins.wealthfolio.clock import Clock, ManualClock
from tests.standins.wealthfolio.faults import Answers, HangsUp, Killed, Stalls
from tests.standins.wealthfolio.replies import Reply
from tests.standins.wealthfolio.rules import Rules
from tests.standins.wealthfolio.server import WealthfolioServer
from tests.standins.wealthfolio.service import PASSWORD, Service

__all__ = [
    "PASSWORD",
    "Answers",
    "Clock",
    "HangsUp",
    "Killed",
    "ManualClock",
    "Reply",
    "Rules",
    "Service",
    "Stalls",
    "WealthfolioServer",
]
