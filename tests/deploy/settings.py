"""The names that the program knows, and those that files of deploy/ set."""

import re

from tests import pages

__all__ = ["STATUSES", "known"]

_OF_OURS = re.compile(r"\b(?:IBKR|WF|BROKER_SYNC|PUSHGATEWAY)_[A-Z_]+\b|\bISA_TOKEN\b")

STATUSES = {0, 1, 2, 3, 4, 75}
"""The exit statuses that scripts may rely on."""


def known() -> set[str]:
    """The variables that docs/settings.md lists, and the one that an account of its examples has."""
    return set(_OF_OURS.findall(pages.text_of("docs/settings.md")))
