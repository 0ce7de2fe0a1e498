"""A file of metrics, as node_exporter's textfile collector reads it.

https://github.com/prometheus/node_exporter#textfile-collector
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from broker_sync.files import replace_file
from broker_sync.metrics.catalogue import definition_of
from broker_sync.metrics.errors import TextfileError
from broker_sync.metrics.exposition import parse, render
from broker_sync.metrics.samples import Sample

__all__ = ["read_textfile", "write_textfile"]


def read_textfile(path: Path) -> list[Sample]:
    """What the file says in metrics that this version has; nothing if there is no file.

    Raises :class:`TextfileError` if it cannot be read or is not in Prometheus' format.
    """
    try:
        text = path.read_bytes().decode("utf-8")
        samples = parse(text)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise TextfileError(f"{path}: the metrics cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise TextfileError(f"{path}: this is not a file of metrics; remove it or name another") from error
    return [sample for sample in samples if definition_of(sample.name) is not None]


def write_textfile(path: Path, samples: Iterable[Sample], *, mode: int = 0o644) -> None:
    """Write `samples` in one step: whoever reads the file sees all of the old or all of the new.

    `mode` are its permissions; a collector runs as another user. Raises :class:`TextfileError`.
    """
    text = render(samples)
    try:
        # The collector reads every *.prom: what is half written has another ending.
        replace_file(path, text, mode=mode)
    except OSError as error:
        raise TextfileError(f"{path}: the metrics cannot be written ({error.strerror})") from error
