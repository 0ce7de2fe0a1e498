"""Blocks fit a pipe and a terminal of any width, and show nothing but what they should."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from broker_sync.report import Block, Line, Table, Tone, plain_text, renderables, run_blocks
from broker_sync.report.blocks import Column, aligned, printable
from broker_sync.report.wording import counted, listed
from tests.report_samples import perfect, run, troubled

ESCAPE = "\x1b"
TABLE = Table(
    columns=[Column("name"), Column("number", right=True), Column("mark", whole=True)],
    rows=[["a", "1.50", Line("good", Tone.GOOD)], ["a long name", "22.5 ", ""]],
)


def on_terminal(*blocks: Block, width: int = 80, colors: bool = False) -> str:
    page = io.StringIO()
    console = Console(
        file=page,
        width=width,
        force_terminal=True,
        color_system="standard" if colors else None,
        highlight=False,
    )
    console.print(*renderables(blocks, width=width), sep="\n")
    return page.getvalue()


def test_plain_rows_are_aligned() -> None:
    assert plain_text([Line("Title", Tone.TITLE), TABLE]) == (
        "Title\n"
        "name         number  mark\n"
        "a              1.50  good\n"
        "a long name   22.5\n"
    )  # fmt: skip


def test_a_plain_row_is_one_line_however_long_it_is() -> None:
    table = Table(columns=[Column("x"), Column("y")], rows=[["a" * 500, "b c" * 300]])
    assert plain_text([table]).count("\n") == 2


def test_wide_letters_are_counted_as_wide() -> None:
    table = Table(columns=[Column("x"), Column("y")], rows=[["騰訊", "1"], ["abcd", "2"]])
    assert plain_text([table]) == "x     y\n騰訊  1\nabcd  2\n"


def test_plain_text_has_no_escapes() -> None:
    assert ESCAPE not in plain_text(run_blocks(run(perfect(), troubled())))


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    text = on_terminal(*run_blocks(run(perfect(), troubled())), width=width)
    assert max(cell_len(line) for line in text.splitlines()) <= width


@pytest.mark.parametrize("width", [24, 40, 80])
def test_a_terminal_shows_every_digit_and_letter(width: int) -> None:
    table = Table(
        columns=[Column("name"), Column("number", right=True), Column("day", whole=True)],
        rows=[["x" * 70, "1234567890.123456789", "2026-05-01"]],
    )
    text = on_terminal(table, width=width)
    shown = "".join(text.split())
    assert shown.count("x") == 70
    assert sum(sign.isdigit() for sign in shown) == 19 + 8


def test_numbers_are_kept_whole_where_there_is_room_for_them() -> None:
    table = Table(
        columns=[Column("name"), Column("number", right=True)], rows=[["name " * 30, "1234567890.123456789"]]
    )
    assert "1234567890.123456789" in on_terminal(table, width=40)


def test_decimal_points_stay_below_each_other_on_a_terminal() -> None:
    column = aligned(["1.5", "22.25", "3"])
    table = Table(columns=[Column("number", right=True), Column("")], rows=[[each, "x"] for each in column])
    rows = on_terminal(table).splitlines()[2:]
    assert [row.rstrip() for row in rows] == ["  1.5   x", " 22.25  x", "  3     x"]


def test_colours_are_only_there_when_the_terminal_has_them() -> None:
    assert ESCAPE in on_terminal(TABLE, colors=True)
    assert ESCAPE not in on_terminal(*run_blocks(run(troubled())))


def test_brackets_are_no_markup() -> None:
    assert on_terminal(Line("[red]x[/red] :smile:")) == "[red]x[/red] :smile:\n"


@given(st.text())
def test_no_text_can_move_the_cursor_or_break_a_row(text: str) -> None:
    table = Table(columns=[Column("x")], rows=[[text]])
    for shown in (plain_text([Line(text), table]), on_terminal(Line(text), table, width=1000)):
        assert re.sub(r"\n", "", shown).isprintable()
    assert plain_text([table]).count("\n") == 2


def test_an_escape_is_shown_as_what_it_is() -> None:
    assert printable("a\x1b[31mb\n\u202ec") == "a\\x1b[31mb\\n\\u202ec"


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str)))
def test_aligning_changes_no_number(numbers: list[str]) -> None:
    assert [text.strip() for text in aligned(numbers)] == numbers


def test_whole_numbers_are_aligned_with_fractions() -> None:
    assert aligned(["5", "1.25", "-3.5"]) == ["5   ", "1.25", "-3.5 "]
    assert aligned(["5", "12"]) == ["5", "12"]
    assert aligned([]) == []


def test_things_are_counted_in_words() -> None:
    assert [counted(number, "record") for number in (0, 1, 2)] == ["0 records", "1 record", "2 records"]
    assert counted(2, "currency", "currencies") == "2 currencies"


def test_a_long_list_is_cut_and_says_so() -> None:
    assert listed(["a", "b", "c"], most=3) == "a, b, c"
    assert listed(["a", "b", "c", "d"], most=3) == "a, b, c, and 1 more"
