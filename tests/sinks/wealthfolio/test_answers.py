"""What every answer means: to whoever asked, and to whoever changed something."""

from decimal import Decimal

import pytest

from broker_sync.errors import BrokerSyncError, SettingsError, TransientError
from broker_sync.sinks.wealthfolio.answers import (
    Answer,
    Asked,
    NotLoggedIn,
    encode,
    meaning,
    seconds_to_wait,
    session_token,
)
from broker_sync.sinks.wealthfolio.errors import (
    AnswerError,
    NotWealthfolioError,
    ProfileLockedError,
    ProxyLoginError,
    RequestRefusedError,
    RequestTooLargeError,
    ServerFaultError,
    TooManyLoginsError,
    TrackerAwayError,
    UnknownOutcomeError,
    WealthfolioError,
)
from tests.tables import for_each

_SERVER = "https://wf.example.org"
_READ = Asked(server=_SERVER, method="GET", path="/holdings", changes=False)
_CHANGE = Asked(server=_SERVER, method="POST", path="/activities/bulk", changes=True)
_LOGIN = Asked(server=_SERVER, method="POST", path="/auth/login", changes=False)


def _json(status: int, body: str = '{"code":1,"message":"its word"}', **headers: str) -> Answer:
    return Answer(status=status, headers={"content-type": "application/json", **headers}, body=body.encode())


def _page(status: int = 200, **headers: str) -> Answer:
    page = {"content-type": "text/html; charset=utf-8", **headers}
    return Answer(status=status, headers=page, body=b"<html>secret form</html>")


def _text(status: int, text: str = "its word", **headers: str) -> Answer:
    kind = {"content-type": "text/plain", **headers}
    return Answer(
        status=status, headers={name.replace("_", "-"): kind[name] for name in kind}, body=text.encode()
    )


def test_numbers_with_a_fraction_are_read_as_they_are_written() -> None:
    assert meaning(_READ, _json(200, "[0.1, 10.50, 3, -1e2]")) == [
        Decimal("0.1"),
        Decimal("10.50"),
        3,
        Decimal("-1e2"),
    ]


def test_an_empty_answer_is_none() -> None:
    assert meaning(_CHANGE, Answer(status=202, headers={})) is None


@for_each(
    ("answer", "asked", "error", "words"),
    [
        (_page(), _READ, NotWealthfolioError, "a web page (HTTP 200) where"),
        (_page(), _CHANGE, NotWealthfolioError, "a web page"),
        (_text(200), _READ, NotWealthfolioError, "its word"),
        (_text(200), _CHANGE, UnknownOutcomeError, "its word"),
        (_json(200, "[1,"), _READ, AnswerError, "GET /holdings is not JSON"),
        (_json(200, "[NaN]"), _READ, AnswerError, "not JSON"),
        (_json(200, "[" * 100_000), _READ, AnswerError, "not JSON"),
        (_json(200, "[1,"), _CHANGE, UnknownOutcomeError, "damaged"),
        (_page(401), _READ, ProxyLoginError, "asks for a login"),
        (_page(403), _READ, ProxyLoginError, "a web page (HTTP 403)"),
        (_text(403), _CHANGE, ProxyLoginError, "its word"),
        (_json(403), _READ, RequestRefusedError, "its word"),
        (_text(404, ""), _READ, NotWealthfolioError, "HTTP 404 and nothing else to GET /holdings"),
        (_page(404), _READ, NotWealthfolioError, "a web page (HTTP 404)"),
        (_text(405, ""), _CHANGE, NotWealthfolioError, "HTTP 405"),
        (_json(404), _READ, RequestRefusedError, "(HTTP 404): its word"),
        (_json(400), _CHANGE, RequestRefusedError, "POST /activities/bulk (HTTP 400): its word"),
        (_text(422), _CHANGE, RequestRefusedError, "(HTTP 422): its word"),
        (_json(409), _CHANGE, RequestRefusedError, "(HTTP 409): its word"),
        (_json(400, '{"a":1}'), _CHANGE, RequestRefusedError, '{"a":1}'),
        (_json(400, "{"), _CHANGE, RequestRefusedError, "(HTTP 400): {"),
        (_json(400, ""), _CHANGE, RequestRefusedError, "it gave no reason"),
        (_text(413), _CHANGE, RequestTooLargeError, "(HTTP 413)"),
        (_page(413), _CHANGE, RequestTooLargeError, "it gave no reason"),
        (_text(423, "PROFILE_LOCKED"), _READ, ProfileLockedError, "PROFILE_LOCKED (HTTP 423)"),
        (_text(423, ""), _CHANGE, ProfileLockedError, "that the profile is locked"),
        (_text(429, retry_after="11"), _LOGIN, TooManyLoginsError, "Try again in 11 s"),
        (_text(429), _LOGIN, TooManyLoginsError, "Try again in a minute"),
        (_text(429), _READ, TrackerAwayError, "HTTP 429"),
        (_text(429), _CHANGE, TrackerAwayError, "HTTP 429"),
        (_text(408, ""), _READ, TrackerAwayError, "HTTP 408"),
        (_text(408, ""), _CHANGE, UnknownOutcomeError, "HTTP 408"),
        (_page(502), _READ, TrackerAwayError, "a web page (HTTP 502)"),
        (_page(502), _CHANGE, UnknownOutcomeError, "a web page (HTTP 502)"),
        (_text(503), _READ, TrackerAwayError, "HTTP 503"),
        (_text(504), _CHANGE, UnknownOutcomeError, "HTTP 504"),
        (_page(500), _READ, TrackerAwayError, "HTTP 500"),
        (_json(500), _READ, ServerFaultError, "GET /holdings (HTTP 500): its word"),
        (_json(500), _CHANGE, UnknownOutcomeError, "HTTP 500: its word"),
        (_text(302, location="https://login.example.org/x"), _READ, ProxyLoginError, "login.example.org"),
        (_text(302, location="/login"), _READ, ProxyLoginError, "another page of it (HTTP 302)"),
        (_text(307), _CHANGE, ProxyLoginError, "a redirect to another page"),
    ],
)
def test_an_answer_that_is_none_is_the_error_that_it_stands_for(
    answer: Answer, asked: Asked, error: type[WealthfolioError], words: str
) -> None:
    with pytest.raises(error) as raised:
        meaning(asked, answer)
    assert words in str(raised.value)
    assert "secret form" not in str(raised.value)


