"""On Kubernetes the job is the promised one, however it gets there."""

import dataclasses
import re
from pathlib import Path

import pytest
import yaml

from broker_sync.settings import load_settings
from tests import pages
from tests.deploy import chart, module
from tests.deploy.jobs import PROMISED, SECRET_KEYS, Json, job_of, only
from tests.deploy.settings import STATUSES, known
from tests.deploy.tools import DEPLOY, run, tool

if not DEPLOY.is_dir():
    pytest.skip("the ways of deploying are in a checkout only", allow_module_level=True)

import kubernetes_validate  # type: ignore[import-untyped]  # it has no types, and is called once

KUSTOMIZE = DEPLOY / "kustomize"
RULES = DEPLOY / "prometheus" / "broker-sync.rules.yml"
RELEASES = ("1.29", "1.37")


def documents(folder: Path) -> list[Json]:
    """What the files of a Kustomize folder describe, its own file apart."""
    files = [file for file in sorted(folder.rglob("*.yaml")) if file.name != "kustomization.yaml"]
    return [each for file in files for each in yaml.safe_load_all(file.read_text("utf-8")) if each]


BASE = documents(KUSTOMIZE / "base")
OVERLAY = documents(KUSTOMIZE / "overlays" / "example")
COMPONENTS = documents(KUSTOMIZE / "components")
DEFAULT = chart.rendered("default")
EVERYTHING = chart.rendered("everything")


# --- what was promised ---


@pytest.mark.parametrize("way", ["kustomize", "helm", "terraform"])
def test_the_job_is_the_one_that_was_promised(way: str) -> None:
    made = {
        "kustomize": lambda: only("CronJob", BASE),
        "helm": lambda: only("CronJob", DEFAULT),
        "terraform": module.cron_job,
    }
    assert job_of(made[way]()) == PROMISED


def test_whatever_is_chosen_the_promised_values_stay() -> None:
    job = job_of(only("CronJob", EVERYTHING))
    chosen = dataclasses.replace(
        PROMISED,
        schedule="30 3 * * *",
        restart="Never",
        arguments=("ibkr", "--strict"),
        secret="my-secrets",
        secret_keys={**SECRET_KEYS, "ISA_TOKEN": "isa_token"},
        plain={
            **PROMISED.plain,
            "PUSHGATEWAY_URL": "http://pushgateway.monitoring.svc:9091/metrics",
            "BROKER_SYNC_CONFIG": "/etc/broker-sync/broker-sync.toml",
            "IBKR_TOKEN_EXPIRES": "2027-05-01",
        },
        mounts={"data": "/data", "config": "/etc/broker-sync"},
        policy=job.policy,
    )
    assert job == chosen


def test_a_policy_for_failures_is_there_only_where_kubernetes_takes_one() -> None:
    assert job_of(only("CronJob", DEFAULT)).policy == ()
    fails, ignores = job_of(only("CronJob", EVERYTHING)).policy
    assert fails["action"] == "FailJob"
    assert fails["onExitCodes"] == {"containerName": "broker-sync", "operator": "In", "values": [2, 3]}
    assert ignores == {
        "action": "Ignore",
        "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
    }


def test_the_module_fails_a_job_for_the_same_statuses() -> None:
    written = (module.MODULE / "main.tf").read_text("utf-8")
    (condition,) = re.findall(r'dynamic "pod_failure_policy" \{\s+for_each = (.+)', written)
    (values,) = re.findall(r"on_exit_codes \{[^}]+values\s+= \[(.+)\]", written)
    assert condition == 'var.restart_policy == "Never" ? [true] : []'
    assert [int(each) for each in values.split(",")] == [2, 3]
    assert {2, 3} <= STATUSES


# --- the secret ---


def keys_of(external_secret: Json) -> dict[str, tuple[str, str]]:
    """By the key in the Secret: where it is in Vault."""
    return {
        each["secretKey"]: (each["remoteRef"]["key"], each["remoteRef"]["property"])
        for each in external_secret["spec"]["data"]
    }


