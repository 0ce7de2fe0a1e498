"""What Prometheus is told of a run: the metrics, their text, and the ways to hand them on."""

from broker_sync.metrics.catalogue import CATALOGUE, Definition, metric_name
from broker_sync.metrics.errors import PushAddressError, PushAwayError, PushRefusedError, TextfileError
from broker_sync.metrics.exposition import render
from broker_sync.metrics.facts import AccountFacts, Confirmed, FlexFacts, RunFacts, joined
from broker_sync.metrics.families import snapshot_of
from broker_sync.metrics.publisher import Publisher, job_name
from broker_sync.metrics.pushgateway import push_pushgateway
from broker_sync.metrics.samples import Sample, Snapshot
from broker_sync.metrics.targets import Nowhere, Pushgateway, Target, Textfile, told_file

__all__ = [
    "CATALOGUE",
    "AccountFacts",
    "Confirmed",
    "Definition",
    "FlexFacts",
    "Nowhere",
    "Publisher",
    "PushAddressError",
    "PushAwayError",
    "PushRefusedError",
    "Pushgateway",
    "RunFacts",
    "Sample",
    "Snapshot",
    "Target",
    "Textfile",
    "TextfileError",
    "job_name",
    "joined",
    "metric_name",
    "push_pushgateway",
    "render",
    "snapshot_of",
    "told_file",
]
