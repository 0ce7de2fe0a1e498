"""The reference of what ``--json`` prints: tables for people, a JSON Schema for programs."""

from __future__ import annotations

from typing import Any

from scripts.output_shapes import COMMANDS, PLAIN, SHAPES

__all__ = ["commands", "schema", "shapes"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema(*, is_closed: bool = False) -> dict[str, Any]:
    """Each shape under its name in ``$defs``; `is_closed` forbids what the shape does not name."""
    return {
        "$schema": _DRAFT,
        "title": "What broker-sync prints with --json",
        "description": "Each command prints one of these, by name; more names may be added to an object.",
        "$defs": {name: _object(name, is_closed=is_closed) for name in SHAPES},
        "anyOf": [{"$ref": _place(name)} for name in dict.fromkeys(_shape_of(each) for each in COMMANDS)],
    }


def commands() -> str:
    """A row for each command."""
    rows = [f"| `{name}` | {_linked(_shape_of(name))}{_manner(name)} |" for name in COMMANDS]
    return "\n".join(["| command | what it prints |", "| --- | --- |", *rows, ""])


def shapes() -> str:
    """A part for each shape."""
    return "".join(f"\n### {name}\n\n{_fields(name)}" for name in SHAPES) + "\n"


def _shape_of(command: str) -> str:
    return COMMANDS[command].partition(",")[0]


def _manner(command: str) -> str:
    _, comma, manner = COMMANDS[command].partition(",")
    return f"{comma}{manner}"


def _object(name: str, *, is_closed: bool) -> dict[str, Any]:
    fields = SHAPES[name]
    return {
        "type": "object",
        "properties": {each.removesuffix("?"): _type(kind) for each, kind in fields.items()},
        "required": [each for each in fields if not each.endswith("?")],
        **({"additionalProperties": False} if is_closed else {}),
    }


def _type(kind: str) -> dict[str, Any]:
    if kind.endswith("?"):
        return {"anyOf": [_type(kind.removesuffix("?")), {"type": "null"}]}
    if kind.startswith("["):
        return {"type": "array", "items": _type(kind[1:-1])}
    return {"$ref": _place(kind)} if kind in SHAPES else dict(PLAIN[kind][0])


def _place(name: str) -> str:
    return f"#/$defs/{name.replace(' ', '%20')}"


def _fields(name: str) -> str:
    rows = [
        f"| `{each.removesuffix('?')}` | {_said(kind)}{'; may be missing' * each.endswith('?')} |"
        for each, kind in SHAPES[name].items()
    ]
    return "\n".join(["| name | is |", "| --- | --- |", *rows, ""])


def _said(kind: str) -> str:
    if kind.endswith("?"):
        return f"{_said(kind.removesuffix('?'))}, or null"
    if kind.startswith("["):
        return f"a list, each {_said(kind[1:-1])}"
    return _linked(kind) if kind in SHAPES else PLAIN[kind][1]


def _linked(shape: str) -> str:
    return f"[{shape}](#{shape.replace(' ', '-')})"
