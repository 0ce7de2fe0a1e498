"""Brokers and trackers are found by name, ours and other people's."""

import subprocess
import sys
from pathlib import Path

import pytest

from broker_sync.contracts import Sink
from broker_sync.errors import SettingsError
from broker_sync.registry import PROVIDERS, SINKS, open_sink, provider_factory, sink_factory
from broker_sync.settings import load_settings


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_on_the_list_can_be_loaded(name: str) -> None:
    assert getattr(provider_factory(name), "name", None) == name


@pytest.mark.parametrize("name", SINKS)
def test_every_sink_on_the_list_can_be_opened(name: str, tmp_path: Path) -> None:
    settings = load_settings(
        {"BROKER_SYNC_DATA_DIR": str(tmp_path / "data"), "WF_BASE_URL": "http://localhost:1"}
    )
    sink = open_sink(name, settings, read_only=True)
    assert isinstance(sink, Sink)
    assert sink.name == name
    assert not (tmp_path / "data").exists()


def test_without_an_address_there_is_no_wealthfolio(tmp_path: Path) -> None:
    settings = load_settings({"BROKER_SYNC_DATA_DIR": str(tmp_path / "data")})
    with pytest.raises(SettingsError, match="set WF_BASE_URL"):
        open_sink("wealthfolio", settings, read_only=True)


def test_an_unknown_name_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(SettingsError, match=r"there is no tracker 'abacus'; known: .*ledger"):
        sink_factory("abacus")
    with pytest.raises(SettingsError, match=r"there is no broker 'bank'; known: .*ibkr"):
        provider_factory("bank")


def test_another_package_can_add_a_tracker(tmp_path: Path) -> None:
    package = tmp_path / "abacus-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: abacus\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[broker_sync.sinks]\nabacus = abacus:make\n")
    (tmp_path / "abacus.py").write_text("def make(settings, *, read_only): return 'an abacus'\n")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from broker_sync.registry import open_sink\nprint(open_sink('abacus', None, read_only=True))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "an abacus\n"
