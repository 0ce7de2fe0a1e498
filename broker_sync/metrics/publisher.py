"""Brings what a run has to say to where metrics go. That it fails never spoils a sync: it is a warning."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from broker_sync.errors import BrokerSyncError, TransientError
from broker_sync.metrics.errors import TextfileError
from broker_sync.metrics.pushgateway import push_pushgateway, replace_pushgateway
from broker_sync.metrics.samples import Sample, Snapshot
from broker_sync.metrics.targets import Nowhere, Pushgateway, Target, Textfile
from broker_sync.metrics.textfile import read_textfile, write_textfile

if TYPE_CHECKING:  # late, as in the module pushgateway
    import httpx

__all__ = ["Publisher", "job_name"]

_PAUSES: Final = (1.0, 4.0)
"""Seconds to wait before a second and a third try."""

_OWNER_ONLY: Final = 0o600
_SUCCESS: Final = "_sync_last_success_timestamp_seconds"


def job_name(provider: str) -> str:
    """The job that the metrics of a broker stand under, such as ``broker-sync-ibkr``."""
    return f"broker-sync-{provider}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Publishes for one job. `sleep` takes seconds."""

    job: str
    target: Target
    transport: httpx.AsyncBaseTransport | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def publish(self, snapshot: Snapshot) -> list[str]:
        """Bring `snapshot` to the target; the warnings, none if all went well.

        Only that is handed on of which the snapshot knows something, so that an earlier success stands after
        a failed run, and the drift of an account after a run over another.
        """
        warnings: list[str] = []
        try:
            match self.target:
                case Textfile(path=path):
                    write_textfile(path, snapshot.over(_before(path, warnings)))
                case Pushgateway(url=url, told=told):
                    await self._push(snapshot, url, told, warnings)
                case Nowhere():
                    pass
        except BrokerSyncError as error:
            warnings.append(str(error))
        return warnings

    async def _push(self, snapshot: Snapshot, url: str, told: Path, warnings: list[str]) -> None:
        before = _before(told, warnings)
        now = snapshot.over(before)
        changed = [sample for sample in now if sample.name in snapshot.names]
        if not changed:
            return
        if _has_lost_a_metric(before, now):
            await self._patiently(lambda: replace_pushgateway(self.job, now, url, self.transport))
        else:
            await self._patiently(lambda: push_pushgateway(self.job, changed, url, self.transport))
        # Where there is no such directory yet nothing was ever booked, and metrics are no reason to make it.
        if told.parent.is_dir():
            write_textfile(told, now, mode=_OWNER_ONLY)

    async def _patiently(self, push: Callable[[], Awaitable[None]]) -> None:
        for pause in _PAUSES:
            try:
                return await push()
            except TransientError:
                await self.sleep(pause)
        return await push()


def _before(path: Path, warnings: list[str]) -> Sequence[Sample]:
    try:
        return read_textfile(path)
    except TextfileError as error:
        warnings.append(str(error))
        return ()


def _has_lost_a_metric(before: Sequence[Sample], now: Sequence[Sample]) -> bool:
    """Whether only a replacement of the whole job says what is `now`, as when all holdings were sold.

    A metric without samples cannot be said in the text format, so a POST would leave what it had. But what
    does not know of an earlier success must not replace it.
    """
    names = {sample.name for sample in now}
    knows_success = any(name.endswith(_SUCCESS) for name in names)
    return knows_success and not {sample.name for sample in before} <= names
