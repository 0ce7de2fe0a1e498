"""``broker-sync report``: writes a page that shows how each account stands, out of what is kept."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from broker_sync.cli.clock import CLOCK, Clock
from broker_sync.cli.covering import known_coverage
from broker_sync.cli.looking import looking
from broker_sync.cli.output import print_line, result_output
from broker_sync.cli.started import started
from broker_sync.cli.statements import archive_of
from broker_sync.coverage import AccountCoverage
from broker_sync.dedup import PastResult, SyncRecordStore
from broker_sync.errors import BrokerSyncError, SettingsError
from broker_sync.files import replace_file
from broker_sync.logs import Masker
from broker_sync.models import Activity
from broker_sync.report.page import AccountFacts, NotBooked, PageFacts, Told, page_text
from broker_sync.settings import Settings

__all__ = ["run_report"]

_BOOKED: Final = 20
_BACK: Final = dt.timedelta(days=90)
"""How long before the last covered day bookings are looked for."""


def run_report(*, html: Path, account: str | None, days: int, clock: Clock = CLOCK) -> int:
    """Write the page of the last `days` to `html`, for its owner alone; 0."""
    settings = started()
    facts = _facts(settings, clock, account=account, days=days)
    try:
        replace_file(html, page_text(facts).encode())
    except OSError as error:
        raise BrokerSyncError(f"{html} cannot be written ({error.strerror})") from error
    with result_output():
        print_line(f"The report is in {html}.")
    return 0


def _facts(settings: Settings, clock: Clock, *, account: str | None, days: int) -> PageFacts:
    now = clock.now()
    archive = archive_of(settings, clock, read_only=True)
    mask = Masker(settings.secrets()).mask
    with looking(settings) as store:
        found = [_Past(result=each, mask=mask) for each in store.results(since=now - dt.timedelta(days=days))]
        accounts = [
            _account(store, scope, found, known_coverage(archive, sink=scope.result.sink))
            for scope in _scopes([_Past(result=each, mask=mask) for each in store.latest_results()], account)
        ]
    failed = [each.told for each in found if not each.result.account]
    return PageFacts(made_at=now, days=days, accounts=accounts, failed=failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """A result as it is kept; `mask` takes secrets out of a text."""

    result: PastResult
    mask: Callable[[str], str]

    @property
    def told(self) -> Told:
        """What it says."""
        body = json.loads(self.result.body)
        # What is not ours in a body is the text of an error, which may hold what another program said.
        if "error" in body:
            body["error"] = self.mask(str(body["error"]))
        return Told(ended_at=self.result.ended_at, outcome=self.result.outcome, body=body)

    def concerns(self, scope: _Past) -> bool:
        """Whether it tells of the account of `scope`: of itself, or that no account was come to."""
        own = scope.result
        return self.result.account in {"", own.account} and self.result.sink in {"", own.sink}


def _scopes(latest: Sequence[_Past], account: str | None) -> list[_Past]:
    """The last result of each account in each tracker; raises SettingsError for an account unknown."""
    synced = {each.result.account for each in latest if each.result.sink}
    scopes = [each for each in latest if each.result.sink or each.result.account not in {"", *synced}]
    known = list(dict.fromkeys(each.result.account for each in scopes))
    if account is not None and account not in known:
        raise SettingsError(
            f"--account {account}: nothing is known of it; known: {', '.join(known) or 'none'}"
        )
    return [each for each in scopes if account in {None, each.result.account}]


def _account(
    store: SyncRecordStore, scope: _Past, found: Sequence[_Past], covered: Sequence[AccountCoverage]
) -> AccountFacts:
    own = scope.result
    known = next((each for each in covered if each.account == own.account), None)
    past = [each for each in found if each.concerns(scope)]
    if not any(each.result.account for each in past):
        # What the last run found is how things stand, however long ago that was.
        past = [scope, *past]
    return AccountFacts(
        account=own.account,
        sink=own.sink,
        told=[each.told for each in past],
        coverage=known,
        not_booked=list(_not_booked(store, own)),
        booked=_booked(store, own, known),
    )


def _not_booked(store: SyncRecordStore, scope: PastResult) -> Iterator[NotBooked]:
    for saved in store.rejections(scope.sink, scope.account_id):
        rejection = saved.rejection
        yield NotBooked(
            external_id=rejection.external_id,
            section=rejection.section,
            reason=rejection.reason,
            booked_on=rejection.booked_on,
            first_seen=saved.first_seen,
        )


def _booked(store: SyncRecordStore, scope: PastResult, known: AccountCoverage | None) -> list[Activity]:
    """The latest bookings, the last one first."""
    last = dt.date.max if known is None else known.span.last
    first = dt.date.min if known is None else last - _BACK
    legs = store.booked_between(scope.sink, scope.account_id, first, last)[-_BOOKED:]
    found = store.booked_activities(scope.sink, scope.account_id, [leg.external_id for leg in legs])
    return sorted(found, key=lambda each: (each.date, each.external_id), reverse=True)
