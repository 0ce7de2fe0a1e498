"""The things that are measured, each in a process of its own: `python -m benchmarks.readers WHAT FILE`.

Prints one line of JSON: seconds of wall clock, peak memory of the process in MiB, and how many trades it saw.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["main"]

Reader = Callable[[Path], int]


def _baseline() -> Reader:
    """Start Python and import what reading imports, no more."""
    _read_and_map()
    return lambda _: 0


def _ibflex() -> Reader:
    from ibflex import parser  # noqa: PLC0415

    return lambda path: len(parser.parse(str(path)).FlexStatements[0].Trades)


def _survey() -> Reader:
    from broker_sync.providers.ibkr.document import Document  # noqa: PLC0415
    from broker_sync.providers.ibkr.statement import groups  # noqa: PLC0415
    from broker_sync.providers.ibkr.survey import survey  # noqa: PLC0415

    def read(path: Path) -> int:
        found = survey(groups(Document(path).chunks()))
        return sum(account.counts["Trades", "Trade"] for account in found.accounts.values())

    return read


def _read_and_map() -> Reader:
    from broker_sync.models import Account, AccountType  # noqa: PLC0415
    from broker_sync.providers.ibkr.bookings import Tally, bookings  # noqa: PLC0415
    from broker_sync.providers.ibkr.context import Context  # noqa: PLC0415
    from broker_sync.providers.ibkr.document import Document  # noqa: PLC0415
    from broker_sync.providers.ibkr.instruments import Directory  # noqa: PLC0415
    from broker_sync.providers.ibkr.moments import Clock  # noqa: PLC0415
    from broker_sync.providers.ibkr.statement import groups  # noqa: PLC0415

    account = Account(
        id="bench",
        provider="ibkr",
        provider_account_id="U1000009",
        account_type=AccountType.GIA,
        currency=None,
    )
    context = Context(account=account, directory=Directory(), clock=Clock())

    def read(path: Path) -> int:
        booked = bookings(groups(Document(path).chunks()), context, Tally())
        return sum(isinstance(outcome, list) for outcome, _ in booked)

    return read


_READERS = {"baseline": _baseline, "ibflex": _ibflex, "survey": _survey, "read+map": _read_and_map}


def main() -> None:
    """Measure one reader once; its imports are not part of the time."""
    what, path = sys.argv[1:]
    read = _READERS[what]()
    start = time.perf_counter()
    seen = read(Path(path))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mib": peak, "seen": seen}))


if __name__ == "__main__":
    main()
