"""A Pushgateway as far as these tests need one: groups by path, POST by metric, PUT for all of a group."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import httpx

from broker_sync.metrics.exposition import parse
from broker_sync.metrics.samples import Sample

__all__ = ["FakeGateway", "values"]


@dataclass(slots=True)
class FakeGateway:
    """Takes pushes under `root`; `refusals` are answered first, one each."""

    root: str = "/metrics"
    refusals: list[httpx.Response | type[httpx.TransportError]] = field(default_factory=list)
    groups: dict[str, list[Sample]] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.refusals:
            refusal = self.refusals.pop(0)
            if isinstance(refusal, httpx.Response):
                return refusal
            raise refusal("connection refused", request=request)
        if not request.url.path.startswith(f"{self.root}/job/"):
            return httpx.Response(404)
        pushed = parse(request.content.decode())
        names = {sample.name for sample in pushed}
        kept = self.groups.get(request.url.path, []) if request.method == "POST" else []
        self.groups[request.url.path] = [*(each for each in kept if each.name not in names), *pushed]
        return httpx.Response(200)

    def of(self, job: str) -> list[Sample]:
        return self.groups.get(f"{self.root}/job/{job}", [])


def values(
    samples: Iterable[tuple[str, Mapping[str, str], object]], name: str
) -> dict[tuple[tuple[str, str], ...], object]:
    """Labels, sorted, and value of every sample of a metric."""
    return {tuple(sorted(labels.items())): value for each, labels, value in samples if each == name}
