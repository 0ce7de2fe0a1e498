"""``broker-sync backup`` and ``broker-sync restore``."""

from __future__ import annotations

from pathlib import Path

from broker_sync import __version__
from broker_sync.backup import back_up, restore
from broker_sync.cli.clock import CLOCK, Clock
from broker_sync.cli.integrity import audit
from broker_sync.cli.output import print_line, result_output
from broker_sync.cli.started import started
from broker_sync.errors import SettingsError
from broker_sync.lock import RunLock
from broker_sync.report.wording import counted

__all__ = ["run_backup", "run_restore"]


def run_backup(*, to: Path | None, keep: int | None, clock: Clock = CLOCK) -> int:
    """Make a backup in the folder `to` (else ``backups`` in the data directory), and tell where it is.

    A run may be at work meanwhile. The exit status.
    """
    settings = started()
    if keep is not None and keep < 1:
        raise SettingsError(f"--keep {keep}: at least 1 backup is kept")
    folder = settings.data_dir / "backups" if to is None else to
    made = back_up(settings.data_dir, folder, now=clock.now(), program=__version__, keep=keep)
    files = made.manifest.files
    with result_output():
        size = counted(sum(file.size for file in files), "byte")
        print_line(f"Backup {made.path}: {counted(len(files), 'file')}, {size}")
        for path in made.removed:
            print_line(f"Removed {path}")
    return 0


def run_restore(*, backup: Path, into: Path | None, force: bool, clock: Clock = CLOCK) -> int:
    """Put `backup` into the directory `into`, else into the data directory, and tell so; the exit status."""
    settings = started()
    folder = settings.data_dir if into is None else into.absolute()
    with RunLock(folder, now=clock.now):
        restored = restore(
            backup, folder, now=clock.now(), check=lambda work: audit(work).findings, force=force
        )
    made = restored.manifest
    with result_output():
        print_line(
            f"Restored {backup}, made {made.made_at:%Y-%m-%d %H:%M UTC} by {made.program}, into {folder}: "
            f"{counted(len(made.files), 'file')}, all of it read and found whole"
        )
        if restored.aside is not None:
            print_line(f"What was there before is in {restored.aside}")
    return 0
