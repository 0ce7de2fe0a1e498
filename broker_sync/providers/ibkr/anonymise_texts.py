"""Symbols, numbers of paper and sentences without what is the account's own."""

from __future__ import annotations

import re
from typing import Final

from broker_sync.providers.ibkr.anonymise_secret import EXACT, Secret
from broker_sync.providers.ibkr.anonymise_words import ACTIONS, CURRENCIES, WORDS
from broker_sync.values import decimal_text, exact

__all__ = ["Texts", "scrubbed"]

_ADDRESS: Final = re.compile(r"[^\s@()<>,;]+@[^\s@()<>,;]+")
_ACCOUNT: Final = re.compile(r"(?<![A-Za-z0-9])(?:DU|DF|DI|U|F|I)\d{5,}F?(?![A-Za-z0-9])")

_ISIN: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
_CUSIP: Final = re.compile(r"(?=[A-Z]*[0-9])[A-Z0-9]{9}")
_NAMED_BY_ISIN: Final = re.compile(r"(?P<symbol>[A-Z0-9][A-Z0-9. ]{0,11}?)(?= ?\([A-Z]{2}[A-Z0-9]{9}[0-9]\))")
_LETTERS: Final = 5
"""Enough that symbols stay apart; with a letter behind them they still fit into that of an option."""

_WORD: Final = re.compile(r"[^\W_]+")

_OPTION: Final = re.compile(r"(?P<root>[A-Z0-9 ]{6})(?P<day>\d{6}[CP])(?P<strike>\d{8})")
_SYMBOL: Final = re.compile(
    r"(?P<moment>\d{14}(?=\D))?(?P<root>[A-Za-z0-9]+)(?P<rest>(?:[ .][A-Z]{1,4}){0,2}\.?)", re.ASCII
)
_LISTING: Final = re.compile(r"(?P<root>[A-Z0-9]+)(?P<letter>[a-z])")
_PIECE: Final = re.compile(
    r"(?P<currency>\b[A-Z]{3}) (?P<sum>\d+(?:\.\d+)?)(?![\d/:])"
    r"|(?<=\()(?P<number>\d{5,})(?=\))"
    r"|(?P<word>[^\W_]*[^\W\d_][^\W_]*(?:\.[^\W_]+)?)"
)


def scrubbed(text: str, secret: Secret) -> str:
    """`text` with other account ids and without e-mail addresses."""
    without = _ADDRESS.sub(lambda match: secret.token(match[0]), text)
    return _ACCOUNT.sub(lambda match: secret.account(match[0]), without)


class Texts:
    """Texts under a `secret`; `instruments` says whether instruments are replaced, too."""

    def __init__(self, secret: Secret, *, instruments: bool) -> None:
        self._secret = secret
        self._instruments = instruments

    def text(self, text: str) -> str:
        """A description of money: the broker's words stay, other words become ``xxx``, numbers ``0``.

        What it calls the instrument goes as symbols and numbers of paper do. A mark behind it tells two texts
        of the same words apart, where anything was taken out.
        """
        head = _NAMED_BY_ISIN.match(text)
        start = "" if head is None else self.symbol(head["symbol"])
        left = text if head is None else text[head.end() :]
        masked = start + _WORD.sub(lambda match: self._word(match[0]), left)
        return text if masked == text else f"{masked} [{self._secret.mark(text)}]"

    def _word(self, word: str) -> str:
        if word.isdecimal():
            return "0"
        if _ISIN.fullmatch(word):
            return self.paper(word)
        return word if word.upper() in WORDS or word in CURRENCIES else "xxx"

    def sentence(self, text: str) -> str:
        """A sentence on a corporate action: what happens to an instrument, not to an account."""
        safe = scrubbed(text, self._secret)
        return _PIECE.sub(self._piece, safe) if self._instruments else safe

    def _piece(self, match: re.Match[str]) -> str:
        if match["number"] is not None:
            return self.paper(match["number"])
        if match["currency"] is None:
            return self._named(match["word"])
        if match["currency"] not in CURRENCIES:
            return f"{self._named(match['currency'])} {match['sum']}"
        price = EXACT.multiply(exact(match["sum"]), self._secret.price_factor)
        return f"{match['currency']} {decimal_text(price)}"

    def _named(self, word: str) -> str:
        if word.upper() in ACTIONS or word in CURRENCIES:
            return word
        is_paper = _ISIN.fullmatch(word) or _CUSIP.fullmatch(word)
        return self.paper(word) if is_paper else self.symbol(word)

    def symbol(self, text: str) -> str:
        """A symbol: of another name, but of the same form, so that it is read in the same way."""
        if not self._instruments or set(text.split(".")) <= CURRENCIES:
            return text
        option = _OPTION.fullmatch(text)
        if option is not None:
            strike = self._secret.digits(text, length=8)
            return f"{self._root(option['root'].strip()):<6}{option['day']}{strike}"
        found = _SYMBOL.fullmatch(text)
        if found is None:
            return self._secret.token(text)
        return f"{found['moment'] or ''}{self._root(found['root'])}{found['rest']}"

    def _root(self, root: str) -> str:
        if len(root) == 1:
            # A class of shares, as in `BRK B`; as a ticker it would be one of very few.
            return root
        listing = _LISTING.fullmatch(root)
        if listing is not None:
            return self._root(listing["root"]) + listing["letter"]
        if root.isdecimal():
            return self._secret.digits(root, length=len(root))
        # In the weeks after a split, four letters have a D behind them.
        if len(root) == 5 and root.endswith("D"):
            return self._secret.letters(root[:4], length=_LETTERS) + "D"
        return self._secret.letters(root, length=_LETTERS)

    def paper(self, text: str) -> str:
        """A number of paper: of the same form, and an ISIN with the replaced CUSIP within it."""
        if not self._instruments:
            return text
        if _ISIN.fullmatch(text):
            return text[:2] + self._nine(text[2:11]) + text[11]
        if len(text) == 9:
            return self._nine(text)
        return self._secret.digits(text, length=10) if text.isdecimal() else self._secret.token(text)

    def _nine(self, text: str) -> str:
        return self._secret.digits(text, length=9) if text.isdecimal() else self._secret.paper(text)
