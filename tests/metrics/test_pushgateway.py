"""Pushing metrics, and what is said when that fails."""

import asyncio
import base64

import httpx
import pytest

from broker_sync.errors import BrokerSyncError, SettingsError, TransientError
from broker_sync.metrics import push_pushgateway
from broker_sync.metrics.address import address_of
from broker_sync.metrics.pushgateway import replace_pushgateway
from tests.metrics.gateway import FakeGateway, values
from tests.tables import for_each

JOB = "broker-sync-ibkr"
METRICS = [("ibkr_position_drift_shares", {"symbol": "VUAG.L", "account": "U1234567"}, 0.5)]
SECRET = "https://me:hunter%402@gateway.example:9091/metrics?key=sesame"


def push(gateway: FakeGateway, url: str | None, job: str = JOB) -> None:
    asyncio.run(push_pushgateway(job, METRICS, url, transport=gateway.transport))


def failure(gateway: FakeGateway, url: str = "http://gw:9091") -> RuntimeError:
    with pytest.raises(RuntimeError) as caught:
        push(gateway, url)
    return caught.value


# --- where to ---


@for_each("url", ["http://gw:9091/x", "http://gw:9091/x/"])
def test_metrics_are_posted_to_the_job_below_the_address(url: str) -> None:
    gateway = FakeGateway(root="/x")
    push(gateway, url)
    (request,) = gateway.requests
    assert (request.method, str(request.url)) == ("POST", f"http://gw:9091/x/job/{JOB}")
    assert request.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert [*values(gateway.groups[f"/x/job/{JOB}"], METRICS[0][0]).values()] == [0.5]


@for_each(
    ("url", "asked"),
    [
        ("http://gw:9091/metrics", ["/metrics/job/broker-sync-ibkr"]),
        ("http://gw:9091/metrics/", ["/metrics/job/broker-sync-ibkr"]),
        ("http://gw:9091", ["/job/broker-sync-ibkr", "/metrics/job/broker-sync-ibkr"]),
    ],
)
def test_a_pushgateways_own_path_is_found_from_either_address(url: str, asked: list[str]) -> None:
    gateway = FakeGateway()
    push(gateway, url)
    assert [request.url.path for request in gateway.requests] == asked
    assert [*values(gateway.of(JOB), METRICS[0][0]).values()] == [0.5]


@for_each(
    ("job", "group"),
    [
        ("a b", "/job/a%20b"),
        ("ä?#%", "/job/%C3%A4%3F%23%25"),
        ("a/b", f"/job@base64/{base64.urlsafe_b64encode(b'a/b').decode()}"),
        ("", "/job@base64/="),
    ],
)
def test_any_job_is_one_part_of_the_path(job: str, group: str) -> None:
    (target,) = address_of("http://gw/metrics").targets(job)
    assert target == f"http://gw/metrics{group}"


def test_the_address_falls_back_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSHGATEWAY_URL", " http://from-environment:9091/metrics\n")
    gateway = FakeGateway()
    push(gateway, None)
    push(gateway, "http://given:9091/metrics")
    assert [request.url.host for request in gateway.requests] == ["from-environment", "given"]


@for_each("said", [None, "", "  "])
def test_without_an_address_nothing_is_guessed(said: str | None) -> None:
    environment = {} if said is None else {"PUSHGATEWAY_URL": said}
    with pytest.raises(RuntimeError, match="PUSHGATEWAY_URL") as caught:
        address_of(None, environment)
    assert isinstance(caught.value, SettingsError)
    assert "pushgateway" in str(caught.value)


@for_each("url", ["gateway:9091", "ftp://gw", "http://", "http://me:pw@", "http://[::1", "http://gw:no"])
def test_what_is_no_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        address_of(url)
    assert url == "http://" or url not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_an_address_that_only_the_client_finds_wrong_is_one_of_the_settings_too() -> None:
    assert isinstance(failure(FakeGateway(), "http://g\x00w"), SettingsError)


