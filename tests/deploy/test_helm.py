"""The chart: what is kept of it is what it makes, and its schema stops mistakes."""

import copy
import json
from typing import Any, Final

import jsonschema
import pytest
import yaml

from tests.deploy import chart
from tests.deploy.jobs import Json
from tests.deploy.tools import DEPLOY, run, tool
from tests.tables import for_each

if not DEPLOY.is_dir():
    pytest.skip("the chart is in a checkout only", allow_module_level=True)

SCHEMA: Final[Json] = json.loads((chart.CHART / "values.schema.json").read_text("utf-8"))
VALUES: Final[Json] = yaml.safe_load((chart.CHART / "values.yaml").read_text("utf-8"))
EVERYTHING: Final[Json] = yaml.safe_load((chart.CHART / "ci" / "everything-values.yaml").read_text("utf-8"))


def problems(values: Json) -> list[str]:
    return [each.message for each in jsonschema.Draft202012Validator(SCHEMA).iter_errors(values)]


def merged(values: Json, over: Json) -> Json:
    """The values with others over them, as helm does it."""
    both = {**values, **over}
    for key in values.keys() & over.keys():
        if isinstance(values[key], dict):
            both[key] = merged(values[key], over[key])
    return both


def changed(path: str, value: Any) -> Json:  # noqa: ANN401  # whatever a mistake looks like
    values = copy.deepcopy(VALUES)
    *folders, last = path.split(".")
    place = values
    for folder in folders:
        place = place[folder]
    place[last] = value
    return values


@pytest.mark.parametrize("variant", chart.VARIANTS)
def test_what_is_kept_was_rendered_from_this_chart(variant: str) -> None:
    word = "render the chart anew: python -m tests.deploy.chart (its docstring says how to get helm)"
    assert chart.kept(variant).startswith(chart.mark()), word


def test_the_schema_takes_the_values_of_the_chart() -> None:
    assert problems(VALUES) == []
    assert problems(merged(VALUES, EVERYTHING)) == []


def test_the_schema_knows_every_value() -> None:
    assert VALUES.keys() == SCHEMA["properties"].keys() - {"global"}


@for_each(
    ("path", "value"),
    [
        ("schedul", "0 2 * * *"),
        ("schedule", "2 o'clock"),
        ("restartPolicy", "Always"),
        ("image.tag", "latest"),
        ("settings.IBKR_FLEX_TOKEN", "123456"),
        ("settings.WF_PASSWORD", "secret"),
        ("settings.lower", "1"),
        ("accounts", [{"trackerId": "joint"}]),
        ("accounts", [{"id": "U1234567", "tokenKey": "ISA-TOKEN"}]),
        ("accounts", [{"id": "U1234567", "tokenExpires": "1 May 2027"}]),
        ("persistence.size", "1 GB"),
        ("pushgatewayUrl", "pushgateway:9091"),
        ("networkPolicy.tracker.ports", ["http"]),
        ("externalSecret.storeRef.kind", "Vault"),
        ("activeDeadlineSeconds", 5),
    ],
)
def test_a_mistake_in_the_values_is_refused(path: str, value: Any) -> None:  # noqa: ANN401  # as in `changed`
    assert problems(changed(path, value))


def test_the_test_of_the_chart_checks_the_settings_with_the_same_variables() -> None:
    documents = chart.rendered("default")
    (pod,) = [each for each in documents if each["kind"] == "Pod"]
    (job,) = [each for each in documents if each["kind"] == "CronJob"]
    (container,) = pod["spec"]["containers"]
    (run_at_night,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["config", "check"]
    assert container["env"] == run_at_night["env"]
    assert container["securityContext"] == run_at_night["securityContext"]
    assert pod["metadata"]["annotations"]["helm.sh/hook"] == "test"


@pytest.mark.slow
@pytest.mark.parametrize("variant", chart.VARIANTS)
def test_helm_makes_what_is_kept(variant: str) -> None:
    assert chart.render(variant, tool("helm")) == chart.kept(variant)


@pytest.mark.slow
@pytest.mark.parametrize("variant", chart.VARIANTS)
def test_helm_finds_nothing_to_complain_about(variant: str) -> None:
    run(tool("helm"), "lint", "--strict", ".", *chart.VARIANTS[variant], place=chart.CHART)
