"""What each reply of the Flex Web Service means."""

import pytest

from broker_sync.errors import BrokerSyncError, RefusedError, SettingsError, TransientError
from broker_sync.providers.ibkr import flex_errors
from broker_sync.providers.ibkr.errors import IBKRError
from broker_sync.providers.ibkr.flex import (
    Accepted,
    Pending,
    Reply,
    StatementStarts,
    begins_statement,
    ends_statement,
    read_get_reply,
    read_send_reply,
)
from broker_sync.providers.ibkr.flex_address import IBKR_BASE_URL, endpoint, safe_address
from broker_sync.providers.ibkr.flex_codes import PENDING, UNDOCUMENTED, code_error, known_codes
from broker_sync.providers.ibkr.flex_errors import FlexError, FlexRequest, ForeignAddressError
from tests.tables import for_each

GET_ADDRESS = f"{IBKR_BASE_URL}/GetStatement"


def status(inside: str, *, before: str = "", root: str = "FlexStatementResponse") -> bytes:
    return f"{before}<{root} timestamp='01 June, 2026 02:00 AM AEST'>{inside}</{root}>".encode()


def accepted(url: str = GET_ADDRESS) -> bytes:
    return status(
        f"<Status>Success</Status><ReferenceCode>1234567890</ReferenceCode><Url>{url}</Url><extra><x/></extra>"
    )


def error_code(code: str, text: str = "Made up.") -> bytes:
    return status(
        f"<Status>Fail</Status>\n<ErrorCode> {code} </ErrorCode>\n<ErrorMessage>{text}</ErrorMessage>"
    )


def sent(head: bytes, *, base_url: str = IBKR_BASE_URL, **reply: object) -> Accepted | Pending | FlexError:
    return read_send_reply(
        Reply(**{"status": 200, "head": head, **reply}),  # type: ignore[arg-type]  # a test's shorthand
        base_url=base_url,
    )


def got(head: bytes, **reply: object) -> StatementStarts | Pending | FlexError:
    return read_get_reply(Reply(**{"status": 200, "head": head, **reply}))  # type: ignore[arg-type]  # as above


# --- replies that are as they should be ---


@for_each(
    "body",
    [
        accepted(),
        b"\xef\xbb\xbf" + accepted(),
        b"\n<?xml version='1.0' encoding='UTF-8'?>\n<!-- made up -->\n" + accepted(),
        status("<Status>Success</Status><ReferenceCode> 1234567890 </ReferenceCode>"),
    ],
)
def test_a_reference_is_what_the_statement_is_fetched_by(body: bytes) -> None:
    assert sent(body) == Accepted(reference="1234567890", url=GET_ADDRESS)


def test_a_statement_that_is_being_made_is_no_error() -> None:
    body = error_code(PENDING)
    assert (sent(body), got(body)) == (Pending(retry_after=0), Pending(retry_after=0))
    assert got(body, retry_after="20") == Pending(retry_after=20)
    assert got(body, retry_after="Mon, 01 Jun 2026 02:00:00 GMT") == Pending(retry_after=0)


@for_each(
    ("body", "is_one"),
    [
        (b"<FlexQueryResponse queryName='x' type='AF'>", True),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\r\n<!-- a --><!-- b -->\n<FlexQueryResponse>", True),
        (b"<FlexQueryResponse/>", True),
        (b"<FlexQueryResponses>", False),
        (b"<FlexStatementResponse><FlexQueryResponse>", False),
        (b"<FlexQuery", False),
        (b"", False),
    ],
)
def test_a_statement_is_known_by_its_first_tag(body: bytes, is_one: bool) -> None:  # noqa: FBT001  # a table's
    assert begins_statement(body) is is_one
    assert (got(body) == StatementStarts()) is is_one
    assert not isinstance(sent(body), Accepted)


@for_each(
    ("tail", "is_end"),
    [
        (b"</FlexStatements>\n</FlexQueryResponse>\n", True),
        (b"</FlexQueryResponse  >", True),
        (b"<FlexQueryResponse queryName='x'/>", True),
        (b"</FlexQueryResponse", False),
        (b"</FlexStatements>", False),
        (b"</FlexQueryResponse><!--", False),
        (b"", False),
    ],
)
def test_a_statement_is_whole_when_its_last_tag_is_there(tail: bytes, is_end: bool) -> None:  # noqa: FBT001  # a table's
    assert ends_statement(tail) is is_end


