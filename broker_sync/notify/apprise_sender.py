"""Hands messages to Apprise, which knows the services; it comes with the extra ``broker-sync[notify]``.

https://github.com/caronc/apprise. It takes a while to import and some 45 MiB, so that is left until there is
something to send. An address is a secret as a whole: no message shows more of it than its number and scheme.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final

from broker_sync.notify.errors import NotifierMissingError, NotSentError
from broker_sync.notify.silence import hush, silence
from broker_sync.notify.wording import Words

__all__ = ["Sent", "is_installed", "send", "send_to"]

_LIBRARY: Final = "apprise"
_TRANSPORT: Final = "urllib3"
_LONGEST: Final = 20.0  # seconds for an address; one that answers by drops would hold up a run for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """To how many addresses a message went, and why not to the others."""

    reached: int
    problems: Sequence[NotSentError]


def is_installed() -> bool:
    """Whether the library is there; it is not imported for that."""
    return find_spec(_LIBRARY) is not None


def send(
    words: Words,
    addresses: Sequence[str],
    *,
    load: Callable[[str], Any] = import_module,
    seconds: float = _LONGEST,
) -> Sent:
    """Send `words` to each of `addresses`, in `seconds` each at the most.

    Raises NotifierMissingError if there is nothing to send with.
    """
    problems = []
    for number, address in enumerate(addresses, 1):
        try:
            send_to(address, words, number=number, load=load, seconds=seconds)
        except NotSentError as error:
            problems.append(error)
    return Sent(reached=len(addresses) - len(problems), problems=problems)


def send_to(
    address: str,
    words: Words,
    *,
    number: int,
    load: Callable[[str], Any] = import_module,
    seconds: float = _LONGEST,
) -> None:
    """Send `words` to one address, the `number`-th; raises NotSentError and NotifierMissingError."""
    library = _library(load)
    scheme = address.partition("://")[0].lower()
    with silence():
        # Threads of its own would be waited for at the end of the program, however long that takes.
        service = library.Apprise(asset=library.AppriseAsset(async_mode=False, service_timeout=0))
        is_known = service.add(address)
        is_sent = is_known and _is_done(lambda: _notify(library, service, words), seconds)
    if not is_known:
        raise NotSentError(
            f"notification address {number} ({scheme}) is none that Apprise knows: check it against "
            "https://appriseit.com/services/"
        )
    if not is_sent:
        raise NotSentError(
            f"notification address {number} ({scheme}) did not take the message: the service is away, or "
            "the address is not right. Try it with `broker-sync notify test`."
        )


def _notify(library: Any, service: Any, words: Words) -> bool:  # noqa: ANN401  # it may be missing
    return bool(
        service.notify(
            title=words.title,
            body=words.body,
            notify_type=library.NotifyType(words.urgency.value),
            body_format=library.NotifyFormat.TEXT,
        )
    )


def _is_done(task: Callable[[], bool], seconds: float) -> bool:
    """Whether `task` says within `seconds` that it is; what takes longer is left to itself."""
    answers: SimpleQueue[bool] = SimpleQueue()

    def work() -> None:
        # A hundred services by as many hands: whatever breaks in one, the message was not sent.
        with suppress(Exception):
            answers.put(task())
            return
        answers.put(item=False)

    Thread(target=work, daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        hush(_LIBRARY, _TRANSPORT)
        return False


def _library(load: Callable[[str], Any]) -> Any:  # noqa: ANN401  # it may be missing
    try:
        with silence():
            return load(_LIBRARY)
    except ImportError:
        raise NotifierMissingError(
            "messages are to be sent, but the library for that is not installed: install "
            "broker-sync[notify], or unset BROKER_SYNC_NOTIFY_URLS"
        ) from None