def test_the_secret_comes_out_of_vault_key_by_key() -> None:
    promised = {key: ("secret/broker-sync", key) for key in SECRET_KEYS.values()}
    plain = only("ExternalSecret", COMPONENTS)
    assert keys_of(plain) == promised
    assert plain["spec"]["target"]["name"] == "broker-sync-secrets"
    rendered = only("ExternalSecret", EVERYTHING)
    assert keys_of(rendered) == {**promised, "isa_token": ("secret/broker-sync", "isa_token")}
    assert rendered["spec"]["target"]["name"] == "my-secrets"


def test_the_module_asks_vault_for_what_the_job_reads() -> None:
    assert module.locals_of()["secret_keys"] == SECRET_KEYS
    external = module.variables()
    written = (module.MODULE / "variables.tf").read_text("utf-8")
    assert external["secret_name"] == "broker-sync-secrets"
    assert 'vault_path       = optional(string, "secret/broker-sync")' in written
    assert "for key in values(local.secret_env)" in (module.MODULE / "operators.tf").read_text("utf-8")


# --- several accounts ---


def accounts_in(toml: str, folder: Path) -> list[str]:
    """The accounts that the program finds in a file of them; their tokens and queries are found, too."""
    file = folder / "broker-sync.toml"
    file.write_text(toml, "utf-8")
    secrets = {"ISA_TOKEN": "123456", "IBKR_FLEX_TOKEN": "654321", "IBKR_FLEX_QUERY_ID": "1"}
    settings = load_settings(
        {"BROKER_SYNC_CONFIG": str(file), "BROKER_SYNC_DATA_DIR": str(folder), **secrets}
    )
    assert all(each.flex_token and each.flex_query_ids for each in settings.ibkr_accounts)
    return [each.upstream_account_id or "" for each in settings.ibkr_accounts]


def test_the_program_reads_the_accounts_that_the_chart_writes(tmp_path: Path) -> None:
    toml = only("ConfigMap", EVERYTHING)["data"]["broker-sync.toml"]
    assert accounts_in(toml, tmp_path) == ["U1234567", "U7654321"]


def test_the_program_reads_the_accounts_that_the_module_writes(tmp_path: Path) -> None:
    tested = (module.MODULE / "tests" / "contract.tftest.hcl").read_text("utf-8")
    (text,) = re.findall(r"<<-EOT\n(.*?)\n +EOT", tested, re.DOTALL)
    toml = re.sub(r"^ +", "", text, flags=re.MULTILINE)
    assert accounts_in(toml, tmp_path) == ["U1234567", "U7654321"]


# --- what belongs together ---


def test_every_variable_is_one_that_the_program_knows() -> None:
    jobs = [job_of(only("CronJob", each)) for each in (BASE, DEFAULT, EVERYTHING)]
    written = (module.MODULE / "main.tf").read_text("utf-8")
    named = set(re.findall(r"\b(?:IBKR|WF|BROKER_SYNC|PUSHGATEWAY)_[A-Z_]+\b", written))
    for job in jobs:
        named |= job.plain.keys() | job.secret_keys.keys()
    (patch,) = [each for each in OVERLAY if each["kind"] == "CronJob"]
    (container,) = patch["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    named |= {each["name"] for each in container["env"]}
    assert named - known() == set()


def test_the_alerts_are_those_that_are_tested() -> None:
    rules = yaml.safe_load(RULES.read_text("utf-8"))
    plain = only("PrometheusRule", COMPONENTS)["spec"]
    assert plain == rules, (
        "copy the groups of the rules into deploy/kustomize/components/alerts/prometheus-rule.yaml: "
        "sed -n '/^groups:/,$p' deploy/prometheus/broker-sync.rules.yml | sed 's/^./  &/'"
    )
    assert yaml.safe_load(chart.RULES.read_text("utf-8")) == rules
    decoded = 'yamldecode(file("${path.module}/../prometheus/broker-sync.rules.yml"))'
    assert decoded in (module.MODULE / "operators.tf").read_text("utf-8")


def test_every_account_of_the_cluster_is_without_a_token() -> None:
    for made in (only("ServiceAccount", BASE), only("ServiceAccount", DEFAULT)):
        assert made["automountServiceAccountToken"] is False
    assert module.resource("kubernetes_service_account_v1")["automount_service_account_token"] is False


def test_the_job_uses_the_volume_that_is_made() -> None:
    for made in (BASE, DEFAULT):
        claim = only("PersistentVolumeClaim", made)
        assert job_of(only("CronJob", made)).claim == claim["metadata"]["name"]
        assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]


