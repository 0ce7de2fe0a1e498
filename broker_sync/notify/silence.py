"""Keeps libraries from saying what they are given, where all of it is secret."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["hush", "silence"]


@contextmanager
def silence() -> Iterator[None]:
    """Neither logs nor warnings of anybody within this; afterwards all is as it was.

    Libraries write addresses at any level, some through loggers that are made only then.
    """
    before = logging.root.manager.disable
    logging.disable(sys.maxsize)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def hush(*libraries: str) -> None:
    """No log of `libraries` from now on: for what goes on in them that nobody waits for any more."""
    for name in libraries:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.addHandler(logging.NullHandler())  # without any, errors would go to stderr
