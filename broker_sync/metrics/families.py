"""From the results of a run to its metrics."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from broker_sync.metrics.account_families import synced_account
from broker_sync.metrics.catalogue import metric_name
from broker_sync.metrics.facts import TOKEN_EXPIRED, AccountFacts, FlexFacts, RunFacts
from broker_sync.metrics.outcomes import outcome_rows
from broker_sync.metrics.samples import ACCOUNT, Sample, Snapshot, Subject
from broker_sync.metrics.telling import Told, once
from broker_sync.report.run import AccountError

__all__ = ["snapshot_of"]

_NO_FACTS: Final = AccountFacts()


def snapshot_of(facts: RunFacts) -> Snapshot:
    """What a run has to say; of what failed only that it was tried, so that an earlier success stands.

    The label ``account`` is the broker's id of the account. A dry run has nothing to say.
    """
    if facts.run.dry_run:
        return Snapshot(samples=(), told=frozenset())
    told = [*_of_run(facts), *_of_flex(facts.flex)]
    for result in facts.run.results:
        account = result.account.provider_account_id
        beside = facts.accounts.get(account, _NO_FACTS)
        told += [each.of(account) for each in synced_account(result, beside, at=facts.ended)]
    for error in facts.run.errors:
        told += [each.of(error.account) for each in _failed_account(error, facts.ended)]
    return _snapshot(facts.run.provider, told)


def _snapshot(provider: str, told: list[Told]) -> Snapshot:
    samples = [
        Sample(metric_name(provider, each.suffix), _labels(labels, each.account), value)
        for each in told
        for labels, value in each.rows
    ]
    subjects = (Subject(metric_name(provider, each.suffix), each.account) for each in told)
    return Snapshot(samples=samples, told=frozenset(subjects))


def _labels(labels: dict[str, str], account: str | None) -> dict[str, str]:
    return labels if account is None else {**labels, ACCOUNT: account}


def _of_run(facts: RunFacts) -> Iterator[Told]:
    yield once("sync_last_attempt_timestamp_seconds", facts.ended.timestamp())
    yield Told("sync_last_attempt_outcome", outcome_rows(facts.run.outcome))
    if not facts.run.refused and not facts.run.has_failed:
        yield once("sync_last_success_timestamp_seconds", facts.ended.timestamp())
    if facts.duration is not None:
        yield once("sync_duration_seconds", facts.duration.total_seconds())
    if facts.stages:
        stages = [({"stage": stage}, took.total_seconds()) for stage, took in facts.stages.items()]
        yield Told("sync_stage_duration_seconds", stages)
    yield Told("build_info", [({"version": facts.version}, 1)])
    if facts.trackers:
        trackers = facts.trackers.items()
        yield Told("tracker_info", [({"tracker": name, "version": version}, 1) for name, version in trackers])


def _of_flex(flex: FlexFacts) -> Iterator[Told]:
    if flex.error_code is not None:
        yield once("flex_last_error_code", flex.error_code)
    # Any other error leaves open whether the token still holds.
    if flex.error_code in {0, TOKEN_EXPIRED}:
        yield once("flex_token_expired", int(flex.error_code == TOKEN_EXPIRED))
    if flex.token_expires is not None:
        yield once("flex_token_expires_timestamp_seconds", flex.token_expires.timestamp())
    if flex.breaker_open is not None:
        yield once("flex_breaker_open", int(flex.breaker_open))


def _failed_account(error: AccountError, at: dt.datetime) -> Iterator[Told]:
    yield once("account_last_attempt_timestamp_seconds", at.timestamp())
    yield Told("account_last_attempt_outcome", outcome_rows(error.outcome))
