"""The alerts: their metrics exist, and each is tested both ways."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from broker_sync.metrics.catalogue import definition_of
from tests import pages
from tests.deploy.promql import SCRAPED, selectors, unknown
from tests.deploy.watch import PLAN, RULES
from tests.metrics.servers import binary

FOLDER = pages.ROOT / "deploy" / "prometheus"
if not RULES.is_file():
    pytest.skip("the alerts are in a checkout only", allow_module_level=True)

TESTS = sorted((FOLDER / "tests").glob("*.test.yml"))
SEVERITIES = {"critical", "warning", "info"}


def rules() -> list[dict[str, Any]]:
    read: dict[str, Any] = yaml.safe_load(RULES.read_text("utf-8"))
    return [rule for group in read["groups"] for rule in group["rules"]]


NAMES = {str(rule["alert"]) for rule in rules()}


# --- what can be said without a server ---


def test_the_three_alerts_of_the_plan_are_there() -> None:
    found = {rule["alert"]: rule for rule in rules()}
    assert found.keys() >= PLAN
    drift = found["IBKRPositionDrift"]
    assert (drift["expr"], drift["for"]) == ("abs(ibkr_position_drift_shares) > 0.01", "24h")
    assert "> 36 * 3600" in found["IBKRSyncStale"]["expr"]


def test_every_alert_asks_for_metrics_that_are_made() -> None:
    assert {name: lost for name in NAMES if (lost := [*lost_in(name)])} == {}


def lost_in(name: str) -> Iterator[str]:
    (rule,) = [rule for rule in rules() if rule["alert"] == name]
    assert selectors(rule["expr"])
    yield from unknown(rule["expr"])


def test_a_metric_that_nobody_makes_is_noticed() -> None:
    assert unknown('abs(ibkr_position_drift) > 0 or ibkr_sync_records{symbol="A", account="B", job="C"}') == [
        "ibkr_position_drift",
        "ibkr_sync_records{symbol}",
    ]


def test_every_alert_says_how_bad_it_is_what_it_is_and_what_to_do() -> None:
    page = pages.text_of("docs/alerts.md")
    for rule in rules():
        anchor = str(rule["alert"]).lower()
        assert rule["labels"].keys() == {"severity"}
        assert rule["labels"]["severity"] in SEVERITIES
        assert rule["annotations"].keys() == {"summary", "description", "runbook"}
        assert rule["annotations"]["runbook"] == f"docs/alerts.md#{anchor}"
        assert anchor in pages.anchors(page)


def test_what_an_alert_says_it_can_know() -> None:
    for rule in rules():
        metrics = [definition_of(name) for name, _ in selectors(rule["expr"])]
        labels = SCRAPED.union(*(metric.labels for metric in metrics if metric is not None))
        text = " ".join(rule["annotations"].values())
        assert {*re.findall(r"\$labels\.(\w+)", text)} <= labels, rule["alert"]


def test_the_page_of_alerts_lists_them_all_with_their_severity() -> None:
    table = re.findall(r"^\| \[(\w+)\]\(#\w+\) \| (\w+) \|", pages.text_of("docs/alerts.md"), re.MULTILINE)
    assert table == [(rule["alert"], rule["labels"]["severity"]) for rule in rules()]


def test_every_alert_is_tested_to_keep_quiet_to_fire_and_to_recover() -> None:
    lives: dict[str, set[str]] = {name: set() for name in NAMES}
    for path in TESTS:
        for test in yaml.safe_load(path.read_text("utf-8"))["tests"]:
            said: dict[str, str] = {}
            for case in test["alert_rule_test"]:
                said[case["alertname"]] = said.get(case["alertname"], "") + "-!"[bool(case["exp_alerts"])]
            for name, life in said.items():
                lives[name].add(life)
    assert [name for name in lives if not any(re.fullmatch("-+!-+", life) for life in lives[name])] == []


# --- with promtool ---


@pytest.mark.slow
def test_promtool_finds_the_rules_sound() -> None:
    ran = subprocess.run(
        [binary("promtool"), "check", "rules", "--lint=all", "--lint-fatal", str(RULES)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.slow
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_promtool_passes_every_test_of_the_rules(path: Path) -> None:
    ran = subprocess.run(
        [binary("promtool"), "test", "rules", str(path)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


MUTATIONS = [
    ("IBKRPositionDrift", "abs(", "("),
    ("IBKRPositionDrift", "> 0.01", ">= 0.01"),
    ("IBKRPositionDrift", "24h", "23h"),
    ("IBKRPositionDrift", "24h", "25h"),
    ("IBKRCashDrift", "ibkr_cash_drift_confirmed == 1", "ibkr_cash_drift_amount > 0.01"),
    ("IBKRNotCompared", '{what=~"positions|cash"}', ""),
    ("IBKRSyncStale", "36 * 3600", "35 * 3600"),
    ("IBKRSyncStale", "36 * 3600", "37 * 3600"),
    ("IBKRSyncMetricsMissing", "26h", "1h"),
    ("IBKRStatementOld", "6 * 86400", "5 * 86400"),
    ("IBKRCoverageGap", "26h", "1h"),
    ("IBKRSyncFailed", "or on (job)", "or"),
    ("IBKRSyncFailed", '{outcome=~"failed|refused"}', ""),
    ("IBKRFlexTokenExpired", "or", "and"),
    ("IBKRFlexTokenExpiring", " > 0", ""),
    ("IBKRFlexBreakerOpen", "== 1", ">= 0"),
    ("IBKRRejectedRising", "offset 1d", "offset 3d"),
    ("IBKRRejectedRising", "or", "and"),
    ("IBKRRejectedRising", "max_over_time", "min_over_time"),
    ("IBKRSyncConflicts", "> 0", ">= 0"),
]


@pytest.mark.slow
def test_a_rule_that_is_off_by_a_little_fails_its_tests(tmp_path: Path) -> None:
    promtool = binary("promtool")
    lone = tmp_path / "lone.test.yml"
    for name in NAMES:
        write_lone_tests(lone, name)
        alone = [(name, "", ""), *(each for each in MUTATIONS if each[0] == name)]
        passed = []
        for mutation in alone:
            write_lone_rule(tmp_path / RULES.name, *mutation)
            ran = subprocess.run([promtool, "test", "rules", str(lone)], capture_output=True, check=False)
            passed += [mutation] if ran.returncode == 0 else []
        assert passed == [(name, "", "")]
        assert len(alone) > 1, f"{name} is never off"


def write_lone_tests(path: Path, alert: str) -> None:
    """The tests of one alert, without what they say of others, which takes promtool longer."""
    tests = []
    for read in (yaml.safe_load(each.read_text("utf-8")) for each in TESTS):
        for test in read["tests"]:
            test["alert_rule_test"] = [case for case in test["alert_rule_test"] if case["alertname"] == alert]
            tests += [test] if test["alert_rule_test"] else []
    pace = max((test["interval"] for test in tests), key=["5m", "1h"].index)
    lone = {"rule_files": [RULES.name], "evaluation_interval": pace, "tests": tests}
    path.write_text(yaml.safe_dump(lone), "utf-8")


def write_lone_rule(path: Path, alert: str, was: str, becomes: str) -> None:
    """One alert, with `was` in its expression, or else in its time, changed."""
    (rule,) = [rule for rule in rules() if rule["alert"] == alert]
    key = "expr" if was in rule["expr"] else "for"
    assert was in rule[key]
    if was:
        rule[key] = rule[key].replace(was, becomes)
    path.write_text(yaml.safe_dump({"groups": [{"name": "lone", "rules": [rule]}]}), "utf-8")
