"""What docs/exactly-once.md names is there, and nothing that a run does is missing in what it tells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from broker_sync.apply import Writer
from broker_sync.dedup import SyncRecordStore
from broker_sync.fingerprint import content_hash
from broker_sync.lock import RunLock
from broker_sync.sinks.wealthfolio.marks import key_of
from broker_sync.sinks.wealthfolio.writing import find_keys
from tests.exactly_once import test_kill as kill
from tests.exactly_once import test_two_at_once as two
from tests.exactly_once.protocol_mutations import MUTATIONS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "exactly-once.md"
_NAMED = re.compile(r"`([^`\n]+)`")
_OBJECTS = {
    "SyncRecordStore.intend": SyncRecordStore.intend,
    "SyncRecordStore.settle": SyncRecordStore.settle,
    "Writer.settle_unfinished": Writer.settle_unfinished,
    "RunLock.check": RunLock.check,
    "content_hash": content_hash,
    "find_keys": find_keys,
}


@pytest.fixture(scope="module")
def page() -> str:
    if not PAGE.is_file():
        pytest.skip("the page is in a checkout only")
    return PAGE.read_text(encoding="utf-8")


def test_what_the_page_names_is_there(page: str) -> None:
    named = set(_NAMED.findall(page))
    for each in named:
        if each.startswith("tests/"):
            assert (ROOT / each).exists(), each
    assert {each for each in named if re.fullmatch(r"[A-Za-z_]+\.[a-z_]+|[a-z]+_[a-z]+", each)} <= {
        *_OBJECTS,
        "run.lock",
        "sync.db",
    }
    assert _OBJECTS.keys() <= named
    assert f"`{key_of('<account>', '<external id>')}`" in page


def test_the_figures_of_the_page_are_those_of_the_tests(page: str) -> None:
    assert "at least 300 runs, 1,000 every night" in page
    assert kill.DEFAULT == 300
    assert "50 times on one data directory" in page
    assert two.TIMES == 50
    assert len(MUTATIONS) >= 10


def test_the_nightly_workflow_kills_as_often_as_the_page_says() -> None:
    workflow = ROOT / ".github" / "workflows" / "nightly.yml"
    if workflow.is_file():
        assert 'EXACTLY_ONCE_KILLS: "1000"' in workflow.read_text(encoding="utf-8")
