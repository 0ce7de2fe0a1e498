"""The commands and their options."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from broker_sync import __version__

__all__ = ["app", "main"]

_NAME: Final = "broker-sync"

# Rich help would load Rich before every answer; tracebacks are shown by us, and only when they are asked for.
app = typer.Typer(
    name=_NAME,
    add_completion=True,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with `arguments` (None: this process's); raises SystemExit with its exit status."""
    _command()(args=arguments, prog_name=_NAME)


@cache
def _command() -> Callable[..., Any]:
    # To put all commands and options together takes longer than most of them run.
    return typer.main.get_command(app)


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


# Of a sync, what is wrong with a file is told as everything else is, in JSON too: typer would not.
_GivenFiles = Annotated[
    list[Path] | None,
    typer.Option("--file", metavar="PATH", help="A Flex statement (XML); give the option again for more."),
]
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
    str | None,
    typer.Option("--sink", metavar="NAME", help="Where to book: wealthfolio, or ledger, the embedded one."),
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


_AcceptChange = Annotated[
    bool,
    typer.Option("--accept-query-change", help="Take a statement whose query lacks what it used to have."),
]

_Explain = Annotated[bool, typer.Option("--explain", help="Say which records account for each difference.")]
_CreateAccount = Annotated[
    bool, typer.Option("--create-account", help="Make the account in the tracker if it is not there.")
]
_Adopt = Annotated[
    bool,
    typer.Option("--adopt", help="Take over rows that a person typed into the tracker for the same things."),
]
_Metrics = Annotated[
    str | None,
    typer.Option("--metrics", metavar="WHERE", help="pushgateway, textfile or none, whatever is set."),
]

_ibkr_app = typer.Typer(
    name="ibkr", add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)
app.add_typer(_ibkr_app)


@_ibkr_app.callback(invoke_without_command=True)
def _ibkr(
    context: typer.Context,
    *,
    files: _GivenFiles = None,
    since: _Since = None,
    until: _Until = None,
    account: _SyncedAccount = None,
    sink: _Sink = None,
    dry_run: _DryRun = False,
    strict: _Strict = False,
    as_json: _Json = False,
    accept_query_change: _AcceptChange = False,
    metrics: _Metrics = None,
    create_account: _CreateAccount = False,
    adopt: _Adopt = False,
    explain: _Explain = False,
) -> None:
    """Sync Interactive Brokers Flex statements: downloaded, or given with --file.

    Their records are booked once each; then positions and cash at the broker are compared with the tracker's.

    Exit status: 0 done; 1 something failed; 2 wrong settings or arguments; 3 the statement is refused and
    nothing was booked; 4 with --strict, see there; 75 try again later.
    """
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415  # see the docstring of the package
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
        accept_query_change=accept_query_change,
        metrics=metrics,
        create_account=create_account,
        adopt=adopt,
        explain=explain,
    )
    if context.invoked_subcommand is not None:
        if request != Request(files=()):
            raise typer.BadParameter(f"options go after {context.invoked_subcommand!r}, not before it")
        return
    from broker_sync.cli.ibkr import run_ibkr  # noqa: PLC0415

    raise typer.Exit(status_of(lambda: run_ibkr(request)))


@_ibkr_app.command("status")
def _status(*, as_json: _Json = False) -> None:
    """Say which days are covered, what is asked for next, and whether anything is held up.

    Nobody is asked, and nothing is changed.
    """
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415
    from broker_sync.cli.status import run_status  # noqa: PLC0415

    raise typer.Exit(status_of(lambda: run_status(as_json=as_json)))


@_ibkr_app.command("backfill")
def _backfill(
    *,
    since: Annotated[
        dt.date, typer.Option(parser=_day, metavar="DAY", help="The earliest day to fetch (YYYY-MM-DD).")
    ],
    account: _SyncedAccount = None,
    sink: _Sink = None,
    as_json: _Json = False,
) -> None:
    """Fetch what was before the first day that is covered, the newest first.

    Opening balances are replaced by what really happened. A run that is cut off is picked up where it was by
    calling it again; it ends at the account's first day.
    """
    from broker_sync.cli.backfill import run_backfill  # noqa: PLC0415
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415

    raise typer.Exit(
        status_of(lambda: run_backfill(since=since, account=account, sink=sink, as_json=as_json))
    )


