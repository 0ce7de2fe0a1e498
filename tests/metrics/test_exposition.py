"""Prometheus' text format, there and back."""

import math
import subprocess
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.metrics import snapshot_of
from broker_sync.metrics.exposition import parse, render
from broker_sync.metrics.samples import Sample
from tests.metrics.samples import full, of
from tests.metrics.servers import binary
from tests.report_samples import perfect
from tests.tables import for_each

HOSTILE = (
    '"',
    "\\",
    "\n",
    "\\n",
    '\\"',
    "\r\n",
    "Ünïcödé",
    "名",
    '{a="b"} 1',
    ",",
    "}",
    " ",
    "",
    "\u2028",
    "\x00",
)


def test_each_metric_has_its_help_and_type_once() -> None:
    samples = [
        ("ibkr_position_drift_shares", {"symbol": "VUAG.L", "account": "U1234567"}, Decimal("0.5")),
        ("ibkr_flex_breaker_open", {}, 0),
        ("ibkr_position_drift_shares", {"symbol": "AAPL", "account": "U1234567"}, Decimal(-3)),
        ("something_else", {}, 1.25),
    ]
    assert render(samples).decode() == (
        "# HELP ibkr_flex_breaker_open 1 while downloads are held back to avoid a lock-out, else 0.\n"
        "# TYPE ibkr_flex_breaker_open gauge\n"
        "ibkr_flex_breaker_open 0.0\n"
        "# HELP ibkr_position_drift_shares Units at the broker less units in the tracker, for every symbol"
        " that either side holds.\n"
        "# TYPE ibkr_position_drift_shares gauge\n"
        'ibkr_position_drift_shares{account="U1234567",symbol="VUAG.L"} 0.5\n'
        'ibkr_position_drift_shares{account="U1234567",symbol="AAPL"} -3.0\n'
        "# HELP something_else Pushed by broker-sync.\n"
        "# TYPE something_else gauge\n"
        "something_else 1.25\n"
    )


@for_each("text", HOSTILE)
def test_hostile_labels_arrive_intact(text: str) -> None:
    assert parse(render([("m", {"symbol": text}, 1)]).decode()) == [Sample("m", {"symbol": text}, 1.0)]


@given(
    labels=st.dictionaries(
        st.sampled_from(["symbol", "account", "x"]), st.text(st.characters(exclude_categories=["Cs"]))
    ),
    value=st.floats(allow_nan=False),
)
def test_what_is_written_is_read_back(labels: dict[str, str], value: float) -> None:
    assert parse(render([("m", labels, value)]).decode()) == [Sample("m", labels, value)]


def test_numbers_keep_what_binary_floating_point_can_hold() -> None:
    (sample,) = parse(render([("m", {}, Decimal("1780279230.123456"))]).decode())
    assert sample.value == 1780279230.123456
    (sample,) = parse(render([("m", {}, math.nan)]).decode())
    assert math.isnan(float(sample.value))


def test_half_a_character_becomes_a_question_mark() -> None:
    assert parse(render([("m", {"symbol": "a\ud800"}, 1)]).decode()) == [Sample("m", {"symbol": "a?"}, 1.0)]


@for_each(
    ("name", "labels"),
    [("a-b", {}), ("", {}), ("1a", {}), ("a\n", {}), ("é", {}), ("a", {"x-y": ""}), ("a", {"__x": ""})],
)
def test_a_name_that_prometheus_does_not_take_is_refused(name: str, labels: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="is no name of"):
        render([(name, labels, 1)])


def test_two_values_for_the_same_thing_are_refused() -> None:
    with pytest.raises(ValueError, match="two values"):
        render([("m", {"a": "1", "b": "2"}, 1), ("m", {"b": "2", "a": "1"}, 2)])


@given(text=st.text('m{}=",\\ 1\n#ab') | st.text())
def test_a_text_in_no_such_format_is_a_value_error_at_worst(text: str) -> None:
    try:
        parse(text)
    except ValueError:
        return


@pytest.mark.slow
def test_promtool_finds_nothing_amiss_with_names_units_and_help() -> None:
    samples = [*snapshot_of(of(perfect())).samples, *snapshot_of(full()).samples]
    text = render({(each.name, *sorted(each.labels.items())): each for each in samples}.values())
    command = [binary("promtool"), "check", "metrics"]
    ran = subprocess.run(command, input=text, capture_output=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")