# --- codes ---

BUSY = ["1001", "1004", "1005", "1006", "1007", "1008", "1009", "1018", "1021"]
WRONG = ["1010", "1011", "1012", "1013", "1014", "1015", "1016", "1020"]
KINDS: dict[str, type[FlexError]] = {
    **dict.fromkeys(BUSY, flex_errors.FlexBusyError),
    **dict.fromkeys(WRONG, flex_errors.FlexSettingError),
    **dict.fromkeys([*UNDOCUMENTED, "1026", "999", "12 and\n more"], flex_errors.UnknownCodeError),
    "1003": flex_errors.StatementNotAvailableError,
    "1012": flex_errors.TokenExpiredError,
    "1017": flex_errors.ReferenceUnknownError,
    "1025": flex_errors.LockedOutError,
}


def test_every_code_from_1001_to_1025_is_spoken_of() -> None:
    assert sorted({*known_codes(), *UNDOCUMENTED}) == [str(code) for code in range(1001, 1026)]
    assert {*known_codes(), *UNDOCUMENTED} - set(KINDS) == {PENDING}


@for_each("code", KINDS)
def test_every_code_has_its_class_and_its_sentence(code: str) -> None:
    for found in (sent(error_code(code)), got(error_code(code))):
        assert type(found) is KINDS[code]
        assert isinstance(found, flex_errors.FlexCodeError)
        assert isinstance(found, IBKRError)
        assert found.code == " ".join(code.split())
        assert str(found).startswith(f"IBKR {found.code} to {found.request}: ")
        assert str(found).endswith(". (IBKR: Made up.)")
        assert "\n" not in str(found)


@for_each(
    ("codes", "exit_code", "kind"),
    [(BUSY, 75, TransientError), (WRONG, 2, SettingsError), (["1025"], 75, TransientError)],
)
def test_the_class_says_what_to_do(codes: list[str], exit_code: int, kind: type[BrokerSyncError]) -> None:
    for code in codes:
        found = code_error(code, told="", request=FlexRequest.SEND)
        assert (found.exit_code, isinstance(found, kind)) == (exit_code, True)


def test_what_only_fails_has_status_1() -> None:
    for code in ("1002", "1003", "1017"):
        assert code_error(code, told="", request=FlexRequest.SEND).exit_code == 1


def test_an_expired_token_says_where_to_get_another_and_that_the_alert_follows() -> None:
    text = str(code_error("1012", told="", request=FlexRequest.SEND))
    assert "Client Portal, Performance & Reports > Flex Queries > Flex Web Service Configuration" in text
    assert "IBKR_FLEX_TOKEN" in text
    assert "the alert IBKRFlexTokenExpired follows" in text


def test_only_failed_requests_for_a_statement_bring_a_lock_out_nearer() -> None:
    for code in KINDS:
        assert code_error(code, told="", request=FlexRequest.SEND).counts_towards_lockout
        counts = code_error(code, told="", request=FlexRequest.GET).counts_towards_lockout
        assert counts is (code == "1025")


def test_what_users_must_mend_and_what_takes_long_is_not_asked_again() -> None:
    never = {
        code for code in KINDS if code_error(code, told="", request=FlexRequest.GET).pause is None
    } - set(UNDOCUMENTED)
    assert {*WRONG, "1003", "1005", "1006", "1007", "1008", "1017", "1025"} <= never
    for code in ("1001", "1018"):
        assert code_error(code, told="", request=FlexRequest.SEND).pause == 60


def test_a_code_counts_whatever_the_status_of_http() -> None:
    assert isinstance(sent(error_code("1025"), status=403), flex_errors.LockedOutError)
    assert isinstance(got(error_code("1012"), status=500), flex_errors.TokenExpiredError)


# --- replies that are neither ---


