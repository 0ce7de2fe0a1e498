"""The guide to the Flex query says what the code needs."""

import pytest

from . import pages

if not (pages.ROOT / "scripts" / "query_doc.py").is_file():
    pytest.skip("the page is checked by a script that only a checkout has", allow_module_level=True)

from scripts import query_doc  # is the one

PAGE = query_doc.PAGE.read_text("utf-8")


def test_the_guide_asks_for_what_the_code_reads() -> None:
    assert list(query_doc.problems(PAGE)) == [], "run: python -m scripts.query_doc --write"


def test_a_table_that_is_not_what_the_code_says_is_noticed_and_mended() -> None:
    wrong = PAGE.replace("| **Trades** | Execution | required |", "| **Trades** | Order | optional |")
    assert list(query_doc.problems(wrong)) == ["the table sections is not what the code says"]
    assert query_doc.rendered(wrong) == PAGE


def test_a_table_that_is_gone_is_noticed() -> None:
    (problem,) = query_doc.problems("nothing")
    assert problem == "its tables are none; they should be sections, settings, fields"
