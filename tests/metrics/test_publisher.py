"""What stands in a Pushgateway, or in a file, after one night and another."""

import asyncio
import dataclasses
import stat
from pathlib import Path

import httpx
import pytest

from broker_sync.metrics import (
    Nowhere,
    Publisher,
    Pushgateway,
    RunFacts,
    Textfile,
    job_name,
    snapshot_of,
    told_file,
)
from broker_sync.metrics.samples import Sample
from broker_sync.metrics.textfile import read_textfile
from broker_sync.report import AccountError
from tests.metrics.gateway import FakeGateway, values
from tests.metrics.samples import ENDED, NIGHT, failed, of
from tests.report_samples import GADGET, OTHER, WIDGET, held, perfect

JOB = job_name("ibkr")
DRIFT = "ibkr_position_drift_shares"
SUCCESS = "ibkr_sync_last_success_timestamp_seconds"
ATTEMPT = "ibkr_sync_last_attempt_timestamp_seconds"
LATER = ENDED + NIGHT


class Published:
    """A target, and what stands there."""

    def __init__(self, folder: Path, *, in_file: bool) -> None:
        self.gateway = FakeGateway()
        self.paused: list[float] = []
        self.file = folder / "broker-sync.prom"
        self._in_file = in_file
        self._told = told_file(folder, JOB)

    def publish(self, facts: RunFacts) -> list[str]:
        pushed = Pushgateway(url="http://me:hunter2@gw/metrics", told=self._told)
        publisher = Publisher(
            job=JOB,
            target=Textfile(path=self.file) if self._in_file else pushed,
            transport=self.gateway.transport,
            sleep=self._sleep,
        )
        return asyncio.run(publisher.publish(snapshot_of(facts)))

    async def _sleep(self, seconds: float) -> None:
        self.paused.append(seconds)

    def samples(self) -> list[Sample]:
        return read_textfile(self.file) if self._in_file else self.gateway.of(JOB)

    def symbols(self) -> set[tuple[str, str]]:
        return {(dict(labels)["account"], dict(labels)["symbol"]) for labels in values(self.samples(), DRIFT)}


@pytest.fixture
def pushed(tmp_path: Path) -> Published:
    return Published(tmp_path, in_file=False)


@pytest.fixture(params=[False, True], ids=["pushgateway", "textfile"])
def published(request: pytest.FixtureRequest, tmp_path: Path) -> Published:
    return Published(tmp_path, in_file=request.param)


# --- one night and another ---


def test_a_failed_run_leaves_the_last_success(published: Published) -> None:
    assert published.publish(of(perfect())) == []
    assert published.publish(failed(ended=LATER)) == []
    assert values(published.samples(), SUCCESS) == {(): ENDED.timestamp()}
    assert values(published.samples(), ATTEMPT) == {(): LATER.timestamp()}
    assert len(published.symbols()) == 2


def test_a_failed_run_does_not_push_the_success(pushed: Published) -> None:
    pushed.publish(of(perfect()))
    pushed.publish(failed(ended=LATER))
    assert SUCCESS.encode() in pushed.gateway.requests[0].content
    assert SUCCESS.encode() not in pushed.gateway.requests[1].content
    assert [request.method for request in pushed.gateway.requests] == ["POST", "POST"]


def test_a_symbol_that_nobody_holds_any_more_is_gone(published: Published) -> None:
    published.publish(of(perfect()))
    published.publish(of(dataclasses.replace(perfect(), positions=(held(WIDGET, "1", "1"),)), ended=LATER))
    assert published.symbols() == {("U1234567", "WDGT")}


def test_the_last_symbol_goes_too_and_all_else_stays(published: Published) -> None:
    published.publish(of(perfect()))
    published.publish(of(dataclasses.replace(perfect(), positions=()), ended=LATER))
    assert published.symbols() == set()
    assert values(published.samples(), SUCCESS) == {(): LATER.timestamp()}


def test_a_symbol_goes_even_in_a_run_that_fails_and_the_success_stays(published: Published) -> None:
    published.publish(of(perfect()))
    away = AccountError(account="U7654321", text="away", exit_code=75)
    sold = dataclasses.replace(perfect(), positions=())
    published.publish(of(sold, errors=[away], ended=LATER))
    assert published.symbols() == set()
    assert values(published.samples(), SUCCESS) == {(): ENDED.timestamp()}


