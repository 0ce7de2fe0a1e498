"""``broker-sync notify test``: sends a message, to see that it arrives."""

from __future__ import annotations

from broker_sync.cli.output import print_line, result_output
from broker_sync.cli.started import started
from broker_sync.errors import BrokerSyncError, SettingsError
from broker_sync.notify.apprise_sender import send
from broker_sync.notify.wording import TEST_WORDS
from broker_sync.report.wording import counted

__all__ = ["run_notify_test"]


def run_notify_test() -> int:
    """Send a test to every address; 0, or 1 if one did not take it."""
    addresses = [secret.reveal() for secret in started().notify.urls]
    if not addresses:
        raise SettingsError(
            "There is nobody to tell: set BROKER_SYNC_NOTIFY_URLS to an address of Apprise "
            "(docs/notifications.md). An address to ping is not tried: that would count as a run."
        )
    sent = send(TEST_WORDS, addresses)
    with result_output():
        print_line(f"A test was sent to {sent.reached} of {counted(len(addresses), 'address', 'addresses')}.")
    if sent.problems:
        raise BrokerSyncError("\n".join(str(problem) for problem in sent.problems))
    return 0
