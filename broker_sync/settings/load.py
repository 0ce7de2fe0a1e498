"""Reads the settings out of all sources; nothing else in the program looks at the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from broker_sync.errors import SettingsError
from broker_sync.settings import build
from broker_sync.settings import catalogue as c
from broker_sync.settings.answers import Answers, Problems
from broker_sync.settings.assembly import assembled
from broker_sync.settings.keyring import Keyring, KeyringSource, open_keyring
from broker_sync.settings.locate import found_config
from broker_sync.settings.sources import (
    CommandLine,
    Environment,
    SecretsDirectory,
    ValueSource,
    default_secrets_dir,
)
from broker_sync.settings.toml_file import TomlFile, read_toml
from broker_sync.settings.types import Settings

__all__ = ["Reading", "load_settings", "process_environment", "read_settings", "wants_tracebacks"]

Variables = Mapping[str, str]
OpenKeyring = Callable[[], Keyring]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What reading came to: `settings` hold only if there are no `problems`.

    `answers` has every setting with where it comes from.
    """

    settings: Settings
    answers: Answers
    problems: tuple[str, ...]


def process_environment() -> Variables:
    """The environment of this process."""
    return os.environ  # noqa: TID251  # the one place that reads it


def load_settings(
    environment: Variables | None = None,
    *,
    overrides: Variables | None = None,
    keyring: OpenKeyring = open_keyring,
) -> Settings:
    """The settings out of `environment` (None: this process's) and all that it leads to.

    `overrides` is what options of the command line say, by the names of the variables. Raises
    :class:`~broker_sync.errors.SettingsError` that names, one a line, everything that is wrong.
    """
    reading = read_settings(environment, overrides=overrides, keyring=keyring)
    if reading.problems:
        raise SettingsError("\n".join(reading.problems))
    return reading.settings


def wants_tracebacks(environment: Variables | None = None) -> bool:
    """Whether ``BROKER_SYNC_DEBUG`` asks for the traceback of a bug; raises nothing, whatever it says."""
    text = Environment(process_environment() if environment is None else environment).text(c.DEBUG.name)
    return text is not None and c.DEBUG.kind.read(text)


def read_settings(
    environment: Variables | None = None,
    *,
    overrides: Variables | None = None,
    keyring: OpenKeyring = open_keyring,
) -> Reading:
    """As :func:`load_settings`, but what is wrong is told instead of raised."""
    problems = Problems()
    variables = Environment(process_environment() if environment is None else environment)
    outside: list[ValueSource] = [CommandLine(overrides or {}), variables]
    file = _config(Answers(outside, problems), problems)
    ring = _keyring(Answers(_all(outside, file), problems), keyring)
    directory = _secrets_directory(Answers(_all(outside, file), problems))
    answers = Answers(_all(outside, directory, file, ring), problems)
    settings = assembled(answers, file=file, variables=variables, keyring=ring, problems=problems)
    return Reading(settings=settings, answers=answers, problems=tuple(problems))


def _all(outside: Iterable[ValueSource], *others: ValueSource | None) -> list[ValueSource]:
    return [*outside, *(source for source in others if source is not None)]


def _config(outside: Answers, problems: Problems) -> TomlFile | None:
    """The file, if there is one that can be read."""

    def read() -> TomlFile | None:
        named = outside.of(c.CONFIG)
        path = found_config(named, build.data_dir(outside))
        return None if path is None else read_toml(path, c.CONFIG.name if named else "the settings")

    return problems.tried(read)


def _keyring(places: Answers, opened: OpenKeyring) -> KeyringSource | None:
    return KeyringSource(opened) if places.of(c.KEYRING) else None


def _secrets_directory(places: Answers) -> SecretsDirectory | None:
    path = places.of(c.SECRETS_DIR) or default_secrets_dir()
    return None if path is None else SecretsDirectory(path)
