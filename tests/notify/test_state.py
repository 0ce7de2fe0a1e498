"""What is remembered of messages: read back as it was, for its owner alone, and no reason to fail."""

import datetime as dt
import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.errors import StoreError
from broker_sync.notify import FILE_NAME, Open, State, Topic, TopicKind, Trouble, read_state, write_state
from broker_sync.notify.state_form import StateFormError, state_from, text_of
from tests.tables import for_each

MOMENTS = st.datetimes(timezones=st.just(dt.UTC))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TROUBLES = st.builds(Trouble, subject=TEXTS, cause=TEXTS, text=TEXTS)
OPEN = st.builds(
    Open, began=MOMENTS, told=MOMENTS, troubles=st.lists(TROUBLES, min_size=1, max_size=3).map(tuple)
)
STATES = st.dictionaries(st.builds(Topic, st.sampled_from(TopicKind), TEXTS), OPEN, max_size=3)
SAMPLE: State = {
    Topic(TopicKind.FAILURE, "ibkr"): Open(
        began=dt.datetime(2026, 5, 1, tzinfo=dt.UTC),
        told=dt.datetime(2026, 5, 2, tzinfo=dt.UTC),
        troubles=(Trouble(subject="U1234567", cause="x", text="«away»\n75"),),
    )
}


@given(STATES)
def test_it_is_read_as_it_was_written(state: State) -> None:
    assert state_from(text_of(state)) == state


def changed(**parts: object) -> str:
    told = json.loads(text_of(SAMPLE))
    told["open"][0].update(parts)
    return json.dumps(told)


@for_each(
    ("text", "why"),
    [
        ("", "JSONDecodeError"),
        ("[]", "TypeError"),
        ("{}", "KeyError"),
        ('{"version": 2, "open": []}', "version 2, not 1"),
        ('{"version": 1, "open": [7]}', "TypeError"),
        ('{"version": 1, "open": null}', "TypeError"),
        ("[" * 100_000, "nested too deep"),
        (changed(kind="weather"), "ValueError"),
        (changed(name=7), "7 is not a text"),
        (changed(began="2026-05-01T00:00:00"), "has no time zone"),
        (changed(began=5), "TypeError"),
        (changed(troubles=[]), "nothing is wrong"),
        (changed(troubles=[{"subject": "", "cause": ""}]), "KeyError"),
    ],
)
def test_anything_else_is_refused_with_a_word(text: str, why: str) -> None:
    with pytest.raises(StateFormError) as caught:
        state_from(text)
    assert why in str(caught.value)


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    assert read_state(tmp_path) == {}
    write_state(tmp_path, SAMPLE)
    assert read_state(tmp_path) == SAMPLE
    assert [each.name for each in tmp_path.iterdir()] == [FILE_NAME]
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"\xff", b'{"version": 9}'])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(StoreError, match=r"notifications\.json is damaged .* told once more"):
        read_state(tmp_path)


def test_a_file_that_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(StoreError, match="cannot be read"):
        read_state(tmp_path)
    with pytest.raises(StoreError, match="cannot be written"):
        write_state(tmp_path / "absent", SAMPLE)
