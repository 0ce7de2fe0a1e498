"""What is not wrong, and yet should be looked at: sentences for the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from broker_sync.settings.catalogue import SETTINGS
from broker_sync.settings.sources import Environment
from broker_sync.settings.toml_check import did_you_mean, secret_keys
from broker_sync.settings.toml_file import TomlFile, dotted, others_may_read

__all__ = ["misspelt", "open_secrets"]

_OURS: Final = ("BROKER_SYNC_", "IBKR_", "WF_", "PUSHGATEWAY_")
_NOT_SETTINGS: Final = frozenset({"BROKER_SYNC_DEMO_DIR"})
# An orchestrator sets names such as PUSHGATEWAY_PORT, which are near enough to be taken for ours.
_NEAR: Final = 0.85


def misspelt(environment: Environment) -> Iterator[str]:
    """One sentence for each variable that looks like one of ours and is none."""
    known = [each.name for each in SETTINGS]
    known += [f"{each.name}_FILE" for each in SETTINGS if each.in_files]
    for name in environment.variables:
        if name.startswith(_OURS) and name not in {*known, *_NOT_SETTINGS}:
            hint = did_you_mean(name, known, cutoff=_NEAR)
            if hint:
                yield f"the environment variable {name} is set, but there is no such setting{hint}"


def open_secrets(file: TomlFile | None) -> Iterator[str]:
    """A sentence if the file has a secret, and others may read it."""
    if file is None:
        return
    held = [dotted(keys) for keys in secret_keys(file) if file.holds_in_plain(keys)]
    if held and others_may_read(file.path):
        yield (
            f"{file.path} holds {', '.join(held)} and can be read by every user of this machine: do "
            f"'chmod 600' on it, or keep the secret in a file of its own"
        )
