"""Progress is for people who wait, and only for them."""

import io
from pathlib import Path

import pytest

from broker_sync.cli.progress import booking, is_wanted, say_reading
from broker_sync.providers.ibkr import Document


class Watched(io.StringIO):
    def isatty(self) -> bool:
        return True


def sized(directory: Path, size: int) -> Document:
    path = directory / "statement.xml"
    with path.open("wb") as file:
        file.truncate(size)
    return Document(path)


@pytest.mark.parametrize(
    ("size", "stream", "wanted"),
    [(52_000_000, Watched(), True), (52_000_000, io.StringIO(), False), (4000, Watched(), False)],
)
def test_only_long_work_that_somebody_watches_is_shown(
    tmp_path: Path, size: int, stream: io.StringIO, *, wanted: bool
) -> None:
    assert is_wanted([sized(tmp_path, size)], stream) is wanted


def test_what_is_read_is_named_with_its_size(tmp_path: Path) -> None:
    stream = io.StringIO()
    say_reading([sized(tmp_path, 52_000_000)], stream)
    assert stream.getvalue() == "reading statement.xml (52 MB) ...\n"


def test_the_number_of_records_is_shown_while_they_are_booked() -> None:
    stream = Watched()
    with booking("U1234567", stream, no_color=True) as tell:
        tell(1500)
    assert "booking U1234567: 1,500 records" in stream.getvalue()
