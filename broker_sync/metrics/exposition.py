"""Samples as Prometheus' text format, and back; written and read by prometheus_client.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from broker_sync.metrics.catalogue import definition_of
from broker_sync.metrics.samples import Sample

if TYPE_CHECKING:  # takes a tenth of a second, and not every command has metrics
    from prometheus_client import Metric

__all__ = ["CONTENT_TYPE", "parse", "render"]

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.ASCII)
_LABEL: Final = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)


def render(samples: Iterable[tuple[str, Mapping[str, str], object]]) -> bytes:
    """The text of `samples` (name, labels, value), by metric, each with its HELP and TYPE; UTF-8.

    Values become what Prometheus has, binary floating point. Raises ValueError for a name that Prometheus
    does not take, and for two samples of one name with the same labels.
    """
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415  # see above

    families: dict[str, Metric] = {}
    for name, labels, value in _checked(samples):
        if name not in families:
            families[name] = _family(name)
        families[name].add_sample(name, labels, value)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Fixed([families[name] for name in sorted(families)]))
    return generate_latest(registry)


class _Fixed:
    """A collector that has what it was given."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _family(name: str) -> Metric:
    from prometheus_client import Metric  # noqa: PLC0415  # see above

    definition = definition_of(name)
    return Metric(name, "Pushed by broker-sync." if definition is None else definition.text, "gauge")


def _checked(
    samples: Iterable[tuple[str, Mapping[str, str], object]],
) -> Iterator[tuple[str, dict[str, str], float]]:
    seen = set()
    for name, labels, value in samples:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a metric: letters, digits and underscores only")
        for label in labels:
            if not _LABEL.fullmatch(label):
                raise ValueError(f"{label!r} (of {name}) is no name of a label: letters, digits, underscores")
        clean = {label: _in_utf8(text) for label, text in labels.items()}
        key = (name, frozenset(clean.items()))
        if key in seen:
            raise ValueError(f"{name} has two values for the same labels {clean}")
        seen.add(key)
        yield name, clean, float(value)  # type: ignore[arg-type]


def _in_utf8(text: str) -> str:
    """`text` without lone surrogates, which UTF-8 cannot say and Prometheus refuses the whole push for."""
    return text.encode("utf-8", "replace").decode("utf-8")


def parse(text: str) -> list[Sample]:
    """The samples of a text in that format; raises ValueError if it is not one."""
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415  # see above

    families = text_string_to_metric_families(text)
    return [
        Sample(sample.name, dict(sample.labels), float(sample.value))
        for family in families
        for sample in family.samples
    ]
