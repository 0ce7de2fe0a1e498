"""A file for node_exporter's textfile collector."""

import stat
from pathlib import Path

import pytest

from broker_sync.metrics import Sample, TextfileError
from broker_sync.metrics.textfile import read_textfile, write_textfile

SAMPLES = [Sample("ibkr_position_drift_shares", {"symbol": 'A"\\\n', "account": "U1234567"}, -0.5)]


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "broker-sync.prom"
    assert read_textfile(path) == []
    write_textfile(path, SAMPLES)
    assert read_textfile(path) == SAMPLES


def test_the_file_has_the_permissions_asked_for(tmp_path: Path) -> None:
    for mode in (0o644, 0o600):
        path = tmp_path / "broker-sync.prom"
        write_textfile(path, SAMPLES, mode=mode)
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_new_file_takes_the_place_of_the_old_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "broker-sync.prom"
    write_textfile(path, SAMPLES)
    with path.open(encoding="utf-8") as reader:
        write_textfile(path, [])
        assert "ibkr_position_drift_shares" in reader.read()
    assert read_textfile(path) == []
    assert [*tmp_path.iterdir()] == [path]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "broker-sync.prom").mkdir()
    with pytest.raises(TextfileError, match="cannot be written"):
        write_textfile(tmp_path / "broker-sync.prom", SAMPLES)
    assert [each.name for each in tmp_path.iterdir()] == ["broker-sync.prom"]
    with pytest.raises(TextfileError, match="cannot be read"):
        read_textfile(tmp_path / "broker-sync.prom")
    with pytest.raises(TextfileError, match=r"absent.x\.prom: the metrics cannot be written"):
        write_textfile(tmp_path / "absent" / "x.prom", SAMPLES)


def test_a_file_that_is_none_of_metrics_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "broker-sync.prom"
    for content in (b"{", b"\xff", b"a b c\n", b'm{a="1} 2\n'):
        path.write_bytes(content)
        with pytest.raises(TextfileError, match="not a file of metrics"):
            read_textfile(path)


def test_metrics_that_this_version_does_not_have_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "broker-sync.prom"
    write_textfile(path, [*SAMPLES, Sample("ibkr_of_an_older_version", {}, 1)])
    assert read_textfile(path) == SAMPLES
