"""What the Flex client and the breaker know of a token: that it can be asked for."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Token"]


class Token(Protocol):
    """The Flex token, which is asked for only when it is needed."""

    def reveal(self) -> str:
        """The text itself."""