@_ibkr_app.command("doctor")
def _doctor(*, files: _Files = None, as_json: _Json = False) -> None:
    """Say what the Flex query lacks, what that costs, and what to tick.

    Looks at the statements that are given, else at the last one in the archive.

    Exit status: 0, or 3 if a sync would refuse the statement.
    """
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415
    from broker_sync.cli.doctor import run_doctor  # noqa: PLC0415
    from broker_sync.cli.latest import latest_documents  # noqa: PLC0415

    given = tuple(files or ())
    raise typer.Exit(status_of(lambda: run_doctor(files=given, as_json=as_json, latest=latest_documents)))


_archive_app = typer.Typer(
    name="archive",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Look at the statements as they were received.",
)
app.add_typer(_archive_app)


@_archive_app.command("list")
def _archive_list(*, account: _ListedAccount = None, as_json: _Json = False) -> None:
    """List the statements that were received, the earliest first."""
    from broker_sync.cli.archive import run_archive_list  # noqa: PLC0415
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415

    raise typer.Exit(status_of(lambda: run_archive_list(account=account, as_json=as_json)))


@_archive_app.command("show")
def _archive_show(
    start: Annotated[str, typer.Argument(metavar="ID", help="The statement's id, or how it begins.")],
    *,
    as_json: _Json = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="Print the statement itself, as it was received.")
    ] = False,
) -> None:
    """Say what is known of one statement."""
    from broker_sync.cli.archive import run_archive_show  # noqa: PLC0415
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415

    raise typer.Exit(status_of(lambda: run_archive_show(start, as_json=as_json, raw=raw)))


@_archive_app.command("verify")
def _archive_verify(*, as_json: _Json = False) -> None:
    """Read every statement to its end, and say what is missing or damaged."""
    from broker_sync.cli.archive import run_archive_verify  # noqa: PLC0415
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415

    raise typer.Exit(status_of(lambda: run_archive_verify(as_json=as_json)))


_wealthfolio_app = typer.Typer(
    name="wealthfolio",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Look at the Wealthfolio server.",
)
app.add_typer(_wealthfolio_app)


# A single command would otherwise be called without its name.
@_wealthfolio_app.callback()
def _wealthfolio() -> None:
    """Look at the Wealthfolio server."""


@_wealthfolio_app.command("check")
def _wealthfolio_check(*, as_json: _Json = False) -> None:
    """Say what the server is, which accounts are written to, and what works; nothing is written.

    Exit status: 0, or that of a sync which would meet the same.
    """
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415
    from broker_sync.cli.wealthfolio import run_check  # noqa: PLC0415

    raise typer.Exit(status_of(lambda: run_check(as_json=as_json)))


@app.command("reconcile")
def _reconcile(
    *,
    account: _SyncedAccount = None,
    sink: _Sink = None,
    as_of: Annotated[
        dt.date | None,
        typer.Option("--as-of", parser=_day, metavar="DAY", help="As of this day (YYYY-MM-DD)."),
    ] = None,
    explain: _Explain = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 4 if the sides differ.")] = False,
    as_json: _Json = False,
) -> None:
    """Compare both sides as of the last statement, without downloading or writing anything."""
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415
    from broker_sync.cli.reconcile import run_reconcile  # noqa: PLC0415

    raise typer.Exit(
        status_of(
            lambda: run_reconcile(
                account=account, sink=sink, as_of=as_of, explain=explain, strict=strict, as_json=as_json
            )
        )
    )


@app.command("verify")
def _verify(*, as_json: _Json = False) -> None:
    """Check everything that is kept, to the last byte.

    Exit status: 0, or 1 if anything is wrong.
    """
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415
    from broker_sync.cli.verify import run_verify  # noqa: PLC0415

    raise typer.Exit(status_of(lambda: run_verify(as_json=as_json)))


