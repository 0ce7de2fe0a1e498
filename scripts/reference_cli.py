"""The reference of the commands, out of the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import typer.main
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from broker_sync.cli.app import app

__all__ = ["commands", "options"]


def commands() -> str:
    """A part for each command, in the order in which the help lists them."""
    return "".join(f"\n{_part(command, name)}\n" for name, command in _all()) + "\n"


def options() -> Mapping[str, Sequence[str]]:
    """The options of each command, by its whole name."""
    return {name: [word for each in command.params for word in each.opts] for name, command in _all()}


def _all() -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    yield from _within(typer.main.get_command(app), "broker-sync")


def _within(command: object, name: str) -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    if not isinstance(command, TyperCommand | TyperGroup):
        raise TypeError(f"{name} is a {type(command)}, none of typer's")
    if command.hidden:
        return
    yield name, command
    if isinstance(command, TyperGroup):
        for inner in command.commands.values():
            yield from _within(inner, f"{name} {inner.name}")


def _part(command: TyperCommand | TyperGroup, name: str) -> str:
    arguments = [each for each in command.params if isinstance(each, TyperArgument) and not each.hidden]
    options = [each for each in command.params if isinstance(each, TyperOption) and not each.hidden]
    words = [name, *(_shown(each) for each in arguments)]
    if isinstance(command, TyperGroup):
        words.append("[COMMAND]" if command.invoke_without_command else "COMMAND")
    if options:
        words.append("[OPTIONS]")
    lines = [f"## `{name}`", "", *_paragraphs(command.help or "")]
    lines += ["```text", " ".join(words), "```"]
    rows = [*(_row(f"`{_shown(each)}`", each.help or "") for each in arguments), *map(_option, options)]
    if rows:
        lines += ["", "| option | meaning |", "| --- | --- |", *rows]
    return "\n".join(lines)


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.strip().split("\n\n"):
        if paragraph:
            yield " ".join(paragraph.split())
            yield ""


def _shown(argument: TyperArgument) -> str:
    name = argument.metavar or (argument.name or "").upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _option(option: TyperOption) -> str:
    metavar = "" if option.is_flag else f" {option.metavar or 'VALUE'}"
    names = ", ".join(f"`{each}{metavar}`" for each in [*option.opts, *option.secondary_opts])
    needed = " It must be given." if option.required else ""
    return _row(names, f"{option.help or ''}{needed}")


def _row(name: str, text: str) -> str:
    return f"| {name} | {' '.join(text.split())} |"
