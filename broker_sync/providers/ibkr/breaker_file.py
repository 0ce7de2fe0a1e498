"""Remembers failed requests in ``ibkr-breaker.json`` in the data directory, for the next run and every pod.

Tokens are told apart by the beginning of their SHA-256; the tokens themselves are not written. A file that
cannot be read stops the run until it is removed: nothing is known then, and sending could lengthen a
lock-out. The file is replaced at once, so no crash leaves half of it.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from broker_sync.errors import StoreError
from broker_sync.providers.ibkr.breaker import (
    OVERRIDE,
    BreakerOpenError,
    BreakerState,
    Failure,
    Open,
    Standing,
    after_failure,
    after_lockout,
    settled,
    standing,
)
from broker_sync.providers.ibkr.breaker_form import FormError, states_from, text_of
from broker_sync.providers.ibkr.flex_errors import FlexError, LockedOutError
from broker_sync.providers.ibkr.flex_token import Token

__all__ = ["FILE_NAME", "Breaker", "fingerprint_of"]

FILE_NAME: Final = "ibkr-breaker.json"

_FINGERPRINT: Final = 16


def fingerprint_of(token: Token) -> str:
    """What `token` is known by in files: the beginning of its SHA-256."""
    return hashlib.sha256(token.reveal().encode()).hexdigest()[:_FINGERPRINT]


class Breaker:
    """The memory of failures with one token, in `folder`; it is the client's gate.

    With `ignored`, :meth:`check` lets everything pass, whatever the file holds; failures are still recorded.
    All methods raise :class:`~broker_sync.errors.StoreError` when the file cannot be read or written.
    """

    def __init__(self, *, folder: Path, token: Token, ignored: bool = False) -> None:
        self._path = folder / FILE_NAME
        self._key = fingerprint_of(token)
        self._ignored = ignored

    def standing(self, now: dt.datetime) -> Standing:
        """Whether requests may be sent at `now` (aware), `ignored` aside; writes nothing."""
        return standing(settled(self._state(), now), now)

    def check(self, now: dt.datetime) -> None:
        """Raise :class:`BreakerOpenError` when nothing may be sent at `now` (aware)."""
        if self._ignored:
            return
        state = self._state()
        if settled(state, now) != state:
            # Or what lies in the future would hold anew from every moment at which somebody asks.
            self._change(lambda state: settled(state, now))
        found = self.standing(now)
        if isinstance(found, Open):
            raise BreakerOpenError(found)

    def record(self, outcome: FlexError | None, now: dt.datetime) -> None:
        """Remember a failure, if it counts, or (None) a success, which forgets what went before."""
        if outcome is None:
            self.reset()
        elif outcome.counts_towards_lockout:
            failure = Failure(at=now, why=str(outcome).partition(". ")[0])
            after = after_lockout if isinstance(outcome, LockedOutError) else after_failure
            self._change(lambda state: after(settled(state, now), failure))

    def reset(self) -> None:
        """Forget all failures of this token."""
        if self._state() != BreakerState():
            self._change(lambda _: BreakerState())

    def _state(self) -> BreakerState:
        return self._states().get(self._key, BreakerState())

    def _states(self) -> dict[str, BreakerState]:
        try:
            return states_from(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (FormError, UnicodeDecodeError) as error:
            if self._ignored:
                return {}
            raise StoreError(
                f"{self._path} is damaged ({error}), so nobody knows whether IBKR has locked the account "
                "out, and nothing was sent. Remove the file if no run was refused with code 1025 in the last "
                f"three days, or set {OVERRIDE}=1 once."
            ) from error
        except OSError as error:
            raise self._unusable(error) from error

    def _change(self, change: Callable[[BreakerState], BreakerState]) -> None:
        with self._alone():
            states = self._states()
            states[self._key] = change(states.get(self._key, BreakerState()))
            self._write(text_of(states))

    def _write(self, text: str) -> None:
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{FILE_NAME}.")  # has mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from writing meanwhile, or one of two failures would be forgotten."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                # A network volume may know no locks; at worst one failure is lost there.
                with suppress(OSError):
                    fcntl.flock(folder, fcntl.LOCK_EX)
                yield
            finally:
                os.close(folder)
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> StoreError:
        return StoreError(
            f"{self._path} cannot be read or written ({error.strerror}), so failed requests to IBKR cannot "
            "be remembered. Let the user who runs broker-sync write there."
        )
