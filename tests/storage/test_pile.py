"""Texts that need not fit into memory."""

from __future__ import annotations

import tracemalloc

import pytest

from broker_sync.storage.pile import Pile


def test_texts_come_in_the_order_in_which_their_names_first_came() -> None:
    pile = Pile()
    for name in ("c", "a", "b"):
        pile[name] = f"{name} then"
    pile["c"] = "c now"
    assert list(pile.items()) == [("c", "c now"), ("a", "a then"), ("b", "b then")]
    del pile["c"]
    pile["c"] = "c again"
    assert (list(pile), len(pile), pile.get("c"), pile.get("d")) == (["a", "b", "c"], 3, "c again", None)


def test_a_name_that_is_not_there_is_a_key_error() -> None:
    pile = Pile()
    assert not pile
    with pytest.raises(KeyError, match="none"):
        pile["none"]
    with pytest.raises(KeyError, match="none"):
        del pile["none"]


def test_thousands_are_read_while_others_come_and_go() -> None:
    pile = Pile()
    for number in range(1200):
        pile[str(number)] = "x"
    seen = []
    for name in pile:
        seen.append(name)
        del pile[name]
    assert (seen, len(pile)) == ([str(number) for number in range(1200)], 0)


def test_what_is_in_it_is_not_in_memory() -> None:
    tracemalloc.start()
    try:
        pile = Pile()
        for number in range(2000):
            pile[str(number)] = "x" * 1000
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(pile) == 2000
    assert most < 100_000
