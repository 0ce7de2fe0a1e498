"""``broker-sync report``: a page out of what is kept, and nothing else is touched."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.standins.flex.answers import code
from tests.standins.flex.service import SEND

from .conftest import Cli
from .nights import Nights
from .statements import ACCOUNT, OTHER, drifting, good, two_accounts, with_rejections

# The fixtures are taken over by their names.
from .test_nightly import DAY, FIRST_NIGHT, nights, statements  # noqa: F401

Write = Callable[..., Path]


@pytest.fixture
def made(cli: Cli, tmp_path: Path) -> Callable[..., str]:
    """The text of the page that ``report`` writes."""

    def make(*arguments: str) -> str:
        path = tmp_path / "out.html"
        ran = cli("report", "--html", path, *arguments)
        assert (ran.status, ran.out) == (0, f"The report is in {path}.\n")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        return path.read_text("utf-8").replace("\u00a0", " ")

    return make


def test_a_synced_account_is_shown_with_all_that_is_kept(
    cli: Cli, write: Write, made: Callable[..., str]
) -> None:
    cli("ibkr", "--file", write(good()))
    text = made()
    assert f"<title>{ACCOUNT}: Equal to the broker as of " in text
    for shown in ("WDGT", "Days covered by statements", "Latest bookings", "What each run did", "Dividend"):
        assert shown in text


def test_a_difference_and_what_is_not_booked_are_shown(
    cli: Cli, write: Write, made: Callable[..., str]
) -> None:
    bad = write(drifting())
    cli("ibkr", "--file", bad)
    assert "1 difference, not confirmed yet" in made()
    cli("ibkr", "--file", bad, "--explain")
    text = made()
    assert "1 difference, confirmed since" in text
    assert "Nobody asked why" not in text
    cli("ibkr", "--file", write(with_rejections(2), "more.xml"))
    assert "2 records in " in made()


def test_an_account_that_was_never_synced_is_shown_too_and_no_secret_with_it(
    cli: Cli, write: Write, made: Callable[..., str], data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import create_engine, text  # noqa: PLC0415

    cli("ibkr", "--file", write(good()))
    engine = create_engine(f"sqlite:///{data_dir / 'sync.db'}")
    with engine.begin() as connection:
        body = '{"account": "U7654321", "error": "the tracker is away made-up"}'
        connection.execute(text("INSERT INTO runs (provider, version, started_at) VALUES ('ibkr', '1', 'x')"))
        connection.execute(
            text(
                "INSERT INTO results (run_id, sink, account_id, account, ended_at, outcome, body) "
                "SELECT max(id), '', '', 'U7654321', '2999-01-01T00:00:00+00:00', 'failed', :body FROM runs"
            ),
            {"body": body},
        )
    engine.dispose()
    monkeypatch.setenv("WF_PASSWORD", "made-up")
    page = made()
    assert "U7654321" in page
    assert "the tracker is away ***" in page
    assert f"<strong>{ACCOUNT}</strong><span>Equal to the broker" in page


def test_one_account_of_several_can_be_shown(cli: Cli, write: Write, made: Callable[..., str]) -> None:
    cli("ibkr", "--file", write(two_accounts()))
    assert "#account-1" in made()
    text = made("--account", OTHER)
    assert OTHER in text
    assert ACCOUNT not in text
    ran = cli("report", "--html", "x.html", "--account", "U0000000")
    assert ran.status == 2
    assert f"known: {ACCOUNT}, {OTHER}" in ran.err.replace("U1111111, ", "")


def test_where_nothing_was_synced_there_is_a_page_and_no_data_directory(
    made: Callable[..., str], data_dir: Path
) -> None:
    assert "Nothing was synced yet" in made()
    assert not data_dir.exists()


def test_a_page_that_cannot_be_written_is_an_error(cli: Cli, tmp_path: Path) -> None:
    ran = cli("report", "--html", tmp_path / "absent" / "out.html")
    assert ran.status == 1
    assert "out.html cannot be written (No such file or directory)" in ran.err


def test_a_report_changes_nothing(cli: Cli, write: Write, made: Callable[..., str], data_dir: Path) -> None:
    cli("ibkr", "--file", write(good()))
    before = {path: path.read_bytes() for path in data_dir.rglob("*") if path.is_file()}
    made()
    assert {path: path.read_bytes() for path in data_dir.rglob("*") if path.is_file()} == before


def test_what_is_older_than_the_days_asked_for_is_left_out_but_for_how_things_stand(
    cli: Cli, write: Write, made: Callable[..., str], data_dir: Path
) -> None:
    from sqlalchemy import create_engine, text  # noqa: PLC0415

    cli("ibkr", "--file", write(good()))
    engine = create_engine(f"sqlite:///{data_dir / 'sync.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE results SET ended_at = '2026-05-01T02:00:00+00:00'"))
    engine.dispose()
    page = made("--days", "1")
    assert "1 May 2026, 02:00 UTC" in page
    assert "Equal to the broker" in page


@pytest.mark.slow
def test_a_night_that_failed_is_seen_at_once(
    nights: Nights,  # noqa: F811
    made: Callable[..., str],
) -> None:
    nights.night(FIRST_NIGHT)
    nights.service.fail(SEND, always=code(1012))
    nights.night(FIRST_NIGHT + DAY)
    text = made("--days", "36500")
    assert "The last run failed" in text
    assert "Before that, 12 Jun 2024" in text
    assert os.environ["IBKR_FLEX_TOKEN"] not in text  # noqa: TID251  # set by the fixture