def test_a_redirect_to_https_says_how_to_write_the_address() -> None:
    asked = Asked(server="http://wf.example.org", method="GET", path="/app/info", changes=False)
    with pytest.raises(NotWealthfolioError, match=r"https://wf\.example\.org"):
        meaning(asked, _text(301, location="https://wf.example.org/api/v1/app/info"))


@for_each(
    ("answer", "expected"),
    [
        (_json(401), NotLoggedIn()),
        (_text(401), NotLoggedIn()),
        (_json(500, '{"code":500,"message":"Failed to validate token: Base64"}'), NotLoggedIn()),
        (_page(401, **{"www-authenticate": 'Basic realm="x"'}), NotLoggedIn(by_proxy=True)),
        (_text(401, **{"www-authenticate": "basic"}), NotLoggedIn(by_proxy=True)),
    ],
)
def test_a_login_that_is_wanted_is_no_error(answer: Answer, expected: NotLoggedIn) -> None:
    assert meaning(_CHANGE, answer) == expected


@for_each(
    ("error", "branch"),
    [
        (UnknownOutcomeError(request="x", found="x"), TransientError),
        (TrackerAwayError(server="x", found="x"), TransientError),
        (TooManyLoginsError(server="x", retry_after=None), TransientError),
        (ProxyLoginError(server="x", found="x", advice="x"), SettingsError),
        (NotWealthfolioError(address="x", found="x"), SettingsError),
        (ProfileLockedError(server="x", said="x"), SettingsError),
        (RequestRefusedError(request="x", status=400, said="x"), BrokerSyncError),
    ],
)
def test_every_error_ends_the_program_with_the_status_of_its_branch(
    error: WealthfolioError, branch: type[BrokerSyncError]
) -> None:
    assert isinstance(error, branch)
    assert error.exit_code == branch.exit_code


def test_a_refusal_is_cut_short() -> None:
    with pytest.raises(RequestRefusedError) as refused:
        meaning(_CHANGE, _text(400, "x" * 1000))
    assert len(str(refused.value)) < 400
    assert refused.value.status == 400


@for_each(
    ("cookies", "token"),
    [
        ([], None),
        (["wf_session=abc.def; HttpOnly; Path=/api"], "abc.def"),
        (["other=1; Path=/", " wf_session=abc"], "abc"),
        (["wf_session=; Max-Age=0"], None),
        (["x_wf_session=abc"], None),
    ],
)
def test_the_session_is_in_a_cookie_of_its_name(cookies: list[str], token: str | None) -> None:
    assert session_token(cookies) == token


@for_each(
    ("text", "seconds"), [("11", 11), (" 5 ", 5), ("", None), ("soon", None), ("-1", None), ("²", None)]
)
def test_a_wait_is_read_where_it_is_told_in_seconds(text: str, seconds: int | None) -> None:
    assert seconds_to_wait(_text(429, retry_after=text)) == seconds


def test_what_is_sent_is_as_short_as_it_can_be_and_holds_no_float() -> None:
    assert (
        encode({"name": "Ångström", "list": [1, None, True]})
        == '{"name":"Ångström","list":[1,null,true]}'.encode()
    )
    with pytest.raises(TypeError):
        encode({"amount": Decimal("1.5")})


def test_a_redirect_to_another_host_is_a_login_page_though_it_is_https() -> None:
    asked = Asked(server="http://wf.example.org", method="GET", path="/app/info", changes=False)
    answer = Answer(status=302, headers={"location": "https://login.example.org/?next=/api"})
    with pytest.raises(ProxyLoginError, match=r"login\.example\.org"):
        meaning(asked, answer)
