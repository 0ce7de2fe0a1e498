"""The same against the real Pushgateway of Debian's package: what it keeps, drops and refuses."""

import asyncio
import dataclasses
from pathlib import Path

import httpx
import pytest

from broker_sync.metrics import Publisher, Pushgateway, RunFacts, job_name, push_pushgateway, snapshot_of
from broker_sync.metrics.exposition import parse
from broker_sync.metrics.samples import Sample
from broker_sync.models import Instrument
from broker_sync.report import AccountError
from tests.metrics.gateway import values
from tests.metrics.samples import ENDED, NIGHT, failed, of
from tests.metrics.test_exposition import HOSTILE
from tests.report_samples import WIDGET, held, perfect

pytestmark = pytest.mark.slow

JOB = job_name("ibkr")
DRIFT = "ibkr_position_drift_shares"
SUCCESS = "ibkr_sync_last_success_timestamp_seconds"
ATTEMPT = "ibkr_sync_last_attempt_timestamp_seconds"
OUTCOME = "ibkr_sync_last_attempt_outcome"


def kept(address: str) -> list[Sample]:
    """What Prometheus would scrape of our job."""
    page = httpx.get(f"{address}/metrics", trust_env=False).content.decode()
    ours = [sample for sample in parse(page) if sample.labels.get("job") == JOB]
    return [
        sample._replace(labels={k: v for k, v in sample.labels.items() if k not in {"job", "instance"}})
        for sample in ours
    ]


def publish(address: str, told: Path, facts: RunFacts) -> list[str]:
    publisher = Publisher(job=JOB, target=Pushgateway(url=address, told=told / "told.prom"))
    return asyncio.run(publisher.publish(snapshot_of(facts)))


def symbols(address: str) -> set[str]:
    return {dict(labels)["symbol"] for labels in values(kept(address), DRIFT)}


@pytest.mark.parametrize("path", ["", "/", "/metrics", "/metrics/"])
def test_a_push_arrives_by_either_address(path: str, real_pushgateway: str) -> None:
    metrics = [(DRIFT, {"symbol": "VUAG.L", "account": "U1234567"}, -0.5)]
    asyncio.run(push_pushgateway(JOB, metrics, f"{real_pushgateway}{path}"))
    assert [*values(kept(real_pushgateway), DRIFT).values()] == [-0.5]


def test_a_failed_run_leaves_the_last_success(real_pushgateway: str, tmp_path: Path) -> None:
    assert publish(real_pushgateway, tmp_path, of(perfect())) == []
    assert publish(real_pushgateway, tmp_path, failed(ended=ENDED + NIGHT)) == []
    now = kept(real_pushgateway)
    assert values(now, SUCCESS) == {(): ENDED.timestamp()}
    assert values(now, ATTEMPT) == {(): (ENDED + NIGHT).timestamp()}
    assert values(now, OUTCOME)[(("outcome", "failed"),)] == 1


def test_a_sold_symbol_is_gone_and_so_is_the_last_one(real_pushgateway: str, tmp_path: Path) -> None:
    publish(real_pushgateway, tmp_path, of(perfect()))
    assert symbols(real_pushgateway) == {"GDGT.L", "WDGT"}
    one_left = dataclasses.replace(perfect(), positions=(held(WIDGET, "1", "0"),))
    publish(real_pushgateway, tmp_path, of(one_left))
    assert symbols(real_pushgateway) == {"WDGT"}
    publish(real_pushgateway, tmp_path, of(dataclasses.replace(perfect(), positions=())))
    assert symbols(real_pushgateway) == set()
    assert values(kept(real_pushgateway), SUCCESS) == {(): ENDED.timestamp()}


def test_a_metric_without_samples_would_have_stayed(real_pushgateway: str) -> None:
    url = f"{real_pushgateway}/metrics/job/{JOB}"
    for body in (b"# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n", b"# TYPE a gauge\n# TYPE b gauge\nb 2\n"):
        assert httpx.post(url, content=body, trust_env=False).is_success
    assert values(kept(real_pushgateway), "a") == {(): 1}


def test_the_drift_of_an_account_stays_while_it_fails(real_pushgateway: str, tmp_path: Path) -> None:
    drifted = dataclasses.replace(perfect(), positions=(held(WIDGET, "1", "0"),))
    publish(real_pushgateway, tmp_path, of(drifted))
    error = AccountError(account="U1234567", text="the tracker is away", exit_code=75)
    publish(real_pushgateway, tmp_path, of(errors=[error]))
    assert [*values(kept(real_pushgateway), DRIFT).values()] == [1]


def test_hostile_labels_arrive_intact(real_pushgateway: str, tmp_path: Path) -> None:
    drifts = tuple(held(Instrument(symbol=text, currency="USD"), "1", "0") for text in HOSTILE if text)
    assert publish(real_pushgateway, tmp_path, of(dataclasses.replace(perfect(), positions=drifts))) == []
    assert symbols(real_pushgateway) == {text for text in HOSTILE if text}


def test_what_it_refuses_is_told_with_its_reason(real_pushgateway: str) -> None:
    url = f"{real_pushgateway}/metrics/job/other"
    assert httpx.post(url, content=b"# TYPE a counter\na 1\n", trust_env=False).is_success
    with pytest.raises(RuntimeError, match=r"^pushgateway: http.*/job/broker-sync-ibkr answered 400: .*a"):
        asyncio.run(push_pushgateway(JOB, [("a", {}, 1)], f"{real_pushgateway}/metrics"))


def test_nobody_there_is_told_by_its_address(real_pushgateway: str) -> None:
    with pytest.raises(
        RuntimeError, match=r"^pushgateway: http://127.0.0.1:1/job/broker-sync-ibkr cannot be"
    ):
        asyncio.run(push_pushgateway(JOB, [("a", {}, 1)], "http://127.0.0.1:1"))
    assert kept(real_pushgateway) == []
