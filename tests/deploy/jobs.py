"""The nightly job as each way of deploying describes it, in one form to compare."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["PROMISED", "SECRET_KEYS", "Job", "Json", "job_of", "only"]

Json = dict[str, Any]

SECRET_KEYS = {
    "WF_BASE_URL": "wf_base_url",
    "WF_USERNAME": "wf_username",
    "WF_PASSWORD": "wf_password",
    "IBKR_FLEX_TOKEN": "ibkr_flex_token",
    "IBKR_FLEX_QUERY_ID": "ibkr_flex_query_id",
    "IBKR_ACCOUNT_ID": "ibkr_account_id",
    "IBKR_ACCOUNT_ID_UPSTREAM": "ibkr_account_id_upstream",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What was promised of the CronJob, and what keeps it from doing more than it has to."""

    name: str
    schedule: str
    concurrency: str
    starting_deadline: int
    history: tuple[int, int]
    backoff: int
    ttl: int
    restart: str
    account_token: bool
    pod_security: Json
    container_security: Json
    arguments: tuple[str, ...]
    secret: str
    secret_keys: dict[str, str]
    plain: dict[str, str]
    mounts: dict[str, str]
    claim: str
    requests: dict[str, str]
    limits: dict[str, str]
    policy: tuple[Json, ...] = ()


PROMISED = Job(
    name="broker-sync-ibkr",
    schedule="0 2 * * *",
    concurrency="Forbid",
    starting_deadline=300,
    history=(3, 5),
    backoff=2,
    ttl=86400,
    restart="OnFailure",
    account_token=False,
    pod_security={
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "runAsGroup": 10001,
        "fsGroup": 10001,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    },
    container_security={
        "allowPrivilegeEscalation": False,
        "privileged": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    },
    arguments=("ibkr",),
    secret="broker-sync-secrets",
    secret_keys=SECRET_KEYS,
    plain={"BROKER_SYNC_DATA_DIR": "/data", "WF_SESSION_PATH": "/data/wealthfolio_session.json"},
    mounts={"data": "/data"},
    claim="broker-sync-data",
    requests={"cpu": "20m", "memory": "128Mi"},
    limits={"memory": "256Mi"},
)


def only(kind: str, documents: Iterable[Json]) -> Json:
    """The one document of this kind."""
    (found,) = [each for each in documents if each["kind"] == kind]
    return found


def job_of(cron_job: Json) -> Job:
    """The job of a CronJob as Kubernetes takes it. Fails on what would be a second volume of data."""
    spec = cron_job["spec"]
    job = spec["jobTemplate"]["spec"]
    pod = job["template"]["spec"]
    (container,) = pod["containers"]
    (claim,) = [each["persistentVolumeClaim"] for each in pod["volumes"] if "persistentVolumeClaim" in each]
    kept = [each for each in container["env"] if "valueFrom" in each]
    (secret,) = {each["valueFrom"]["secretKeyRef"]["name"] for each in kept}
    return Job(
        name=cron_job["metadata"]["name"],
        schedule=spec["schedule"],
        concurrency=spec["concurrencyPolicy"],
        starting_deadline=spec["startingDeadlineSeconds"],
        history=(spec["successfulJobsHistoryLimit"], spec["failedJobsHistoryLimit"]),
        backoff=job["backoffLimit"],
        ttl=int(job["ttlSecondsAfterFinished"]),
        restart=pod["restartPolicy"],
        account_token=pod["automountServiceAccountToken"],
        pod_security=pod["securityContext"],
        container_security=container["securityContext"],
        arguments=tuple(container["args"]),
        secret=secret,
        secret_keys={each["name"]: each["valueFrom"]["secretKeyRef"]["key"] for each in kept},
        plain={each["name"]: each["value"] for each in container["env"] if "value" in each},
        mounts={each["name"]: each["mountPath"] for each in container["volumeMounts"]},
        claim=claim["claimName"],
        requests=container["resources"]["requests"],
        limits=container["resources"]["limits"],
        policy=tuple(job.get("podFailurePolicy", {"rules": []})["rules"]),
    )
