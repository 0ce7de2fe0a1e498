"""Where errors end: what went wrong becomes lines on stderr and an exit status."""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Final, NoReturn

from broker_sync.errors import BrokerSyncError
from broker_sync.logs import Masker
from broker_sync.settings import wants_tracebacks

__all__ = ["TerminatedError", "complain", "hear_sigterm", "status_of"]

# 128 and the number of the signal, as shells have it.
_INTERRUPTED: Final = 130
_TERMINATED: Final = 143


class TerminatedError(KeyboardInterrupt):
    """The run was asked to end (SIGTERM); whatever cleans up after an interrupt does so after this."""


def hear_sigterm() -> None:
    """Make SIGTERM end the run as an interrupt would; as the first process of a container it does nothing."""
    signal.signal(signal.SIGTERM, _terminate)


def _terminate(number: int, frame: object) -> NoReturn:  # noqa: ARG001  # called so by Python
    raise TerminatedError


def status_of(action: Callable[[], int]) -> int:
    """The exit status of `action`; every error that it raises is told on stderr."""
    if threading.current_thread() is threading.main_thread():
        hear_sigterm()
    try:
        return action()
    except BrokerSyncError as error:
        complain(str(error))
        return error.exit_code
    except TerminatedError:
        complain("asked to end; what was booked until then is kept, and the next run goes on from there")
        return _TERMINATED
    except KeyboardInterrupt:
        complain("interrupted; what was booked until then is kept, and the next run goes on from there")
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001  # the one place where a bug may end
        _report_bug(error)
        return 1


def complain(text: str) -> None:
    """Tell `text` on stderr, what looks like a secret taken out of it."""
    print(f"broker-sync: {Masker().mask(text)}", file=sys.stderr)  # noqa: T201  # this is the output


def _report_bug(error: Exception) -> None:
    if wants_tracebacks():
        complain("".join(traceback.format_exception(error)))
    complain(
        f"this is a bug ({type(error).__name__}: {error}). Please report it, with what is printed when you "
        "run the same again with BROKER_SYNC_DEBUG=1; take out what is private."
    )
