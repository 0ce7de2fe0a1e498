"""The commands and their options."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from broker_sync import __version__

__all__ = ["app", "main"]

_NAME: Final = "broker-sync"

# Rich help would load Rich before every answer; tracebacks are shown by us, and only when they are asked for.
app = typer.Typer(
    name=_NAME,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with `arguments` (None: this process's); raises SystemExit with its exit status."""
    app(args=arguments, prog_name=_NAME)


def _day(text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day of the form YYYY-MM-DD") from None


def _say_version(wanted: bool) -> None:  # noqa: FBT001  # called so by typer
    if wanted:
        typer.echo(f"{_NAME} {__version__}")
        raise typer.Exit


@app.callback()
def _broker_sync(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keep a portfolio tracker equal to the broker.

    Statements are read, booked once each, and compared with what the broker says the account holds.
    """


_Files = Annotated[
    list[Path] | None,
    typer.Option(
        "--file",
        metavar="PATH",
        exists=True,
        dir_okay=False,
        help="A Flex statement (XML); give the option again for more.",
    ),
]
_Since = Annotated[
    dt.date | None,
    typer.Option(parser=_day, metavar="DAY", help="Leave out what was booked before this day (YYYY-MM-DD)."),
]
_Until = Annotated[
    dt.date | None,
    typer.Option(parser=_day, metavar="DAY", help="Leave out what was booked after this day (YYYY-MM-DD)."),
]
_SyncedAccount = Annotated[
    str | None, typer.Option("--account", metavar="ID", help="Only this account of the broker's.")
]
_Sink = Annotated[
    str | None, typer.Option("--sink", metavar="NAME", help="Where to book: ledger, the embedded one.")
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")]
_Strict = Annotated[
    bool, typer.Option("--strict", help="Exit with 4 if a record was not booked, or if the sides differ.")
]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_ListedAccount = Annotated[
    str | None,
    typer.Option("--account", metavar="ID", help="Only this account, by the broker's or the tracker's id."),
]


@app.command("ibkr")
def _ibkr(
    *,
    files: _Files = None,
    since: _Since = None,
    until: _Until = None,
    account: _SyncedAccount = None,
    sink: _Sink = None,
    dry_run: _DryRun = False,
    strict: _Strict = False,
    as_json: _Json = False,
) -> None:
    """Sync Interactive Brokers Flex statements.

    Their records are booked once each; then positions and cash at the broker are compared with the tracker's.

    Exit status: 0 done; 1 something failed; 2 wrong settings or arguments; 3 the statement is refused and
    nothing was booked; 4 with --strict, see there; 75 try again later.
    """
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415  # see the docstring of the package
    from broker_sync.cli.ibkr import run_ibkr  # noqa: PLC0415
    from broker_sync.cli.request import Request  # noqa: PLC0415

    request = Request(
        files=tuple(files or ()),
        since=since,
        until=until,
        account=account,
        sink=sink,
        dry_run=dry_run,
        strict=strict,
        as_json=as_json,
    )
    raise typer.Exit(status_of(lambda: run_ibkr(request)))


@app.command("activities")
def _activities(*, account: _ListedAccount = None, as_json: _Json = False) -> None:
    """Print the embedded ledger.

    Everything that was booked, in the order of time; with --json one object a line.
    """
    from broker_sync.cli.activities import run_activities  # noqa: PLC0415
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415

    raise typer.Exit(status_of(lambda: run_activities(account=account, as_json=as_json)))


@app.command("version")
def _show_version() -> None:
    """Print the version."""
    _say_version(wanted=True)
