"""The one list of brokers and trackers, and where each is; nothing is imported before it is asked for.

Other packages add theirs under the entry-point groups ``broker_sync.providers`` (whatever makes a
:class:`~broker_sync.contracts.Provider`) and ``broker_sync.sinks`` (a :class:`SinkFactory`). A name that is
not known raises :class:`~broker_sync.errors.SettingsError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from broker_sync.contracts import Provider, Sink
from broker_sync.errors import SettingsError
from broker_sync.settings import Settings

if TYPE_CHECKING:
    from broker_sync.sinks.wealthfolio import WealthfolioSink

__all__ = ["PROVIDERS", "SINKS", "SinkFactory", "open_sink", "provider_factory", "sink_factory"]

ProviderFactory = Callable[..., Provider]
"""Makes a provider; what it needs differs from broker to broker."""


class SinkFactory(Protocol):
    """Makes a sink out of the settings."""

    def __call__(self, settings: Settings, *, read_only: bool) -> Sink:
        """A sink that is opened, and made, at its first use; with `read_only` it must change nothing."""


PROVIDERS: Final[Mapping[str, str]] = {"ibkr": "broker_sync.providers.ibkr:IBKRProvider"}
"""Name -> ``module:attribute`` of the factory."""

SINKS: Final[Mapping[str, str]] = {
    "ledger": "broker_sync.registry:open_ledger",
    "wealthfolio": "broker_sync.registry:open_wealthfolio",
}
"""Name -> ``module:attribute`` of the factory."""


def open_ledger(settings: Settings, *, read_only: bool) -> Sink:
    """The embedded ledger ``portfolio.db`` in the data directory."""
    from broker_sync.sinks.ledger import LedgerSink  # noqa: PLC0415  # brings a database layer with it

    return LedgerSink(settings.data_dir / "portfolio.db", read_only=read_only)


def open_wealthfolio(settings: Settings, *, read_only: bool) -> WealthfolioSink:
    """The Wealthfolio server of the settings; raises SettingsError where they name none."""
    from broker_sync.sinks.wealthfolio import WealthfolioSink  # noqa: PLC0415  # brings what speaks HTTP

    server = settings.wealthfolio
    if server.base_url is None:
        raise SettingsError("There is no Wealthfolio to write to: set WF_BASE_URL and WF_PASSWORD.")
    return WealthfolioSink(
        server.base_url,
        server.username,
        None if server.password is None else server.password.reveal(),
        server.session_path,
        create_account=server.create_account,
        adopt=server.adopt,
        read_only=read_only,
    )


def provider_factory(name: str) -> ProviderFactory:
    """What makes the provider `name`."""
    return cast("ProviderFactory", _load("broker_sync.providers", "broker", name, PROVIDERS))


def sink_factory(name: str) -> SinkFactory:
    """What makes the sink `name`."""
    return cast("SinkFactory", _load("broker_sync.sinks", "tracker", name, SINKS))


def open_sink(name: str, settings: Settings, *, read_only: bool) -> Sink:
    """The sink `name`, made out of `settings`."""
    return sink_factory(name)(settings, read_only=read_only)


def _load(group: str, kind: str, name: str, own: Mapping[str, str]) -> Any:  # noqa: ANN401  # the caller knows
    if name in own:
        module, _, attribute = own[name].partition(":")
        return getattr(import_module(module), attribute)
    others = entry_points(group=group)
    if name in others.names:
        return others[name].load()
    known = ", ".join(sorted({*own, *others.names}))
    raise SettingsError(f"there is no {kind} {name!r}; known: {known}")