@for_each(
    ("body", "content_type", "expected"),
    [
        (b"", "text/xml", flex_errors.EmptyReplyError),
        (b" \r\n ", "text/xml", flex_errors.EmptyReplyError),
        (b"<!DOCTYPE html><html>", "text/html", flex_errors.WebPageError),
        (b"\n<!-- x -->\n<HTML lang='en'>", "text/xml", flex_errors.WebPageError),
        (b"<html>", "", flex_errors.WebPageError),
        (b"%PDF-1.7", "application/pdf", flex_errors.WrongContentTypeError),
        (b"{}", "application/json; charset=utf-8", flex_errors.WrongContentTypeError),
        (b"BOF,U1234567", "text/csv", flex_errors.WrongContentTypeError),
        (b"BOF,U1234567", "text/plain", flex_errors.UnclearReplyError),
        (b"Back soon", "text/html", flex_errors.UnclearReplyError),
        (b"\x00\xff", "application/octet-stream", flex_errors.UnclearReplyError),
        (b"<Other/>", "application/xml", flex_errors.UnclearReplyError),
        (status("<Status>Success</Status>"), "text/xml", flex_errors.UnclearReplyError),
        (status("<Status>Fail</Status><ErrorMessage>x</ErrorMessage>"), "", flex_errors.UnclearReplyError),
        (status("<ErrorCode>1012</ErrorCode>")[:60], "text/xml", flex_errors.UnclearReplyError),
        (
            status("<ErrorCode>1012</ErrorCode>", before="<!DOCTYPE x [<!ENTITY a 'b'>]>"),
            "text/xml",
            flex_errors.UnclearReplyError,
        ),
    ],
)
def test_a_reply_without_code_or_statement_is_named_for_what_it_is(
    body: bytes, content_type: str, expected: type[FlexError]
) -> None:
    for found in (sent(body, content_type=content_type), got(body, content_type=content_type)):
        assert type(found) is expected
        assert not found.counts_towards_lockout
        assert isinstance(found, RefusedError | TransientError)


def test_a_document_type_is_not_read_even_inside_a_status() -> None:
    body = b"<FlexStatementResponse><!DOCTYPE x><ErrorCode>1012</ErrorCode></FlexStatementResponse>"
    assert isinstance(got(body), flex_errors.UnclearReplyError)


def test_a_failure_with_a_reference_is_no_success() -> None:
    body = status("<Status>Fail</Status><ReferenceCode>1</ReferenceCode>")
    assert isinstance(sent(body), flex_errors.UnclearReplyError)


def test_a_reference_in_place_of_a_statement_is_none() -> None:
    assert isinstance(got(accepted()), flex_errors.UnclearReplyError)


def test_what_a_reply_begins_with_is_shown_as_one_short_line() -> None:
    text = str(got(b"made\x1b[31m up\n" + b"x" * 5000))
    assert "It begins with 'made [31m up xxx" in text
    assert len(text) < 500


@for_each(
    ("number", "expected", "exit_code", "counts"),
    [
        (301, flex_errors.RedirectedError, 1, False),
        (302, flex_errors.RedirectedError, 1, False),
        (400, flex_errors.HttpRefusedError, 1, True),
        (403, flex_errors.HttpRefusedError, 1, True),
        (404, flex_errors.HttpRefusedError, 1, True),
        (408, flex_errors.HttpBusyError, 75, False),
        (429, flex_errors.HttpBusyError, 75, True),
        (500, flex_errors.HttpBusyError, 75, False),
        (503, flex_errors.HttpBusyError, 75, False),
        (101, flex_errors.HttpRefusedError, 1, True),
    ],
)
def test_a_status_of_http_that_is_none_of_success_is_an_error(
    number: int,
    expected: type[FlexError],
    exit_code: int,
    counts: bool,  # noqa: FBT001  # a table's
) -> None:
    for body in (b"", b"made up", b"<FlexQueryResponse/>", b"<html>"):
        send, get = sent(body, status=number), got(body, status=number)
        assert isinstance(send, FlexError)
        assert isinstance(get, FlexError)
        assert type(send) is type(get) is expected
        assert (send.exit_code, send.counts_towards_lockout) == (exit_code, counts)
        assert not get.counts_towards_lockout
        assert f"(HTTP {number})" in str(send)


