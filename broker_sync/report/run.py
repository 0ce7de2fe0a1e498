"""One run of the command: what it did to each account, and what it could not do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from broker_sync.confirm import Standing
from broker_sync.errors import RefusedError
from broker_sync.explain import Explanation
from broker_sync.results import SyncResult

__all__ = ["AccountError", "Run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountError:
    """An account (the broker's id) whose sync ended early, why, and the exit status that stands for it.

    `run_id` is the run that was begun for it, None if it did not come to that.
    """

    account: str
    text: str
    exit_code: int
    run_id: int | None = None

    @property
    def outcome(self) -> str:
        """``refused`` if because of what there was to read, else ``failed``."""
        return "refused" if self.exit_code == RefusedError.exit_code else "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All accounts of one call.

    `error` is why the run as a whole did nothing, `refused` whether because of what it was given to read.
    `standings` are what differs by now, `explanations` why, both by the broker's id of the account;
    `explanations` is None where nobody asked.
    """

    provider: str
    results: Sequence[SyncResult] = ()
    errors: Sequence[AccountError] = ()
    error: str | None = None
    refused: bool = False
    dry_run: bool = False
    standings: Mapping[str, Sequence[Standing]] = field(default_factory=dict)
    explanations: Mapping[str, Sequence[Explanation]] | None = None

    @property
    def has_failed(self) -> bool:
        """Whether anything was not written that should have been."""
        not_written = any(result.failed or result.failures for result in self.results)
        return not_written or bool(self.errors) or self.error is not None

    @property
    def has_drift(self) -> bool:
        """Whether any account differs from the broker's word beyond tolerance."""
        return any(result.has_drift for result in self.results)

    @property
    def outcome(self) -> str:
        """``refused``, ``failed``, ``drift`` or ``ok``: the worst of all accounts."""
        if self.refused:
            return "refused"
        if self.has_failed:
            return "failed"
        return "drift" if self.has_drift else "ok"

    def exit_status(self, *, strict: bool) -> int:
        """0 done; 1 something failed, or the status of the errors where they are all that failed; 4 `strict`.

        Rejected records, drift and what people have changed are told and no failure, unless `strict`.
        """
        codes = {each.exit_code for each in self.errors}
        if any(result.failed or result.failures for result in self.results) or len(codes) > 1:
            return 1
        if codes:
            return codes.pop()
        incomplete = self.has_drift or any(result.rejected or result.conflicts for result in self.results)
        return 4 if strict and incomplete else 0
