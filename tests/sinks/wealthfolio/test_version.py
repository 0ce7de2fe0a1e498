"""Which releases of Wealthfolio are taken, and what each of them can do."""

import pytest

from broker_sync.errors import SettingsError
from broker_sync.sinks.wealthfolio.errors import AnswerError
from broker_sync.sinks.wealthfolio.version import Version, features_of, parse_version
from tests.tables import for_each


@for_each(
    ("text", "version"),
    [
        ("3.2.1", Version(3, 2, 1)),
        ("v3.8.0", Version(3, 8, 0)),
        ("3.9", Version(3, 9)),
        ("3.9.0-beta.1", Version(3, 9, 0)),
        ("3.2.1+223.gb66a", Version(3, 2, 1)),
        (" 10.0.12 ", Version(10, 0, 12)),
        ("3.8.0.1", Version(3, 8, 0)),
    ],
)
def test_a_version_is_read(text: str, version: Version) -> None:
    assert parse_version(text) == version


@for_each("text", ["", "latest", "3", "3.x"])
def test_what_is_no_version_is_told(text: str) -> None:
    with pytest.raises(AnswerError, match="version"):
        parse_version(text)


@for_each("old", ["2.1.0", "3.0.5", "1.0"])
def test_a_release_before_3_1_is_refused_with_what_is_needed(old: str) -> None:
    with pytest.raises(SettingsError, match=rf"{old}.*3\.1\.0 or later"):
        features_of(parse_version(old))


@for_each(
    ("text", "final", "exchange", "one"),
    [
        ("3.1.0", False, False, False),
        ("3.2.1", False, False, False),
        ("3.6.0", False, False, True),
        ("3.7.0", False, False, True),
        ("3.8.0", True, False, True),
        ("3.9.0", True, True, True),
        ("4.0.0", True, True, True),
    ],
)
def test_each_release_has_its_features(text: str, final: bool, exchange: bool, one: bool) -> None:  # noqa: FBT001
    features = features_of(parse_version(text))
    assert (features.final_amounts, features.fx_exchange, features.pairs_are_one) == (final, exchange, one)
    assert features.short_options == features.local_days == one
    assert str(features.version) == text
