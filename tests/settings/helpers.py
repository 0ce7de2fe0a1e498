"""What the tests of the settings share: a place with a settings file, and a keyring in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from broker_sync.errors import SettingsError
from broker_sync.settings import Reading, Settings, load_settings, read_settings

__all__ = ["DictKeyring", "LockedKeyring", "Place"]


@dataclass
class DictKeyring:
    """Keeps entries in memory."""

    entries: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def get(self, name: str) -> str | None:
        self.asked.append(name)
        return self.entries.get(name)

    def set(self, name: str, text: str) -> None:
        self.entries[name] = text


class LockedKeyring:
    """Gives no access."""

    def get(self, name: str) -> str | None:
        raise SettingsError(f"locked, no {name}")

    def set(self, name: str, text: str) -> None:
        raise SettingsError(f"locked, no {name} of {len(text)}")


@dataclass
class Place:
    """A directory with ``broker-sync.toml`` in it, named by the environment."""

    directory: Path
    keyring: DictKeyring | LockedKeyring = field(default_factory=DictKeyring)

    @property
    def config(self) -> Path:
        return self.directory / "broker-sync.toml"

    def write(self, name: str, text: str, mode: int = 0o600) -> Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def environment(self, toml: str, variables: Mapping[str, str]) -> dict[str, str]:
        self.write("broker-sync.toml", toml)
        empty = self.directory / "no-secrets"
        empty.mkdir(exist_ok=True)
        places = {"BROKER_SYNC_CONFIG": str(self.config), "BROKER_SYNC_SECRETS_DIR": str(empty)}
        return {**places, **variables}

    def load(self, toml: str = "", **variables: str) -> Settings:
        return load_settings(self.environment(toml, variables), keyring=lambda: self.keyring)

    def read(self, toml: str = "", **variables: str) -> Reading:
        return read_settings(self.environment(toml, variables), keyring=lambda: self.keyring)

    def wrong(self, toml: str = "", **variables: str) -> str:
        """What is said of settings that are wrong."""
        with pytest.raises(SettingsError) as caught:
            self.load(toml, **variables)
        return str(caught.value)
