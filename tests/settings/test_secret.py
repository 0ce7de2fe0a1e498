"""A secret shows nowhere, and neither does the password in an address."""

import copy
import json
import logging
import pickle
from dataclasses import asdict, dataclass

import pytest

from broker_sync.settings import Address, Secret

TEXT = "made-up-token"


@dataclass
class Holder:
    secret: Secret


def test_a_secret_is_told_only_to_who_asks_for_it() -> None:
    assert Secret(TEXT).reveal() == TEXT


def test_a_secret_shows_in_no_form() -> None:
    secret = Secret(TEXT)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r:>40}",
        f"{secret:>40}",
        logging.LogRecord("x", 10, "x", 1, "%s %r", (secret, secret), None).getMessage(),
    ]
    shown += [repr(Holder(secret)), repr(asdict(Holder(secret))), repr([secret]), repr({secret})]
    assert [text for text in shown if TEXT in text] == []
    assert all("***" in text for text in shown)


def test_a_secret_cannot_be_written_down() -> None:
    for write in (pickle.dumps, json.dumps, lambda it: it.__getstate__(), lambda it: it.__reduce_ex__(4)):
        with pytest.raises(TypeError) as caught:
            write(Secret(TEXT))
        assert TEXT not in str(caught.value)
    with pytest.raises(TypeError):
        pickle.dumps(Holder(Secret(TEXT)))
    assert not hasattr(Secret(TEXT), "__dict__")


def test_secrets_are_equal_if_their_texts_are() -> None:
    assert Secret(TEXT) == Secret(TEXT) != Secret("another")
    assert Secret(TEXT) != TEXT
    assert len({Secret(TEXT), Secret(TEXT)}) == 1
    assert copy.copy(Secret(TEXT)) == copy.deepcopy(Secret(TEXT)) == Secret(TEXT)


def test_an_address_is_its_text_but_does_not_repr_its_password() -> None:
    address = Address("https://me:pass%20word@host.example/x")
    assert address == "https://me:pass%20word@host.example/x"
    assert repr(address) == "'https://***@host.example/x'"
    assert list(address.secrets()) == ["pass%20word", "pass word"]
    assert list(Address("https://host.example").secrets()) == []
