"""Where metrics go: to a Pushgateway, into a file, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Nowhere", "Pushgateway", "Target", "Textfile", "told_file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nowhere:
    """Metrics are not wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushgateway:
    """A Pushgateway; its address may hold a password. `told` is a file that keeps what it was told last."""

    url: str
    told: Path

    def __repr__(self) -> str:
        return f"Pushgateway(told={self.told})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Textfile:
    """A file for node_exporter's textfile collector."""

    path: Path


Target = Nowhere | Pushgateway | Textfile


def told_file(data_dir: Path, job: str) -> Path:
    """The file in the data directory that keeps what the Pushgateway was told of `job`."""
    return data_dir / f"metrics-{job}.prom"
