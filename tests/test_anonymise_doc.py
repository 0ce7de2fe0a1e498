"""The page on anonymised statements says what the code does."""

import pytest

from tests import pages

if not (pages.ROOT / "Makefile").is_file():
    pytest.skip("scripts are in a checkout only", allow_module_level=True)

from scripts.anonymise_doc import PAGE, rendered


def test_the_page_names_what_becomes_of_every_column() -> None:
    text = PAGE.read_text("utf-8")
    assert rendered(text) == text
    assert "`transactionID`" in rendered("<!-- table: columns -->\n<!-- end of table -->")