def test_a_job_is_not_replaced_by_what_knows_of_no_success(pushed: Published, tmp_path: Path) -> None:
    pushed.publish(of(perfect()))
    (tmp_path / "metrics-broker-sync-ibkr.prom").unlink()
    away = AccountError(account="U7654321", text="away", exit_code=75)
    pushed.publish(of(perfect(), errors=[away], ended=LATER))
    pushed.publish(of(dataclasses.replace(perfect(), positions=()), errors=[away], ended=LATER))
    assert {request.method for request in pushed.gateway.requests} == {"POST"}
    assert values(pushed.samples(), SUCCESS) == {(): ENDED.timestamp()}


def test_what_is_known_of_an_account_stays_when_a_run_does_not_compare_it(published: Published) -> None:
    error = AccountError(account="U1234567", text="the tracker is away", exit_code=75)
    published.publish(of(dataclasses.replace(perfect(), positions=(held(GADGET, "2", "1"),))))
    for run in (of(perfect(OTHER)), of(errors=[error])):
        published.publish(run)
        mine = (("account", "U1234567"), ("symbol", "GDGT.L"))
        assert values(published.samples(), DRIFT)[mine] == 1


def test_a_dry_run_pushes_nothing(pushed: Published) -> None:
    facts = of(perfect())
    pushed.publish(dataclasses.replace(facts, run=dataclasses.replace(facts.run, dry_run=True)))
    assert pushed.gateway.requests == []


# --- when it does not work ---


def test_a_pushgateway_that_is_away_is_a_warning_after_three_tries(pushed: Published) -> None:
    pushed.gateway.refusals += [httpx.ConnectError, httpx.Response(503), httpx.ReadTimeout]
    (warning,) = pushed.publish(of(perfect()))
    assert warning.startswith("pushgateway: http://gw/metrics/job/broker-sync-ibkr cannot be reached")
    assert warning.endswith("(ReadTimeout: connection refused)")
    assert pushed.paused == [1, 4]


def test_a_pushgateway_that_comes_back_in_time_is_no_warning(pushed: Published) -> None:
    pushed.gateway.refusals += [httpx.ConnectError, httpx.Response(503)]
    assert pushed.publish(of(perfect())) == []
    assert len(pushed.symbols()) == 2


def test_what_is_refused_for_good_is_not_tried_again(pushed: Published) -> None:
    pushed.gateway.refusals += [httpx.Response(400, text="inconsistent")]
    (warning,) = pushed.publish(of(perfect()))
    assert warning.endswith("answered 400: inconsistent")
    assert pushed.paused == []


def test_what_a_pushgateway_never_heard_of_is_not_taken_for_told(pushed: Published) -> None:
    pushed.publish(of(perfect()))
    sold = of(dataclasses.replace(perfect(), positions=()))
    pushed.gateway.refusals += [httpx.Response(400)]
    pushed.publish(sold)
    assert len(pushed.symbols()) == 2
    pushed.publish(sold)
    assert pushed.symbols() == set()


def test_a_spoilt_record_of_what_was_told_is_a_warning_and_made_anew(
    published: Published, tmp_path: Path
) -> None:
    for name in ("broker-sync.prom", "metrics-broker-sync-ibkr.prom"):
        (tmp_path / name).write_text("{")
    (warning,) = published.publish(of(perfect()))
    assert "not a file of metrics" in warning
    assert published.publish(of(perfect())) == []
    assert len(published.symbols()) == 2


def test_no_directory_is_made_for_what_was_told(tmp_path: Path) -> None:
    published = Published(tmp_path / "absent", in_file=False)
    assert published.publish(failed()) == []
    assert not (tmp_path / "absent").exists()


def test_a_file_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    (warning,) = Published(tmp_path / "absent", in_file=True).publish(of(perfect()))
    assert "cannot be written" in warning


def test_what_was_told_is_for_the_owners_eyes_only(pushed: Published, tmp_path: Path) -> None:
    pushed.publish(of(perfect()))
    told = tmp_path / "metrics-broker-sync-ibkr.prom"
    assert stat.S_IMODE(told.stat().st_mode) == 0o600


def test_nowhere_is_nowhere(tmp_path: Path) -> None:
    publisher = Publisher(job=JOB, target=Nowhere())
    assert asyncio.run(publisher.publish(snapshot_of(of(perfect())))) == []
    assert [*tmp_path.iterdir()] == []


def test_no_repr_shows_the_password_of_the_address(tmp_path: Path) -> None:
    target = Pushgateway(url="http://me:hunter2@gw", told=tmp_path)
    assert "hunter2" not in repr(Publisher(job=JOB, target=target))
