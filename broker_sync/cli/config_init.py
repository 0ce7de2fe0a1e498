"""``broker-sync config init``: writes a first ``broker-sync.toml``, and files for secrets beside it."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from broker_sync.cli.config_questions import Answered, Asker, ask_all
from broker_sync.cli.output import print_line, result_output
from broker_sync.errors import SettingsError
from broker_sync.settings import Reading, read_settings
from broker_sync.settings import catalogue as c
from broker_sync.settings.keeping import keep
from broker_sync.settings.keyring import Keyring, entry_name, open_keyring
from broker_sync.settings.locate import FILE_NAME, user_config_dir
from broker_sync.settings.template import template
from broker_sync.settings.toml_text import quoted

__all__ = ["Terminal", "run_config_init"]

_SECRETS: Final = "secrets"


@dataclass(frozen=True, slots=True)
class Terminal:
    """A person who reads `screen` and types into `keys`."""

    keys: TextIO
    screen: TextIO
    unseen: Callable[[str, TextIO], str] = getpass.getpass

    def line(self, question: str) -> str:
        """See :class:`~broker_sync.cli.config_questions.Asker`."""
        self.screen.write(f"{question}: ")
        self.screen.flush()
        text = self.keys.readline()
        if not text:
            raise SettingsError("the answers ended before the questions did; nothing was written")
        return text

    def hidden(self, question: str) -> str:
        """See :class:`~broker_sync.cli.config_questions.Asker`."""
        try:
            return self.unseen(f"{question} (not shown): ", self.screen)
        except EOFError:
            raise SettingsError("the answers ended before the questions did; nothing was written") from None

    def say(self, text: str) -> None:
        """See :class:`~broker_sync.cli.config_questions.Asker`."""
        self.screen.write(f"{text}\n")


def run_config_init(
    *,
    path: Path | None,
    force: bool,
    assume_defaults: bool,
    asker: Asker | None = None,
    keyring: Callable[[], Keyring] = open_keyring,
) -> int:
    """Write the file to `path` (None: to where it is read from); 0.

    Asks `asker`, by default the terminal; where there is none, or with `assume_defaults`, nothing is asked
    and everything has its default. Raises SettingsError, nothing written, for what is there already and
    `force` does not allow to be replaced.
    """
    reading = read_settings()
    target = _target(path, reading)
    if os.path.lexists(target) and not force:
        raise SettingsError(f"{target} is there already, and nothing was written; --force replaces it")
    somebody = None if assume_defaults else asker or _terminal()
    answered = Answered() if somebody is None else ask_all(somebody, with_keyring=_is_there(keyring))
    _keep_in_keyring(answered, keyring)
    files = _files(target, answered)
    keep(files, force=force)
    with result_output():
        for written in files:
            print_line(f"written: {written}")
        for hint in _hints(target):
            print_line(hint)
    return 0


def _target(path: Path | None, reading: Reading) -> Path:
    named = path or reading.answers.of(c.CONFIG) or reading.settings.config_path
    if named is not None:
        return named.absolute()
    is_set = reading.answers.is_set(c.DATA_DIR)
    return (reading.settings.data_dir if is_set else user_config_dir()) / FILE_NAME


def _terminal() -> Terminal | None:
    return Terminal(sys.stdin, sys.stderr) if sys.stdin.isatty() and sys.stderr.isatty() else None


def _is_there(keyring: Callable[[], Keyring]) -> bool:
    try:
        keyring()
    except SettingsError:
        return False
    return True


def _keep_in_keyring(answered: Answered, keyring: Callable[[], Keyring]) -> None:
    for setting, secret in answered.in_keyring.items():
        keyring().set(entry_name(setting), secret.reveal())
    if answered.in_keyring and c.KEYRING.key is not None:
        answered.values[c.KEYRING.key] = "true"


def _files(target: Path, answered: Answered) -> dict[Path, str]:
    """All files to write, the secrets first: the settings are not to name what is not there."""
    files = {}
    for setting, secret in answered.in_files.items():
        if setting.key is not None:
            table, key = setting.key
            path = Path(_SECRETS, setting.name.lower())
            answered.values[table, f"{key}_file"] = quoted(path.as_posix())
            files[target.parent / path] = f"{secret.reveal()}\n"
    accounts = [answered.account] if answered.account else []
    return {**files, target: template(answered.values, accounts)}


def _hints(target: Path) -> list[str]:
    hints = ["look at it with: broker-sync config check"]
    if read_settings().settings.config_path != target:
        hints.append(f"it is read when BROKER_SYNC_CONFIG={target} is set")
    return hints
