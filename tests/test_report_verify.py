"""What is told of a full check."""

from broker_sync.received import Finding
from broker_sync.report import plain_text
from broker_sync.report.verify_text import Checked, Verified, verified_blocks, verified_object

READ = (Checked(name="sync.db"), Checked(name="archive", statements=2))
SOUND = Verified(checked=READ, findings=())
BAD = Verified(checked=READ, findings=(Finding(file="sync.db", text="it is damaged."),))


def test_a_person_reads_the_verdict_last() -> None:
    assert plain_text(verified_blocks(SOUND)) == (
        "Read through: sync.db, archive (2 statements). Nothing is wrong.\n"
    )
    assert plain_text(verified_blocks(BAD)) == (
        "file     what is wrong\nsync.db  it is damaged.\n\n"
        "Read through: sync.db, archive (2 statements); 1 thing is wrong.\n"
    )


def test_a_script_is_told_whether_all_is_well() -> None:
    checked = [{"name": "sync.db"}, {"name": "archive", "statements": 2}]
    assert verified_object(SOUND) == {"ok": True, "checked": checked, "findings": []}
    assert verified_object(BAD) == {
        "ok": False,
        "checked": checked,
        "findings": [{"file": "sync.db", "text": "it is damaged."}],
    }
