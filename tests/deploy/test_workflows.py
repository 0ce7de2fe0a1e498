"""What the forge does: it runs the same checks, and releases only what says one version."""

import re
from typing import Final

import pytest
import yaml

from tests import pages
from tests.deploy.jobs import Json
from tests.deploy.tools import DEPLOY, run, script, tool

FORGE = pages.ROOT / ".github"
if not FORGE.is_dir():
    pytest.skip("the workflows are in a checkout only", allow_module_level=True)

WORKFLOWS: Final = sorted((FORGE / "workflows").glob("*.yml"))
release_notes = script(FORGE / "release_notes.py")


def workflow(name: str) -> Json:
    read: Json = yaml.safe_load((FORGE / "workflows" / name).read_text("utf-8"))
    return read


def test_every_action_is_pinned_to_a_version() -> None:
    for file in WORKFLOWS:
        for action in re.findall(r"uses: (\S+)", file.read_text("utf-8")):
            assert action.startswith("./") or re.search(r"@v\d+(\.\d+)*$", action), action


def test_no_workflow_may_do_more_than_it_has_to() -> None:
    for file in WORKFLOWS:
        assert workflow(file.name)["permissions"] in ({}, {"contents": "read"}), file.name
        assert "pull_request_target" not in file.read_text("utf-8")


def test_every_change_runs_the_script_that_every_machine_runs() -> None:
    checks = workflow("ci.yml")["jobs"]["checks"]
    assert {"run": "bash .ci/run"} in checks["steps"]
    assert checks["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]


def test_a_release_passes_the_checks_first_and_shows_how_it_was_made() -> None:
    jobs = workflow("release.yml")["jobs"]
    assert jobs["distributions"]["needs"] == "checks"
    (build,) = [each for each in jobs["image"]["steps"] if each.get("id") == "build"]
    assert build["with"]["platforms"] == "linux/amd64,linux/arm64"
    assert (build["with"]["sbom"], build["with"]["provenance"]) == (True, "mode=max")
    assert jobs["pypi"]["permissions"] == {"id-token": "write"}
    assert any("cosign sign" in step.get("run", "") for step in jobs["image"]["steps"])


def test_a_tag_that_any_file_contradicts_stops_the_release_before_anything_is_built() -> None:
    jobs = workflow("release.yml")["jobs"]
    steps = [step.get("run", "") for step in jobs["distributions"]["steps"]]
    (compared,) = [number for number, run in enumerate(steps) if "release_notes.py" in run]
    assert compared < steps.index("make wheel")
    assert all("distributions" in jobs[name]["needs"] for name in ("image", "chart", "pypi", "notes"))


def test_a_statement_is_asked_for_in_a_form_in_which_it_can_be_shown() -> None:
    form = (FORGE / "ISSUE_TEMPLATE" / "statement.yml").read_text("utf-8")
    assert "broker-sync anonymise statement.xml" in form
    assert (pages.ROOT / "docs" / "anonymise.md").is_file()
    config: Json = yaml.safe_load((FORGE / "ISSUE_TEMPLATE" / "config.yml").read_text("utf-8"))
    assert config["blank_issues_enabled"] is False


# --- the notes ---

CHANGELOG = """# Changelog

## [Unreleased]

- Not yet.

## [1.2.0] - 2026-11-30

### Added

- A thing.

## [1.1.0] - 2026-10-01

- An older thing.
"""


def test_the_notes_of_a_release_are_its_section() -> None:
    assert release_notes.section(CHANGELOG, "1.2.0") == "### Added\n\n- A thing."
    assert release_notes.section(CHANGELOG, "1.1.0") == "- An older thing."
    assert release_notes.section(CHANGELOG, "1.2") == ""


def test_every_file_names_one_version() -> None:
    chart = (DEPLOY / "helm" / "broker-sync" / "Chart.yaml").read_text("utf-8")
    version = yaml.safe_load(chart)["appVersion"]
    assert list(release_notes.others(pages.ROOT, version)) == []


def test_a_file_that_names_another_version_is_named() -> None:
    wrong = " ".join(release_notes.others(pages.ROOT, "999.0.0"))
    assert all(name in wrong for name in release_notes.NAMED if "_version" not in name)


# --- real tools ---


@pytest.mark.slow
def test_the_schema_of_the_forge_takes_every_workflow() -> None:
    run(tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)


@pytest.mark.slow
def test_the_schemas_of_the_forge_take_its_forms_and_the_renewals() -> None:
    forms = sorted((FORGE / "ISSUE_TEMPLATE").glob("*.yml"))
    config = FORGE / "ISSUE_TEMPLATE" / "config.yml"
    forms.remove(config)
    assert len(forms) == 3
    for kind, files in {
        "github-issue-forms": forms,
        "github-issue-config": [config],
        "dependabot": [FORGE / "dependabot.yml"],
    }.items():
        run(tool("check-jsonschema"), "--builtin-schema", f"vendor.{kind}", *files)


@pytest.mark.slow
def test_zizmor_finds_no_way_in() -> None:
    run(tool("zizmor"), "--offline", "--no-progress", "--config", FORGE / "zizmor.yml", FORGE)


@pytest.mark.slow
def test_actionlint_finds_nothing_to_complain_about() -> None:
    run(tool("actionlint"), *WORKFLOWS)
