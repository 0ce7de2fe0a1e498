"""What each setting accepts and refuses, and what follows from several together."""

from broker_sync.settings import NoMetrics, ToPushgateway, ToTextfile, wants_tracebacks
from broker_sync.settings.catalogue import DEBUG, SETTINGS
from tests.settings.helpers import Place

WRONG = {
    "BROKER_SYNC_ARCHIVE_KEEP_DAYS": ["0", "-1", "1.5", "x", "\u0661", "1_0"],
    "IBKR_FLEX_OVERLAP_DAYS": ["89", "361"],
    "IBKR_FLEX_DEADLINE_SECONDS": ["9", "86401"],
    "BROKER_SYNC_SHARE_TOLERANCE": ["-0.1", "1e-4", "NaN", "0,1", "'0.1'"],
    "BROKER_SYNC_ON_VANISHED": ["keep"],
    "BROKER_SYNC_METRICS": ["both"],
    "BROKER_SYNC_TEXTFILE": ["metrics.txt"],
    "IBKR_FLEX_IGNORE_BREAKER": ["perhaps", "2"],
    "IBKR_TOKEN_EXPIRES": ["31.03.2027", "2027-02-30", "20270331", "2027-W01-1"],
    "IBKR_FLEX_QUERY_ID": ["12\n34", "My query", "12a", "-1", "1.5", "\u0661"],
    "WF_USERNAME": ["a\nb"],
}


def test_what_is_not_accepted_is_said_with_what_is(place: Place) -> None:
    titles = {each.name: each.kind.title for each in SETTINGS}
    for name, texts in WRONG.items():
        for text in texts:
            shown = repr(text.strip())
            assert place.wrong(**{name: text}) == f"{name} is {shown}, but it must be {titles[name]}"


def test_a_very_long_value_is_not_repeated_whole(place: Place) -> None:
    assert len(place.wrong(IBKR_TIME_ZONE="x" * 10_000)) < 250


def test_a_wrong_secret_is_not_repeated(place: Place) -> None:
    for name in ("IBKR_FLEX_TOKEN", "WF_PASSWORD"):
        assert (
            place.wrong(**{name: "made\nup"}) == f"{name} is not what it should be, but it must be one line"
        )


def test_words_can_be_written_in_capitals_and_yes_in_many_ways(place: Place) -> None:
    assert place.load(BROKER_SYNC_ON_VANISHED="DELETE").on_vanished == "delete"
    for text in ("1", "true", "YES", "on"):
        assert place.load(IBKR_FLEX_IGNORE_BREAKER=text).flex.ignore_breaker
    for text in ("0", "false", "NO", "off"):
        assert not place.load(IBKR_FLEX_IGNORE_BREAKER=text).flex.ignore_breaker
    for text in ("1", "0", "no", "false", "whatever"):
        assert place.load(NO_COLOR=text).no_color
    assert not place.load(NO_COLOR="").no_color


def test_nothing_is_wrong_with_any_wish_for_tracebacks(place: Place) -> None:
    for text, wanted in (("2", True), ("please", True), ("no", False), ("OFF", False), ("", False)):
        assert place.read(BROKER_SYNC_DEBUG=text).answers.of(DEBUG) is wanted
        assert place.read(BROKER_SYNC_DEBUG=text).problems == ()
        assert wants_tracebacks({"BROKER_SYNC_DEBUG": text}) is wanted


def test_queries_can_be_written_with_commas_and_spaces(place: Place) -> None:
    settings = place.load(IBKR_FLEX_QUERY_ID="1, 2 3,1")
    assert settings.ibkr.flex_query_ids == ("1", "2", "3")
    assert settings.ibkr.flex_query_id == "1"


def test_metrics_go_where_a_place_is_named(place: Place) -> None:
    path = place.directory / "m.prom"
    to_file, to_gateway = {"BROKER_SYNC_TEXTFILE": str(path)}, {"PUSHGATEWAY_URL": "http://push.example"}
    assert place.load().metrics == NoMetrics()
    assert place.load(**to_file).metrics == ToTextfile(path=path)
    assert (
        place.load(**to_gateway).metrics
        == place.load(**to_gateway, BROKER_SYNC_METRICS="pushgateway").metrics
    )
    assert isinstance(place.load(**to_gateway).metrics, ToPushgateway)
    assert place.load(**to_file, **to_gateway, BROKER_SYNC_METRICS="none").metrics == NoMetrics()
    assert place.load(**to_file, **to_gateway, BROKER_SYNC_METRICS="textfile").metrics == ToTextfile(
        path=path
    )
    gateway = place.load(**to_file, **to_gateway, BROKER_SYNC_METRICS="pushgateway").metrics
    assert isinstance(gateway, ToPushgateway)


def test_metrics_without_a_place_or_with_two_are_an_error(place: Place) -> None:
    said = [
        place.wrong(BROKER_SYNC_METRICS="textfile", PUSHGATEWAY_URL="http://push.example"),
        place.wrong(BROKER_SYNC_METRICS="pushgateway"),
        place.wrong(PUSHGATEWAY_URL="http://push.example", BROKER_SYNC_TEXTFILE="m.prom"),
    ]
    assert said == [
        "BROKER_SYNC_METRICS is textfile, but BROKER_SYNC_TEXTFILE is not set",
        "BROKER_SYNC_METRICS is pushgateway, but PUSHGATEWAY_URL is not set",
        (
            "PUSHGATEWAY_URL and BROKER_SYNC_TEXTFILE are both set: say with BROKER_SYNC_METRICS which of "
            "them counts, pushgateway or textfile"
        ),
    ]


def test_a_variable_that_is_nearly_one_of_ours_is_warned_of(place: Place) -> None:
    variables = {
        "IBKR_FLEX_TOKN": "x",
        "WF_PASWORD_FILE": "x",
        "BROKER_SYNC_DEMO_DIR": "x",
        "PUSHGATEWAY_PORT": "tcp://10.0.0.1:9091",
        "BROKER_SYNC_SERVICE_HOST": "10.0.0.1",
        "WF_RECORDER": "x",
        "HOME": "x",
    }
    no_such = "is set, but there is no such setting; did you mean"
    assert place.load(**variables).warnings == (
        f"the environment variable IBKR_FLEX_TOKN {no_such} IBKR_FLEX_TOKEN?",
        f"the environment variable WF_PASWORD_FILE {no_such} WF_PASSWORD_FILE?",
    )


def test_every_default_is_accepted() -> None:
    for setting in SETTINGS:
        if setting.default is not None:
            assert setting.kind.read(setting.default) is not None
        assert setting.name.isupper()
