"""What a report says of rows that a person typed in, too, and of a Wealthfolio server."""

from __future__ import annotations

from dataclasses import replace

from broker_sync.contracts import Twin, TwinFate
from broker_sync.report import Run, run_object
from broker_sync.report.blocks import Block, Line, Table, text_of
from broker_sync.report.twin_text import twin_blocks
from broker_sync.report.wealthfolio_checkup import AccountCheck, Checkup, Finding, Grade
from broker_sync.report.wealthfolio_text import checkup_blocks, checkup_object
from tests.report_samples import perfect


def lines_of(blocks: list[Block]) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Line):
            lines.append(block.text)
        elif isinstance(block, Table):
            lines += [" | ".join(text_of(cell) for cell in row) for row in block.rows]
    return lines


def twin(number: int, fate: TwinFate = TwinFate.LIKELY) -> Twin:
    return Twin(external_id=f"ibkr:trade:{number}", tracker_id=f"row-{number}", text="BUY", fate=fate)


def test_twins_are_told_by_what_became_of_them() -> None:
    told = lines_of(list(twin_blocks([twin(1), twin(2, TwinFate.TAKEN_OVER), twin(3)])))
    assert told[0].startswith("Likely twins: 2 rows that a person typed in, too; --adopt")
    assert told[1:3] == ["BUY | ibkr:trade:1", "BUY | ibkr:trade:3"]
    assert told[4].endswith("taken over: ours stand in their place:")
    assert list(twin_blocks([])) == []


def test_of_many_twins_some_are_named() -> None:
    told = lines_of(list(twin_blocks([twin(number, TwinFate.OF_ANOTHER_TOOL) for number in range(23)])))
    assert "and 3 more" in told
    assert "BUY | ibkr:trade:20" not in told


def test_twins_are_told_to_scripts() -> None:
    result = replace(perfect(), twins=[twin(1)])
    (account,) = run_object(Run(provider="ibkr", results=[result]))["accounts"]
    assert account["twins"] == [
        {"external_id": "ibkr:trade:1", "tracker_id": "row-1", "text": "BUY", "state": "likely"}
    ]


ABSENT = AccountCheck(broker=None, tracker=None, name="", found="absent")
FOUND = AccountCheck(broker="U1234567", tracker="t-1", name="Mine", found="by its id", ours=3, others=1)
CARE = Finding(grade=Grade.CARE, subject="time zone", text="none is set")
SEEN = Checkup(
    server="https://tracker.example",
    login="none is needed",
    version="3.8.0",
    time_zone="",
    base_currency="",
    accounts=(FOUND, ABSENT),
    findings=(Finding(grade=Grade.WORKS, subject="keys", text="known"), CARE),
)


def test_a_checkup_is_one_screen_with_what_hurts_first() -> None:
    told = lines_of(checkup_blocks(SEEN))
    assert told == [
        "Wealthfolio 3.8.0 at https://tracker.example",
        "Login: none is needed",
        "Time zone: none is set, so days are those of UTC",
        "Base currency: none is set",
        "",
        "U1234567 | Mine (t-1) | by its id | 3 | 1 | 0 | 0",
        "any | - | absent | - | - | - | -",
        "",
        "To be looked at",
        "time zone | none is set",
        "",
        "Works",
        "keys | known",
        "",
    ]


def test_of_a_server_that_does_not_answer_only_that_is_told() -> None:
    failed = Finding(grade=Grade.FAILS, subject="server", text="away")
    found = Checkup(server="https://tracker.example", findings=(failed,), status=75)
    assert lines_of(checkup_blocks(found)) == [
        "Wealthfolio at https://tracker.example",
        "",
        "Does not work",
        "server | away",
        "",
    ]
    told = checkup_object(found)
    assert (told["outcome"], told["version"], told["accounts"]) == ("fails", None, [])


def test_a_checkup_is_told_to_scripts() -> None:
    told = checkup_object(SEEN)
    assert told["outcome"] == "care"
    assert told["accounts"][0] == {
        "broker": "U1234567",
        "tracker": "t-1",
        "name": "Mine",
        "found": "by its id",
        "rows": {"ours": 3, "others": 1, "drafts": 0, "touched": 0},
    }
    assert told["findings"][1] == {"grade": "care", "subject": "time zone", "text": "none is set"}
    assert checkup_object(Checkup(server="s"))["outcome"] == "works"
