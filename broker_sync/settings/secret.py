"""Texts that must not be shown: secrets, and addresses that hold one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn
from urllib.parse import unquote, urlsplit

__all__ = ["Address", "Secret", "shown"]

_MASKED = "Secret(***)"


class Secret:
    """A text that no message, log or repr may show; ask for it with :meth:`reveal`.

    It can be compared and copied. It can be neither pickled nor written as JSON: both raise TypeError.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return _MASKED

    def __format__(self, spec: str) -> str:
        return format(_MASKED, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not written anywhere: it cannot be pickled")

    def __getstate__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere: it has no state to give away")


class Address(str):
    """An address as it was given; its repr leaves out the name and the password that it may hold."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(shown(str(self)))

    def secrets(self) -> Iterator[str]:
        """The password that the address holds, if any, as it is written there and as it is meant."""
        password = urlsplit(self).password
        if password:
            yield from dict.fromkeys((password, unquote(password)))


def shown(text: str) -> str:
    """`text` without the name and password that an address can hold."""
    scheme, separator, rest = text.partition("://")
    return f"{scheme}://***@{rest.rpartition('@')[2]}" if separator and "@" in rest else text