def test_the_server_says_when_to_come_back() -> None:
    pauses = [
        found.pause
        for number, header in ((503, ""), (503, "2"), (503, "120"), (429, ""), (429, "90"), (503, "soon"))
        if isinstance(found := got(b"", status=number, retry_after=header), FlexError)
    ]
    assert pauses == [5, 5, 120, 60, 90, 5]


# --- addresses ---


@for_each(
    ("base", "address"),
    [
        (IBKR_BASE_URL, f"{IBKR_BASE_URL}/SendRequest"),
        (
            "https://flex.example",
            "https://flex.example/AccountManagement/FlexWebService/SendRequest",
        ),
        ("http://127.0.0.1:80/", "http://127.0.0.1:80/AccountManagement/FlexWebService/SendRequest"),
        ("https://flex.example/some/path/", "https://flex.example/some/path/SendRequest"),
    ],
)
def test_a_host_alone_gets_ibkrs_path(base: str, address: str) -> None:
    assert endpoint(base, FlexRequest.SEND) == address


LOCAL = "http://127.0.0.1:8080"


@for_each(
    ("url", "base"),
    [
        ("https://gdcdyn.interactivebrokers.com/AccountManagement/FlexWebService/GetStatement", LOCAL),
        ("https://NDCDYN.InteractiveBrokers.com:443/x?y=1&z=%20", LOCAL),
        ("https://flex.ibkr.com", LOCAL),
        (f"{LOCAL}/any/where", LOCAL),
        ("HTTP://127.0.0.1:8080/x", f"{LOCAL}/base/path"),
        ("http://[::1]:8080/x", "http://[::1]:8080"),
        ("https://flex.example/x", "https://FLEX.example"),
    ],
)
def test_ibkrs_hosts_and_the_configured_one_are_safe(url: str, base: str) -> None:
    assert safe_address(url, base_url=base) == url
    assert sent(accepted(url.replace("&", "&amp;")), base_url=base) == Accepted(
        reference="1234567890", url=url
    )


@for_each(
    "url",
    [
        "https://elsewhere.example/GetStatement",
        "http://gdcdyn.interactivebrokers.com/GetStatement",
        "https://interactivebrokers.com.elsewhere.example/",
        "https://elsewhereinteractivebrokers.com/",
        "https://interactivebrokers.com@elsewhere.example/",
        "https://user:word@gdcdyn.interactivebrokers.com/",
        "https://elsewhere.example\\@gdcdyn.interactivebrokers.com/",
        "https://elsewhere.example#.interactivebrokers.com/",
        "https://elsewhere.example/?.interactivebrokers.com/#x",
        "https://gdcdyn.interactivebrokers.com:8443/",
        "https://gdcdyn.interactivebrokers.com./",
        "https://gdcdyn.interactivebrokers.com\n.elsewhere.example/",
        "https://127.0.0.1:8080/",
        "http://127.0.0.1:8081/",
        "http://127.0.0.1/",
        "http://127.0.0.1:8080@elsewhere.example/",
        "//gdcdyn.interactivebrokers.com/",
        "/GetStatement",
        "file:///etc/passwd",
        "ftp://gdcdyn.interactivebrokers.com/",
        "https://ёlsewhere.interactivebrokers.com/",
        "",
    ],
)
def test_every_other_address_is_refused(url: str) -> None:
    with pytest.raises(ForeignAddressError):
        safe_address(url, base_url=LOCAL)


def test_a_base_address_with_a_user_in_it_makes_no_other_host_safe() -> None:
    with pytest.raises(ForeignAddressError):
        safe_address("https://elsewhere.example/", base_url="https://user@elsewhere.example/")


def test_a_refused_address_is_shown_without_what_may_be_secret() -> None:
    with pytest.raises(ForeignAddressError) as caught:
        safe_address("https://user:word@elsewhere.example/x?t=secret#more", base_url=LOCAL)
    assert "'https://***@elsewhere.example/x'" in str(caught.value)
    assert "word@" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_foreign_address_in_a_reply_is_an_error_like_others() -> None:
    found = sent(accepted("https://elsewhere.example/"))
    assert isinstance(found, ForeignAddressError)
    assert (found.pause, found.exit_code, found.counts_towards_lockout) == (None, 1, False)