@app.command("backup")
def _backup(
    *,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Where backups are kept.", file_okay=False)
    ] = None,
    keep: Annotated[int | None, typer.Option("--keep", min=1, help="Keep only so many of them.")] = None,
) -> None:
    """Copy everything that is kept, also while a sync is at work."""
    from broker_sync.cli.backup import run_backup  # noqa: PLC0415
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415

    raise typer.Exit(status_of(lambda: run_backup(to=to, keep=keep)))


@app.command("restore")
def _restore(
    backup: Annotated[Path, typer.Argument(metavar="BACKUP", help="The folder of one backup.")],
    *,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="DIR", help="Not the data directory.", file_okay=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Put aside what is there.")] = False,
) -> None:
    """Put a backup in place, once it is proven to be whole."""
    from broker_sync.cli.backup import run_restore  # noqa: PLC0415
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415

    raise typer.Exit(status_of(lambda: run_restore(backup=backup, into=into, force=force)))


@app.command("explain")
def _explain(
    name: Annotated[str, typer.Argument(metavar="ID", help="An external id, or the tracker's id.")],
    *,
    as_json: _Json = False,
) -> None:
    """Tell the whole way of an activity: run, statement, row, and what the tracker has.

    Exit status: 0, or 1 if nothing goes by that id.
    """
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415
    from broker_sync.cli.explain_id import run_explain_id  # noqa: PLC0415

    raise typer.Exit(status_of(lambda: run_explain_id(name, as_json=as_json)))


_notify_app = typer.Typer(
    name="notify",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Tell people when something is wrong.",
)
app.add_typer(_notify_app)


# A single command would otherwise be called without its name.
@_notify_app.callback()
def _notify() -> None:
    """Tell people when something is wrong."""


@_notify_app.command("test")
def _notify_test() -> None:
    """Send a message to every address that is set, to see that it arrives.

    Exit status: 0, 1 if an address did not take it, 2 if there is none.
    """
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415
    from broker_sync.cli.notify import run_notify_test  # noqa: PLC0415

    raise typer.Exit(status_of(run_notify_test))


@app.command("conflicts")
def _conflicts(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="What to decide about, as it is listed.")
    ] = None,
    *,
    keep: Annotated[
        str | None,
        typer.Option("--keep", metavar="SIDE", help="Whose content stands: tracker or broker."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Decide about all that are open.")] = False,
    as_json: _Json = False,
) -> None:
    """List what people have changed in the tracker, or decide about it.

    What a person has changed there is never overwritten. With --keep tracker that stays so until the broker
    says something new of it; with --keep broker the broker's content is written now.

    Exit status: 0, or 1 if there is no such conflict or the tracker refuses.
    """
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415
    from broker_sync.cli.conflicts import run_conflicts, side  # noqa: PLC0415

    raise typer.Exit(
        status_of(lambda: run_conflicts(names or (), keep=side(keep), everything=everything, as_json=as_json))
    )


_config_app = typer.Typer(
    name="config",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Look at the settings, or write a file of them.",
)
app.add_typer(_config_app)


@_config_app.command("check")
def _config_check(
    *,
    as_json: _Json = False,
    everything: Annotated[bool, typer.Option("--all", help="Show what is not set, too.")] = False,
) -> None:
    """Say what is set, where, and what is wrong with it; secrets are not shown.

    Exit status: 0, or 2 if something is wrong.
    """
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415
    from broker_sync.cli.config import run_config_check  # noqa: PLC0415

    raise typer.Exit(status_of(lambda: run_config_check(as_json=as_json, everything=everything)))


@_config_app.command("init")
def _config_init(
    path: Annotated[
        Path | None, typer.Argument(metavar="[PATH]", help="The file to write, else where it is read from.")
    ] = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    assume_defaults: Annotated[bool, typer.Option("--yes", help="Ask nothing, take the defaults.")] = False,
) -> None:
    """Ask what is needed, and write broker-sync.toml."""
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415
    from broker_sync.cli.config_init import run_config_init  # noqa: PLC0415

    raise typer.Exit(
        status_of(lambda: run_config_init(path=path, force=force, assume_defaults=assume_defaults))
    )


@app.command("soak-check")
def _soak_check(
    *,
    days: Annotated[int, typer.Option("--days", min=1, max=366, metavar="N", help="So many nights.")] = 7,
    as_json: _Json = False,
) -> None:
    """Say whether the last nights are good enough: six of seven complete, the last one fresh, no drift.

    Exit status: 0 if so, else 1.
    """
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415
    from broker_sync.cli.soak_check import run_soak_check  # noqa: PLC0415

    raise typer.Exit(status_of(lambda: run_soak_check(days=days, as_json=as_json)))


@app.command("anonymise")
def _anonymise(
    statements: Annotated[
        list[Path],
        typer.Argument(metavar="STATEMENT…", exists=True, dir_okay=False, help="Flex statements (XML)."),
    ],
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="PATH", help="The file to write, or a folder for several; else stdout."
        ),
    ] = None,
    instruments: Annotated[
        bool, typer.Option("--instruments", help="Replace what is held, too: symbols, numbers, prices.")
    ] = False,
    years: Annotated[
        int,
        typer.Option("--shift-years", metavar="N", help="Move all days by N years, a multiple of 4."),
    ] = 0,
    key: Annotated[
        str | None,
        typer.Option("--key", metavar="TEXT", help="The same text replaces alike another time; a secret."),
    ] = None,
) -> None:
    """Make a statement that can be shown: other names, numbers and amounts, and everything still ties.

    docs/anonymise.md says what becomes of each column.
    """
    from broker_sync.cli.anonymise import run_anonymise  # noqa: PLC0415
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415

    raise typer.Exit(
        status_of(
            lambda: run_anonymise(statements, output=output, key=key, instruments=instruments, years=years)
        )
    )


