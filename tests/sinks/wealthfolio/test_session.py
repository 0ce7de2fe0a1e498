"""A session is kept for the next run, for its owner's eyes only, and never stands in the way."""

import json
import logging
import stat
from pathlib import Path

import pytest

from broker_sync.sinks.wealthfolio.session import SessionFile

_SERVER, _OTHER = "https://wf.example.org", "http://localhost:8088"


def test_a_session_is_kept_by_server(tmp_path: Path) -> None:
    path = tmp_path / "made" / "on the way" / "session.json"
    SessionFile(path).save(_SERVER, "one")
    SessionFile(path).save(_OTHER, "two")
    SessionFile(path).save(_SERVER, "three")
    kept = SessionFile(path)
    assert [kept.load(each) for each in (_SERVER, _OTHER, "https://else")] == ["three", "two", None]


def test_nobody_else_can_read_the_file_even_if_they_could_before(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    path.write_text("{}")
    path.chmod(0o644)
    SessionFile(path).save(_SERVER, "one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["session.json"]


def test_a_damaged_file_is_one_without_sessions_and_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    deep = "[" * 100_000
    for text in ("", "{", "[]", '{"sessions": []}', '{"sessions": {"https://wf.example.org": 1}}', deep):
        path.write_text(text)
        assert SessionFile(path).load(_SERVER) is None
        SessionFile(path).save(_SERVER, "one")
        assert SessionFile(path).load(_SERVER) == "one"


def test_what_cannot_be_a_session_is_none(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    for token in ("", 1, None, "two\nlines", "f\u00fc"):
        path.write_text(json.dumps({"sessions": {_SERVER: {"token": token}}}))
        assert SessionFile(path).load(_SERVER) is None


def test_a_file_that_is_none_is_no_reason_to_stop(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "session.json").mkdir()
    kept = SessionFile(tmp_path / "session.json")
    assert kept.load(_SERVER) is None
    with caplog.at_level(logging.WARNING):
        kept.save(_SERVER, "a secret")
        kept.save(_SERVER, "a secret")
    assert len(caplog.records) == 1
    assert "every run logs in anew" in caplog.text
    assert "a secret" not in caplog.text
    assert [each.name for each in tmp_path.iterdir()] == ["session.json"]


def test_a_run_that_writes_nothing_keeps_no_session(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    SessionFile(path).save(_SERVER, "one")
    before = path.read_bytes()
    SessionFile(path, read_only=True).save(_SERVER, "two")
    assert path.read_bytes() == before
    assert SessionFile(path, read_only=True).load(_SERVER) == "one"


def test_its_repr_shows_no_session(tmp_path: Path) -> None:
    kept = SessionFile(tmp_path / "session.json")
    kept.save(_SERVER, "one")
    assert repr(kept) == f"SessionFile({str(tmp_path / 'session.json')!r})"
    assert json.loads((tmp_path / "session.json").read_text())["sessions"][_SERVER] == {"token": "one"}