def test_put_replaces_all_of_a_job() -> None:
    gateway = FakeGateway()
    push(gateway, "http://gw/metrics")
    url = "http://gw/metrics"
    asyncio.run(replace_pushgateway(JOB, [("other", {}, 1)], url, transport=gateway.transport))
    assert [each.name for each in gateway.of(JOB)] == ["other"]


# --- what is said ---


@for_each("status", [300, 301, 400, 401, 404, 413, 500, 503])
def test_every_answer_but_2xx_names_the_pushgateway_the_target_and_the_status(status: int) -> None:
    refusals: list[httpx.Response | type[httpx.TransportError]] = [httpx.Response(status)] * 2
    text = str(failure(FakeGateway(refusals=refusals)))
    assert text.startswith("pushgateway: ")
    assert f"http://gw:9091/job/{JOB} answered {status}" in text


@for_each("status", [200, 202, 204])
def test_any_2xx_is_success(status: int) -> None:
    push(FakeGateway(refusals=[httpx.Response(status)]), "http://gw:9091")


@for_each(
    ("refusal", "kind"),
    [
        (httpx.Response(400), BrokerSyncError),
        (httpx.Response(429), TransientError),
        (httpx.Response(503), TransientError),
        (httpx.ConnectError, TransientError),
        (httpx.ReadTimeout, TransientError),
    ],
)
def test_what_may_go_through_later_is_told_from_what_will_not(
    refusal: httpx.Response | type[httpx.TransportError], kind: type[BrokerSyncError]
) -> None:
    error = failure(FakeGateway(refusals=[refusal]))
    assert isinstance(error, kind)
    assert isinstance(error, TransientError) is (kind is TransientError)
    assert f"http://gw:9091/job/{JOB}" in str(error)


def test_the_reason_that_a_pushgateway_gives_is_handed_on() -> None:
    answer = httpx.Response(400, text="pushed metrics are \x1b[31minvalid\nand more")
    assert str(failure(FakeGateway(refusals=[answer]))).endswith(
        "answered 400: pushed metrics are [31minvalid"
    )
    page = httpx.Response(502, html="<html>Bad Gateway</html>")
    assert str(failure(FakeGateway(refusals=[page]))).endswith("answered 502")


@for_each(
    "refusal",
    [
        httpx.Response(401, text="no such user: me hunter@2"),
        httpx.Response(500),
        httpx.ConnectError,
    ],
)
def test_name_and_password_of_the_address_are_sent_and_never_said(
    refusal: httpx.Response | type[httpx.TransportError],
) -> None:
    gateway = FakeGateway(refusals=[refusal])
    error = failure(gateway, SECRET)
    for secret in ("hunter", "sesame", "me:", "me@"):
        assert secret not in f"{error} {error!r} {address_of(SECRET)!r}"
    assert error.__suppress_context__ or error.__context__ is None
    (request,) = gateway.requests
    assert request.headers["Authorization"] == f"Basic {base64.b64encode(b'me:hunter@2').decode()}"
    assert str(request.url) == f"https://gateway.example:9091/metrics/job/{JOB}?key=sesame"


def test_metrics_that_prometheus_would_not_take_are_not_sent() -> None:
    gateway = FakeGateway()
    with pytest.raises(ValueError, match="two values"):
        asyncio.run(push_pushgateway(JOB, METRICS * 2, "http://gw", transport=gateway.transport))
    assert gateway.requests == []


def test_an_answer_without_end_is_given_up() -> None:
    async def endless(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    pushed = push_pushgateway(JOB, METRICS, "http://gw/metrics", httpx.MockTransport(endless), seconds=0.05)
    with pytest.raises(
        RuntimeError, match=r"pushgateway: http://gw/metrics/job/\S+ did not answer within 0.05"
    ):
        asyncio.run(pushed)
