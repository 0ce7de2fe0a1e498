"""The page of metrics says what the code does; --update-golden brings its table up to date."""

import re
from typing import Final

import pytest

from broker_sync.metrics.catalogue import CATALOGUE, metric_name
from broker_sync.metrics.facts import TOKEN_EXPIRED
from broker_sync.metrics.outcomes import OUTCOMES
from tests import pages

PAGE = pages.ROOT / "docs" / "metrics.md"
if not PAGE.is_file():
    pytest.skip("the pages are in a checkout and the source distribution", allow_module_level=True)

_TABLE: Final = re.compile(r"(<!-- table: metrics -->\n)(.*?)(<!-- end of table -->)", re.DOTALL)


def table() -> str:
    rows = ["| metric | labels | what it says |", "| --- | --- | --- |"]
    for each in CATALOGUE:
        labels = ", ".join(f"`{label}`" for label in each.labels) or "none"
        rows.append(f"| `{metric_name('ibkr', each.suffix)}` | {labels} | {each.text} |")
    return "\n".join(rows) + "\n"


def test_the_table_of_metrics_is_that_of_the_code(request: pytest.FixtureRequest) -> None:
    page = PAGE.read_text("utf-8")
    if request.config.getoption("--update-golden"):
        PAGE.write_text(_TABLE.sub(lambda found: f"{found[1]}{table()}{found[3]}", page), "utf-8")
        return
    (found,) = _TABLE.findall(page)
    assert found[1] == table(), "run: pytest tests/metrics/test_page.py --update-golden"


def test_every_metric_that_a_page_names_is_made() -> None:
    made = {metric_name("ibkr", each.suffix) for each in CATALOGUE}
    for page in ("docs/metrics.md", "docs/alerts.md"):
        assert {*re.findall(r"\bibkr_[a-z_]*[a-z]\b", pages.text_of(page))} <= made


def test_the_page_names_the_outcomes_and_the_code_of_an_expired_token() -> None:
    text = PAGE.read_text("utf-8")
    for word in (*OUTCOMES, str(TOKEN_EXPIRED)):
        assert f"`{word}`" in text
