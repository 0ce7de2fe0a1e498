"""Tells people what came of a run; nothing that goes wrong here spoils the run itself."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final, Self

from broker_sync.cli import running
from broker_sync.cli.clock import Clock
from broker_sync.cli.request import Request
from broker_sync.errors import BrokerSyncError, StoreError
from broker_sync.logs import Masker
from broker_sync.notify.apprise_sender import is_installed, send
from broker_sync.notify.decide import Decision, decide, kept
from broker_sync.notify.errors import NotifierMissingError, PingError
from broker_sync.notify.facts import RunFacts, seen_in
from broker_sync.notify.ping import Signal, ping
from broker_sync.notify.state_file import read_state, write_state
from broker_sync.notify.troubles import State, Topic
from broker_sync.notify.wording import advice_for, words_of
from broker_sync.report import Run, summary_line
from broker_sync.settings import Settings, flex_downloads

__all__ = ["Notifier"]

_log: Final = logging.getLogger(__name__)
_A_BUG: Final = 1
"""The exit status of what is a bug."""


class Notifier:
    """Tells of one run: entered when it begins, and told by :meth:`ended` what came of it.

    `causes` is why downloads failed, by query id, once they have. A run that ends in a bug is told of too; of
    one that is interrupted nothing is said. A dry run tells nobody anything.
    """

    def __init__(
        self,
        provider: str,
        request: Request,
        settings: Settings,
        clock: Clock,
        *,
        causes: Mapping[str, BrokerSyncError],
    ) -> None:
        self._provider = provider
        self._request = request
        self._settings = settings
        self._clock = clock
        self._causes = causes
        self._is_wanted = settings.notify.is_wanted and not request.dry_run
        self._mask = Masker(settings.secrets()).mask
        self._warnings: list[str] = []

    def __enter__(self) -> Self:
        if self._is_wanted:
            if self._settings.notify.urls and not is_installed():
                self._warn(
                    "BROKER_SYNC_NOTIFY_URLS is set, but nobody can be told anything: install "
                    "broker-sync[notify]"
                )
            self._ping(Signal.START, f"{self._provider}: started")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, BrokerSyncError):
            text = f"this is a bug ({type(error).__name__}: {error})"
            self.ended(Run(provider=self._provider, error=text), _A_BUG)

    def ended(self, run: Run, status: int) -> list[str]:
        """Tell what came of `run`, whose exit status it is; the warnings, which are in the log already."""
        if self._is_wanted:
            if self._settings.notify.urls:
                self._tell(run, status)
            self._ping(Signal.FAILURE if status else Signal.SUCCESS, self._short(run, status))
        return self._warnings

    def _short(self, run: Run, status: int) -> str:
        told = [summary_line(run) if run.error is None else self._mask(run.error)]
        told += [self._mask(f"{error.account}: {error.text}") for error in run.errors]
        return "\n".join([*told, advice_for(status)] if status else told)

    def _ping(self, signal: Signal, text: str) -> None:
        address = self._settings.notify.ping_url
        if address is None:
            return
        try:
            running.run(ping(address.reveal(), signal, text))
        except PingError as error:
            self._warn(str(error))

    # --- messages ---

    def _tell(self, run: Run, status: int) -> None:
        before = self._before()
        decision = decide(
            before,
            seen_in(self._facts(run, status)),
            now=self._clock.now(),
            repeat=self._settings.notify.repeat,
        )
        after = kept(before, decision.after, not_sent=self._send(decision))
        # Where there is no such directory yet nothing was ever booked, and messages are no reason to make it.
        if after != before and self._settings.data_dir.is_dir():
            try:
                write_state(self._settings.data_dir, after)
            except StoreError as error:
                self._warn(str(error))

    def _before(self) -> State:
        try:
            return read_state(self._settings.data_dir)
        except StoreError as error:
            self._warn(str(error))
            return {}

    def _facts(self, run: Run, status: int) -> RunFacts:
        # What speaks to brokers takes a while to import.
        from broker_sync.cli.measuring import flex_facts  # noqa: PLC0415
        from broker_sync.providers.ibkr.breaker import BreakerOpenError  # noqa: PLC0415

        queries = () if self._request.files else flex_downloads(self._settings.ibkr_accounts)
        flex = flex_facts(queries, self._causes, self._settings, self._clock)
        open_ones = [each for each in self._causes.values() if isinstance(each, BreakerOpenError)]
        return RunFacts(
            run=run,
            status=status,
            ended=self._clock.now(),
            token_days=self._settings.notify.token_days,
            mask=self._mask,
            held_up={str(error) for error in open_ones},
            token_expires=flex.token_expires,
        )

    def _send(self, decision: Decision) -> list[Topic]:
        """Send all of it; the topics that nobody could be told of."""
        addresses: Sequence[str] = [secret.reveal() for secret in self._settings.notify.urls]
        not_sent = []
        for message in decision.messages:
            try:
                sent = send(words_of(message), addresses)
            except NotifierMissingError:  # which was said at the start
                not_sent.append(message.topic)
                continue
            for problem in sent.problems:
                self._warn(str(problem))
            if not sent.reached:
                not_sent.append(message.topic)
        return not_sent

    def _warn(self, text: str) -> None:
        if text not in self._warnings:
            self._warnings.append(text)
            _log.warning("%s", text)