def test_no_way_loses_the_volume_by_accident() -> None:
    annotations = only("PersistentVolumeClaim", DEFAULT)["metadata"]["annotations"]
    assert annotations == {"helm.sh/resource-policy": "keep"}
    (lifecycle,) = module.resource("kubernetes_persistent_volume_claim_v1")["lifecycle"]
    assert lifecycle["prevent_destroy"] is True


def test_every_patch_is_of_something_that_is_there() -> None:
    made = {(each["kind"], each["metadata"]["name"]) for each in [*BASE, *COMPONENTS]}
    patches = {(each["kind"], each["metadata"]["name"]) for each in OVERLAY if each["kind"] != "Namespace"}
    assert patches <= made


# --- who it talks to ---


def reachable(policy: Json) -> set[tuple[str, int]]:
    return {(port["protocol"], port["port"]) for rule in policy["spec"]["egress"] for port in rule["ports"]}


def test_nobody_reaches_the_job_and_it_reaches_four_services() -> None:
    for policy in (only("NetworkPolicy", COMPONENTS), only("NetworkPolicy", DEFAULT)):
        assert policy["spec"]["ingress"] == []
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
        four = {("UDP", 53), ("TCP", 53), ("TCP", 443), ("TCP", 8088), ("TCP", 9091)}
        assert reachable(policy) == four


def test_a_policy_is_of_the_pods_of_the_job() -> None:
    selected = only("NetworkPolicy", DEFAULT)["spec"]["podSelector"]["matchLabels"]
    template = only("CronJob", DEFAULT)["spec"]["jobTemplate"]["spec"]["template"]
    assert selected.items() <= template["metadata"]["labels"].items()
    with (KUSTOMIZE / "base" / "kustomization.yaml").open(encoding="utf-8") as file:
        (labels,) = yaml.safe_load(file)["labels"]
    assert labels["includeTemplates"] is True
    plain = only("NetworkPolicy", COMPONENTS)["spec"]["podSelector"]["matchLabels"]
    assert plain == labels["pairs"]


def test_a_service_without_ports_cannot_be_reached() -> None:
    policy = only("NetworkPolicy", EVERYTHING)
    assert ("TCP", 9091) not in reachable(policy)
    (tracker,) = [rule for rule in policy["spec"]["egress"] if "to" in rule]
    assert [port["port"] for port in tracker["ports"]] == [80, 8088]


# --- real tools ---


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(
    "made", [BASE, COMPONENTS, DEFAULT, EVERYTHING], ids=["base", "components", "default", "everything"]
)
@pytest.mark.slow
def test_the_schemas_of_kubernetes_take_everything(made: list[Json], release: str) -> None:
    of_operators = {"ExternalSecret", "PrometheusRule"}
    for document in made:
        if document["kind"] not in of_operators:
            kubernetes_validate.validate(document, release, strict=True)


@pytest.mark.slow
def test_kustomize_puts_the_example_together() -> None:
    printed = run(tool("kubectl"), "kustomize", KUSTOMIZE / "overlays" / "example")
    made = [each for each in yaml.safe_load_all(printed) if each]
    job = job_of(only("CronJob", made))
    url = "http://pushgateway.monitoring.svc:9091/metrics"
    assert job == dataclasses.replace(PROMISED, plain={**PROMISED.plain, "PUSHGATEWAY_URL": url})
    template = only("CronJob", made)["spec"]["jobTemplate"]["spec"]["template"]
    selected = only("NetworkPolicy", made)["spec"]["podSelector"]["matchLabels"]
    assert selected.items() <= template["metadata"]["labels"].items()
    kubernetes_validate.validate(only("CronJob", made), RELEASES[-1], strict=True)


@pytest.mark.slow
def test_terraform_finds_its_files_in_shape() -> None:
    run(tool("terraform"), "fmt", "-check", "-recursive", module.MODULE)


def test_the_pages_of_the_module_and_the_chart_name_what_there_is() -> None:
    page = (module.MODULE / "README.md").read_text("utf-8")
    table = pages.section(page, "## What can be chosen")
    named = set(re.findall(r"`([a-z_]+)`", table)) - {"variables", "token_key"}
    assert named <= module.variables().keys() | {"accounts"}
