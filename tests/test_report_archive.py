"""What people and scripts are told of the archive."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from broker_sync.received import (
    AccountFacts,
    Audit,
    Booked,
    Contents,
    FileSource,
    Finding,
    LostSource,
    Receipt,
    Refused,
    SectionFacts,
)
from broker_sync.report import plain_text
from broker_sync.report.archive_json import audit_object, statement_object
from broker_sync.report.archive_text import archive_blocks, audit_blocks, statement_blocks
from tests.archive.samples import ACCOUNT, DAY, MAY, OTHER, START, booked, contents, days, entry, facts

GOLDEN = Path(__file__).parent / "golden"
BOOKED = entry(0xABC, verdict=Booked(days=(booked(restated=2), booked(account=OTHER))))
REFUSED = replace(
    entry(0xDEF, window=None, verdict=Refused(at=START, reason="it has no rows in any section")),
    receipts=(Receipt(received_at=START, source=FileSource(name="statement.xml")),),
)
LOST = replace(entry(0xFED, window=None), receipts=(Receipt(received_at=START, source=LostSource()),))
BROKEN_UP = (days("2026-05-01", "2026-05-08"), days("2026-05-18", "2026-05-29"))
MANY = replace(
    entry(
        0xFAB,
        within=Contents(
            accounts=(
                facts(*BROKEN_UP),
                AccountFacts(
                    account=OTHER, days=(), sections=(SectionFacts(section="Transfers", rows=0, days=()),)
                ),
                facts(MAY, account="U1111111"),
            ),
            columns=contents().columns,
        ),
    ),
    receipts=(
        Receipt(received_at=START, source=FileSource(name="a.xml")),
        Receipt(received_at=START + DAY, source=FileSource(name="b.xml"), asked=MAY),
    ),
    times_received=7,
    body_removed_at=START + 2 * DAY,
)
ALL = [BOOKED, REFUSED, LOST, MANY]
BAD = Audit(
    statements=1, findings=(Finding(file="ibkr/ab/abc.xml.gz", text="the statement is missing. Restore it."),)
)


def shown() -> str:
    blocks = archive_blocks(ALL)
    for each in ALL:
        blocks += statement_blocks(each)
    return plain_text([*blocks, *audit_blocks(BAD), *audit_blocks(Audit(statements=3, findings=()))])


def test_an_archive_reads_like_this(golden: Callable[[Path, str], None]) -> None:
    golden(GOLDEN / "archive.txt", shown())


def test_scripts_are_told_this(golden: Callable[[Path, str], None]) -> None:
    objects = [*map(statement_object, ALL), audit_object(BAD), audit_object(Audit(statements=3, findings=()))]
    golden(GOLDEN / "archive.json", "".join(f"{json.dumps(each, indent=1)}\n" for each in objects))


def test_an_empty_archive_shows_nothing() -> None:
    assert archive_blocks([]) == []


def test_days_that_have_holes_are_not_told_as_if_they_had_none() -> None:
    text = plain_text(statement_blocks(MANY))
    assert f"Account {ACCOUNT}, 2026-05-01 to 2026-05-29, in 2 ranges\n" in text
    assert f"Account {OTHER}, no days told\n" in text
