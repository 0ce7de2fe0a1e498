"""What all tests share: options, hypothesis profiles, golden texts, and the statements of other people."""

import difflib
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_ENVIRONMENT = os.environ  # noqa: TID251  # the tests' own switch, not a setting of the program
_SLOW_MACHINES = [HealthCheck.too_slow]

# The same examples on every run: a failing unit test is to be the fault of the change at hand. What they miss
# is looked for with --hypothesis-profile=ci.
settings.register_profile(
    "quick", derandomize=True, max_examples=15, deadline=None, suppress_health_check=_SLOW_MACHINES
)
settings.register_profile(
    "ci", max_examples=500, deadline=None, print_blob=True, suppress_health_check=_SLOW_MACHINES
)
settings.load_profile("quick")

_TESTS = Path(__file__).parent
_NO_CORPUS = "FLEX_CORPUS names no folder of statements"

Golden = Callable[[Path, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the expected texts instead of comparing with them"
    )


# Tests that run whole commands, databases, servers or processes; they are marked here, in one place.
_INTEGRATION = (
    "archive/",
    "backup/",
    "cli/",
    "deploy/",
    "exactly_once/test_page.py",
    "lock/",
    "notify/test_sending.py",
    "providers/ibkr/test_anonymise",
    "providers/ibkr/test_client.py",
    "providers/ibkr/test_flex_errors_doc.py",
    "sinks/ledger/",
    "sinks/test_dry_run.py",
    "simulation/",
    "sinks/wealthfolio/test_client_session.py",
    "sinks/wealthfolio/test_contract",
    "sinks/wealthfolio/test_scenarios.py",
    "sinks/wealthfolio/test_sink.py",
    "sinks/wealthfolio/test_stand_in.py",
    "sinks/wealthfolio/test_traps.py",
    "sinks/wealthfolio/test_whole_way.py",
    "standins/",
    "storage/",
    "test_dedup",
    "test_newest.py",
    "test_owners.py",
    "test_pipeline.py",
    "test_rehearsal.py",
    "test_taken_back.py",
    "test_docs",
    "test_recovery.py",
    "test_registry.py",
    "test_verify.py",
)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Passes over what is left out anyway: to read it takes longer than many a test."""
    is_left_out = "not integration" in config.getoption("markexpr")
    return True if is_left_out and collection_path.is_file() and _is_integration(collection_path) else None


def _is_integration(path: Path) -> bool:
    return path.relative_to(_TESTS).as_posix().startswith(_INTEGRATION)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _is_integration(item.path):
            item.add_marker(pytest.mark.integration)
    if _corpus() is None:
        for item in items:
            if item.get_closest_marker("corpus") is not None:
                item.add_marker(pytest.mark.skip(reason=_NO_CORPUS))


def _corpus() -> Path | None:
    named = _ENVIRONMENT.get("FLEX_CORPUS")
    return Path(named) if named and Path(named).is_dir() else None


@pytest.fixture(scope="session")
def flex_corpus() -> Path:
    """The folder of statements that FLEX_CORPUS names."""
    folder = _corpus()
    if folder is None:
        pytest.skip(_NO_CORPUS)
    return folder


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compares a text with what a file holds; a missing file fails, and only --update-golden writes one."""
    update = request.config.getoption("--update-golden")

    def check(path: Path, text: str) -> None:
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        if not path.is_file():
            pytest.fail(f"{path.name} is missing: write it with --update-golden, and read it")
        expected = path.read_text(encoding="utf-8")
        difference = difflib.unified_diff(
            expected.splitlines(), text.splitlines(), f"{path.name} (expected)", "what came out", lineterm=""
        )
        assert text == expected, "\n".join(difference)

    return check


@pytest.fixture
def untouched_logging() -> Iterator[None]:
    """Puts the loggers back as they were."""
    loggers = [logging.getLogger(name) for name in (None, "broker_sync", "httpx", "httpcore")]
    before = [(logger.level, logger.handlers[:]) for logger in loggers]
    yield
    for logger, (level, handlers) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.handlers[:] = handlers
