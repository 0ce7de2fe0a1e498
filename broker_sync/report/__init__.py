"""What a person and a script are told of a sync: results as text or as JSON objects; pure."""

from broker_sync.report.blocks import BLANK, Block, Line, Table, Tone
from broker_sync.report.json_form import account_object, activity_object, planned_objects, run_object
from broker_sync.report.ledger_text import activity_blocks
from broker_sync.report.plain import plain_text
from broker_sync.report.run import AccountError, Run
from broker_sync.report.sync_text import run_blocks, summary_line
from broker_sync.report.terminal import renderables

__all__ = [
    "BLANK",
    "AccountError",
    "Block",
    "Line",
    "Run",
    "Table",
    "Tone",
    "account_object",
    "activity_blocks",
    "activity_object",
    "plain_text",
    "planned_objects",
    "renderables",
    "run_blocks",
    "run_object",
    "summary_line",
]