@app.command("replay")
def _replay(
    *,
    into: Annotated[
        Path,
        typer.Option("--into", metavar="DIR", help="An empty folder for the new books.", file_okay=False),
    ],
    as_json: _Json = False,
) -> None:
    """Book everything in the archive once more, into books of their own, and compare.

    Exit status: 0 if they are the same as those of the embedded ledger, else 1.
    """
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415
    from broker_sync.cli.replay import run_replay  # noqa: PLC0415

    raise typer.Exit(status_of(lambda: run_replay(into=into, as_json=as_json)))


@app.command("report")
def _report(
    *,
    html: Annotated[Path, typer.Option("--html", metavar="PATH", help="The file to write.", dir_okay=False)],
    account: _SyncedAccount = None,
    days: Annotated[int, typer.Option("--days", min=1, help="Days of history to show.")] = 90,
) -> None:
    """Write a page that shows how each account stands and how it came to that.

    It needs nothing but itself: no other file, no network, no script.
    """
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415
    from broker_sync.cli.report import run_report  # noqa: PLC0415

    raise typer.Exit(status_of(lambda: run_report(html=html, account=account, days=days)))


@app.command("activities")
def _activities(*, account: _ListedAccount = None, as_json: _Json = False) -> None:
    """Print the embedded ledger.

    Everything that was booked, in the order of time; with --json one object a line.
    """
    from broker_sync.cli.activities import run_activities  # noqa: PLC0415
    from broker_sync.cli.boundary import status_of  # noqa: PLC0415

    raise typer.Exit(status_of(lambda: run_activities(account=account, as_json=as_json)))


class _Shell(StrEnum):
    """The shells that completion is written for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


@app.command("completion")
def _completion(
    shell: Annotated[_Shell, typer.Argument(help="Whose script to print.")],
) -> None:
    """Print what makes a shell complete the commands and options.

    For example: source <(broker-sync completion bash). --install-completion does it for good.
    """
    from broker_sync.cli.completion import script_for  # noqa: PLC0415

    typer.echo(script_for(shell.value, program=_NAME))


@app.command("version")
def _show_version() -> None:
    """Print the version."""
    _say_version(wanted=True)
