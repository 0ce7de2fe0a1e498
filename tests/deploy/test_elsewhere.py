"""Compose, systemd, and the page that begins at the beginning."""

import configparser
import re
from pathlib import Path
from typing import Final

import pytest
import yaml

from tests import pages
from tests.deploy.jobs import Json
from tests.deploy.settings import STATUSES, known
from tests.deploy.tools import DEPLOY, run, tool

COMPOSE = DEPLOY / "compose.yaml"
if not COMPOSE.is_file():
    pytest.skip("the ways of deploying are in a checkout only", allow_module_level=True)

STACK: Final[Json] = yaml.safe_load(COMPOSE.read_text("utf-8"))
SYNC: Final[Json] = STACK["services"]["broker-sync"]
UNITS = DEPLOY / "systemd"
SERVICE = UNITS / "broker-sync-ibkr.service"
TIMER = UNITS / "broker-sync-ibkr.timer"
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it
TERMINATED = 143  # and of SIGTERM


# --- compose ---


def test_every_setting_in_the_stack_is_one_that_the_program_knows() -> None:
    assert SYNC["environment"].keys() <= known()
    assert {name.upper() for name in SYNC["secrets"]} <= known()


def test_secrets_are_files_that_git_does_not_take() -> None:
    ignored = (DEPLOY / "compose" / ".gitignore").read_text("utf-8").splitlines()
    for name, source in STACK["secrets"].items():
        assert source == {"file": f"compose/secrets/{name}"}
        assert name in SYNC["secrets"]
    assert {"/secrets/", "/wealthfolio.env"} <= set(ignored)
    assert not any(name.upper() in SYNC["environment"] for name in STACK["secrets"])


def test_every_image_of_the_stack_has_a_version() -> None:
    for name, service in STACK["services"].items():
        assert re.search(r":v?\d+\.\d+\.\d+$", service["image"]), name


def test_the_sync_can_write_to_its_volume_only() -> None:
    assert SYNC["read_only"] is True
    assert SYNC["cap_drop"] == ["ALL"]
    assert SYNC["security_opt"] == ["no-new-privileges:true"]
    assert SYNC["volumes"] == ["broker-sync:/data"]
    assert SYNC["mem_limit"] == "256m"
    assert SYNC["restart"] == "no"


def test_nothing_of_the_stack_can_be_reached_from_elsewhere() -> None:
    for service in STACK["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_the_scheduler_starts_the_sync_at_two_and_can_do_little_else() -> None:
    scheduler = STACK["services"]["scheduler"]
    assert (scheduler["network_mode"], scheduler["read_only"]) == ("none", True)
    jobs = configparser.ConfigParser()
    jobs.read_string(STACK["configs"]["schedule"]["content"])
    (name,) = jobs.sections()
    job = jobs[name]
    assert name == 'job-run "broker-sync-ibkr"'
    assert job["schedule"] == "0 0 2 * * *"  # it counts seconds, too
    assert job["container"] == SYNC["container_name"]
    assert job["no-overlap"] == "true"


def test_the_pushgateway_remembers_what_it_was_told() -> None:
    gateway = STACK["services"]["pushgateway"]
    (option,) = gateway["command"]
    assert option.startswith("--persistence.file=/pushgateway/")
    assert gateway["volumes"] == ["pushgateway:/pushgateway"]


# --- systemd ---


def unit(path: Path) -> dict[str, list[str]]:
    """The values of each key, in their order."""
    found: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        key, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def test_the_timer_starts_the_service_every_night_and_catches_up() -> None:
    timer = unit(TIMER)
    assert timer["OnCalendar"] == ["*-*-* 02:00:00"]
    assert timer["Persistent"] == ["true"]
    assert "RandomizedDelaySec" in timer
    assert TIMER.stem == SERVICE.stem


def test_every_setting_of_the_service_is_one_that_the_program_knows() -> None:
    service = unit(SERVICE)
    named = {each.partition("=")[0] for each in service["Environment"]}
    secrets = {each.partition(":")[0] for each in service["LoadCredential"]}
    assert named | {name.upper() for name in secrets} <= known()
    assert service["Environment"] == [
        "BROKER_SYNC_DATA_DIR=%S/broker-sync",
        "BROKER_SYNC_SECRETS_DIR=%d",
    ]
    assert service["SetCredential"] == [rf"{name}:\n" for name in ("ibkr_flex_token", "wf_password")]


def test_the_service_is_tried_again_only_after_what_can_pass() -> None:
    service = unit(SERVICE)
    assert service["Restart"] == ["on-failure"]
    (never,) = service["RestartPreventExitStatus"]
    assert {int(each) for each in never.split()} == {2, 3, 4}
    assert service["SuccessExitStatus"] == [str(INTERRUPTED)]
    assert service["KillSignal"] == ["SIGINT"]


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """Both units, with a program that every machine has."""
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", SERVICE.read_text("utf-8"), flags=re.MULTILINE)
    (tmp_path / SERVICE.name).write_text(text, "utf-8")
    (tmp_path / TIMER.name).write_text(TIMER.read_text("utf-8"), "utf-8")
    return [tmp_path / SERVICE.name, tmp_path / TIMER.name]


@pytest.mark.slow
def test_systemd_takes_both_units(units: list[Path]) -> None:
    printed = run(tool("systemd-analyze"), "verify", "--man=no", *units)
    assert "ignoring" not in printed


@pytest.mark.slow
def test_systemd_finds_the_service_well_shut_in(units: list[Path]) -> None:
    printed = run(tool("systemd-analyze"), "--no-pager", "security", "--offline=true", units[0])
    (exposure,) = re.findall(r"Overall exposure level for \S+: ([\d.]+)", printed)
    assert float(exposure) < 2


@pytest.mark.slow
def test_the_schema_of_compose_takes_the_stack() -> None:
    run(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", COMPOSE)


# --- the page ---

PAGE = pages.text_of("docs/deploy.md")


def rows(heading: str) -> dict[str, list[str]]:
    """The table under a heading, by its first column."""
    lines = [line for line in pages.section(PAGE, heading).splitlines() if line.startswith("| ")]
    return {
        (cells := [cell.strip() for cell in line.strip("|").split("|")])[0]: cells[1:] for line in lines[2:]
    }


def test_the_page_says_what_to_do_with_each_exit_status() -> None:
    stated = rows("## What its exit status asks for")
    named = {int(status) for statuses in stated for status in statuses.split(", ")}
    assert named == STATUSES | {INTERRUPTED, TERMINATED}


def test_the_page_knows_the_score_that_the_service_has() -> None:
    assert "1.2 of 10" in PAGE


def test_every_way_begins_on_the_page() -> None:
    ways = ("Compose", "systemd", "Helm", "Terraform", "Kustomize", "Plain cron", "Unraid", "Synology")
    assert all(f"\n## {way}\n" in PAGE for way in ways)
