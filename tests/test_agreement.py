"""What was written down against what is there."""

from dataclasses import replace

from broker_sync.agreement import Side, disagreements
from tests.tables import for_each

ONE = Side(account_id="isa", external_id="ibkr:trade:1", tracker_id="1", content_hash="a")
TWO = replace(ONE, external_id="ibkr:trade:2", tracker_id="2")
OTHER = replace(ONE, account_id="sipp", tracker_id="3")
OPEN = replace(TWO, is_settled=False)


@for_each(
    ("told", "there", "found"),
    [
        ([], [], []),
        ([ONE, TWO, OTHER], [ONE, TWO, OTHER], []),
        ([ONE, TWO], [TWO], ["ibkr:trade:1 of account isa was booked, but books does not have it"]),
        ([ONE, TWO], [ONE], ["ibkr:trade:2 of account isa was booked, but books does not have it"]),
        ([TWO], [ONE, TWO], ["ibkr:trade:1 of account isa is in books, but nothing says that it was booked"]),
        (
            [ONE],
            [ONE, OTHER],
            ["ibkr:trade:1 of account sipp is in books, but nothing says that it was booked"],
        ),
        (
            [ONE],
            [replace(ONE, content_hash="b")],
            ["ibkr:trade:1 of account isa says something else in books than what was booked"],
        ),
        (
            [ONE],
            [replace(ONE, tracker_id="9")],
            ["ibkr:trade:1 of account isa is number 9 in books, and 1 was told"],
        ),
        ([OPEN], [], []),
        ([OPEN], [replace(TWO, content_hash="b")], []),
        ([OPEN, OTHER], [OTHER], []),
        ([ONE], [replace(ONE, content_hash=None)], []),
    ],
)
def test_what_does_not_agree_is_told(told: list[Side], there: list[Side], found: list[str]) -> None:
    assert list(disagreements(told, there, tracker="books")) == found
