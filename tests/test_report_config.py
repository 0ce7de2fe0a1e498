"""What `config check` shows to people."""

from __future__ import annotations

from broker_sync.report.blocks import Line, Table
from broker_sync.report.config_text import ConfigEntry, ConfigReport, config_blocks

SET = ConfigEntry(
    name="WF_BASE_URL",
    value="http://wf",
    secret=False,
    is_set=True,
    source="environment",
    where="WF_BASE_URL",
)
UNSET = ConfigEntry(name="WF_USERNAME", value=None, secret=False, is_set=False, source=None, where=None)


def told(*entries: ConfigEntry, everything: bool = False) -> list[str]:
    report = ConfigReport(config_file=None, entries=entries, accounts=(), problems=(), warnings=())
    blocks = config_blocks(report, everything=everything)
    return [block.text for block in blocks if isinstance(block, Line)]


def test_what_is_not_set_is_counted_unless_all_is_shown() -> None:
    hint = "1 settings are not set (--all shows them)"
    assert hint in told(SET, UNSET)
    assert hint not in told(SET, UNSET, everything=True)
    assert not any("not set" in line for line in told(SET))


def test_where_nothing_is_set_there_is_no_table() -> None:
    report = ConfigReport(config_file=None, entries=[UNSET], accounts=(), problems=(), warnings=())
    assert not any(isinstance(block, Table) for block in config_blocks(report, everything=False))
    assert any(isinstance(block, Table) for block in config_blocks(report, everything=True))
