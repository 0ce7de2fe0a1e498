"""A real Prometheus that reads a real Pushgateway."""

import asyncio
import dataclasses
import datetime as dt
from pathlib import Path

import httpx

from broker_sync.metrics import Publisher, Pushgateway, RunFacts, job_name, snapshot_of
from tests import pages

__all__ = ["RULES", "Watch"]

RULES = pages.ROOT / "deploy" / "prometheus" / "broker-sync.rules.yml"
JOB = job_name("ibkr")


class Watch:
    """A Pushgateway and the Prometheus that reads it every moment, with our rules but for their patience."""

    def __init__(self, gateway: str, prometheus: str, told: Path) -> None:
        self._gateway = gateway
        self._prometheus = prometheus
        self._told = told

    def night(self, facts: RunFacts) -> RunFacts:
        """Publish a run that ends now."""
        now = dt.datetime.now(dt.UTC)  # noqa: TID251  # Prometheus goes by the clock too
        facts = dataclasses.replace(facts, ended=now)
        publisher = Publisher(job=JOB, target=Pushgateway(url=self._gateway, told=self._told))
        assert asyncio.run(publisher.publish(snapshot_of(facts))) == []
        return facts

    def ask(self, query: str) -> dict[str, float]:
        """The value of each series, by its symbol; "" where it has none."""
        url = f"{self._prometheus}/api/v1/query"
        answer = httpx.get(url, params={"query": query}, trust_env=False).raise_for_status().json()
        return {
            each["metric"].get("symbol", ""): float(each["value"][1]) for each in answer["data"]["result"]
        }

    def alerts(self) -> set[tuple[str, str, str]]:
        """Name, symbol and state of every alert that is not at rest."""
        answer = httpx.get(f"{self._prometheus}/api/v1/alerts", trust_env=False).raise_for_status().json()
        return {
            (each["labels"]["alertname"], each["labels"].get("symbol", ""), each["state"])
            for each in answer["data"]["alerts"]
        }
