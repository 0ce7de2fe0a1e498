"""``broker-sync completion``: the script by which a shell asks this program what may come next."""

from __future__ import annotations

# Typer has it in every release, and does not list it.
from typer.completion import get_completion_script  # type: ignore[attr-defined]

__all__ = ["script_for"]


def script_for(shell: str, *, program: str) -> str:
    """The script for `shell`: ``bash``, ``zsh`` or ``fish``."""
    variable = f"_{program.replace('-', '_').upper()}_COMPLETE"
    script: str = get_completion_script(prog_name=program, complete_var=variable, shell=shell)
    return script
