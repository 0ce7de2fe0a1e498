"""A real Prometheus that reads a real Pushgateway."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import yaml

from broker_sync.metrics import Publisher, Pushgateway, RunFacts, job_name, snapshot_of
from tests import pages
from tests.metrics.servers import binary, free_port, served

__all__ = ["PLAN", "RULES", "Watch", "watching"]

RULES = pages.ROOT / "deploy" / "prometheus" / "broker-sync.rules.yml"
PLAN = {"IBKRPositionDrift", "IBKRSyncStale", "IBKRFlexTokenExpired"}
_PACE = "200ms"
_PATIENCE = "1s"


@dataclass(frozen=True, kw_only=True)
class Watch:
    """The addresses of a Pushgateway and of the Prometheus that reads it, with our rules."""

    gateway: str
    prometheus: str
    told: Path

    def night(self, facts: RunFacts) -> None:
        """Publish a run that ends now."""
        now = dt.datetime.now(dt.UTC)  # noqa: TID251  # Prometheus goes by the clock too
        publisher = Publisher(job=job_name("ibkr"), target=Pushgateway(url=self.gateway, told=self.told))
        assert asyncio.run(publisher.publish(snapshot_of(replace(facts, ended=now)))) == []

    def ask(self, query: str) -> dict[str, float]:
        """The value of each series, by its symbol; "" where it has none."""
        url = f"{self.prometheus}/api/v1/query"
        answer = httpx.get(url, params={"query": query}, trust_env=False).raise_for_status().json()
        return {
            each["metric"].get("symbol", ""): float(each["value"][1]) for each in answer["data"]["result"]
        }

    def alerts(self) -> set[tuple[str, str, str]]:
        """Name, symbol and state of every alert of the plan that is not at rest."""
        answer = httpx.get(f"{self.prometheus}/api/v1/alerts", trust_env=False).raise_for_status().json()
        return {
            (each["labels"]["alertname"], each["labels"].get("symbol", ""), each["state"])
            for each in answer["data"]["alerts"]
            if each["labels"]["alertname"] in PLAN
        }


@contextmanager
def watching(folder: Path) -> Iterator[Watch]:
    """Both servers, which look every moment and lose patience after a second rather than a day."""
    gateway, prometheus = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    (folder / "rules.yml").write_text(_hasty(RULES.read_text("utf-8")), "utf-8")
    config = {
        "global": {"scrape_interval": _PACE, "scrape_timeout": _PACE, "evaluation_interval": _PACE},
        "rule_files": [str(folder / "rules.yml")],
        "scrape_configs": [
            {"job_name": "pushgateway", "honor_labels": True, "static_configs": [{"targets": [gateway]}]}
        ],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), "utf-8")
    pushing = [
        binary("prometheus-pushgateway"),
        f"--web.listen-address={gateway}",
        f"--persistence.file={folder / 'kept'}",
    ]
    reading = [
        binary("prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'series'}",
        f"--web.listen-address={prometheus}",
    ]
    with (
        served(pushing, f"http://{gateway}/-/ready", folder / "pushgateway.log"),
        served(reading, f"http://{prometheus}/-/ready", folder / "prometheus.log"),
    ):
        yield Watch(gateway=f"http://{gateway}", prometheus=f"http://{prometheus}", told=folder / "told.prom")


def _hasty(rules: str) -> str:
    hasty, number = re.subn(r"\bfor: \w+", f"for: {_PATIENCE}", rules)
    assert number, "no rule of the file has any patience"
    return hasty
