"""The servers that slow tests look at."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.deploy.watch import RULES, Watch
from tests.metrics.servers import binary, free_port, served


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    gateway, prometheus = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    impatient = re.sub(r"\bfor: \w+", "for: 0s", RULES.read_text("utf-8"))
    (tmp_path / "rules.yml").write_text(impatient, "utf-8")
    config = {
        "global": {"scrape_interval": "200ms", "scrape_timeout": "200ms", "evaluation_interval": "200ms"},
        "rule_files": [str(tmp_path / "rules.yml")],
        "scrape_configs": [
            {"job_name": "pushgateway", "honor_labels": True, "static_configs": [{"targets": [gateway]}]}
        ],
    }
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config), "utf-8")
    pushing = [
        binary("prometheus-pushgateway"),
        f"--web.listen-address={gateway}",
        f"--persistence.file={tmp_path / 'kept'}",
    ]
    reading = [
        binary("prometheus"),
        f"--config.file={tmp_path / 'prometheus.yml'}",
        f"--storage.tsdb.path={tmp_path / 'series'}",
        f"--web.listen-address={prometheus}",
    ]
    with (
        served(pushing, f"http://{gateway}/-/ready", tmp_path / "pushgateway.log"),
        served(reading, f"http://{prometheus}/-/ready", tmp_path / "prometheus.log"),
    ):
        yield Watch(f"http://{gateway}", f"http://{prometheus}", tmp_path / "told.prom")
