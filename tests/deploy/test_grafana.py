"""The dashboard: every query asks for metrics that are made, and every metric is shown."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from broker_sync.metrics.catalogue import CATALOGUE, definition_of, metric_name
from tests import pages
from tests.deploy.promql import SCRAPED, selectors, unknown
from tests.deploy.watch import Watch
from tests.metrics.samples import full, of
from tests.metrics.servers import eventually
from tests.report_samples import perfect

DASHBOARD = pages.ROOT / "deploy" / "grafana" / "broker-sync.json"
if not DASHBOARD.is_file():
    pytest.skip("the dashboard is in a checkout only", allow_module_level=True)

Json = dict[str, Any]
BOARD: Final[Json] = json.loads(DASHBOARD.read_text("utf-8"))
PANELS: Final[list[Json]] = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24
UNITS = {"none", "s"}


def queries() -> Iterator[tuple[Json, Json]]:
    for panel in PANELS:
        for target in panel["targets"]:
            yield panel, target


# --- metrics ---


def test_every_query_asks_for_metrics_and_labels_that_are_made() -> None:
    asked = {target["expr"]: unknown(target["expr"]) for _, target in queries()}
    assert {query: lost for query, lost in asked.items() if lost} == {}
    assert all(selectors(query) for query in asked)


def test_every_metric_is_shown() -> None:
    shown = {name for _, target in queries() for name, _ in selectors(target["expr"])}
    assert shown == {metric_name("ibkr", each.suffix) for each in CATALOGUE}


def test_every_query_is_of_the_jobs_and_accounts_chosen() -> None:
    for _, target in queries():
        for name, labels in selectors(target["expr"]):
            definition = definition_of(name)
            assert definition is not None
            chosen = {"job", "account"} if "account" in definition.labels else {"job"}
            assert chosen <= labels, target["expr"]


def test_every_legend_names_labels_that_are_left() -> None:
    for _, target in queries():
        named = {*re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])}
        grouped = re.search(r"by \(([\w, ]+)\)", target["expr"])
        left = set(grouped[1].split(", ")) if grouped else set()
        assert named <= left, target["expr"]


def test_the_variables_ask_for_metrics_and_labels_that_are_made() -> None:
    variables = {each["name"]: each for each in BOARD["templating"]["list"]}
    assert [*variables] == ["datasource", "job", "account"]
    for name in ("job", "account"):
        asked = re.fullmatch(r"label_values\((.+), (\w+)\)", variables[name]["query"]["query"])
        assert asked is not None
        assert unknown(asked[1]) == []
        (selector, _) = selectors(asked[1])[0]
        definition = definition_of(selector)
        assert definition is not None
        assert asked[2] in SCRAPED.union(definition.labels)


@pytest.mark.slow
def test_prometheus_has_an_answer_to_every_query(watch: Watch) -> None:
    watch.night(of(perfect()))
    watch.night(full())
    eventually(lambda: watch.ask("ibkr_tracker_info"), bool)
    asked = [re.sub(r"\$(job|account)\b", ".+", target["expr"]) for _, target in queries()]
    assert [query for query in asked if not watch.ask(query)] == []


# --- form ---


def test_the_dashboard_is_one_that_grafana_takes_from_a_file() -> None:
    assert BOARD["id"] is None
    assert (BOARD["uid"], BOARD["schemaVersion"]) == ("broker-sync-ibkr", 39)
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(ids) == len(set(ids))
    assert "__inputs" not in BOARD


def test_everything_reads_from_the_data_source_that_was_chosen() -> None:
    asked = [part["datasource"] for panel, target in queries() for part in (panel, target)]
    asked += [each["datasource"] for each in BOARD["templating"]["list"] if each["type"] == "query"]
    assert [source for source in asked if source != SOURCE] == []


def test_every_panel_has_a_title_a_description_and_a_unit() -> None:
    for panel in PANELS:
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
        refs = [target["refId"] for target in panel["targets"]]
        assert len(refs) == len(set(refs))
    assert len({panel["title"] for panel in PANELS} | {"Accounts"}) == len(PANELS)


def test_times_are_shown_as_times() -> None:
    for panel, target in queries():
        if panel["type"] != "table" and re.search(r"_seconds\b", target["expr"]):
            assert panel["fieldConfig"]["defaults"]["unit"] == "s", panel["title"]


def test_a_table_formats_and_renames_only_the_columns_that_it_has() -> None:
    for panel in (panel for panel in PANELS if panel["type"] == "table"):
        (names,) = [each["options"]["renameByName"] for each in panel["transformations"][1:]]
        columns = {f"Value #{target['refId']}" for target in panel["targets"]}
        assert {name for name in names if name.startswith("Value ")} == columns
        changed = {each["matcher"]["options"] for each in panel["fieldConfig"]["overrides"]}
        assert changed <= {*names.values()}


def test_panels_neither_overlap_nor_stick_out() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= WIDTH
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]
