"""Brings a database to the newest form of its tables, in one transaction.

Each store has a folder of migrations that the wheel carries. Alembic is imported only when there is something
to do: it takes as long to import as a small sync takes to run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, MetaData, inspect, text

from broker_sync.errors import StoreError
from broker_sync.storage.engine import writing

__all__ = ["Schema", "create", "is_current", "migrate", "revision_of"]

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_VERSION_TABLE: Final = "alembic_version"
# As alembic makes it.
_VERSION_COLUMN: Final = (
    "version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The tables of one store: `metadata` is their newest form, `folder` holds the way there.

    The folder's ``versions/0001_what_it_does.py`` is revision ``<name>_0001``.
    """

    name: str
    metadata: MetaData = field(repr=False)
    folder: Path | None = None

    @property
    def scripts(self) -> Path:
        """The folder of the migrations."""
        return _MIGRATIONS / self.name if self.folder is None else self.folder

    @property
    def revisions(self) -> Sequence[str]:
        """Ids of all migrations, oldest first."""
        names = sorted(path.name for path in (self.scripts / "versions").glob("[0-9]*.py"))
        return [f"{self.name}_{name.partition('_')[0]}" for name in names]


def revision_of(connection: Connection) -> str | None:
    """The revision that the database is at; None when it has none."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    revision: str | None = connection.scalar(text(f"SELECT version_num FROM {_VERSION_TABLE}"))  # noqa: S608
    return revision


def is_current(connection: Connection, schema: Schema, *, path: Path) -> bool:
    """Whether nothing needs to be migrated.

    Raises :class:`~broker_sync.errors.StoreError` when the database is not ours or from a newer version.
    """
    revision = revision_of(connection)
    if revision is None and inspect(connection).get_table_names():
        raise StoreError(f"{path} is not a {schema.name} database of broker-sync; move it away and run again")
    if revision is not None and revision not in schema.revisions:
        raise StoreError(
            f"{path} is at revision {revision}, this version of broker-sync knows none after "
            f"{schema.revisions[-1]}; install the newer version that wrote it, or restore a backup"
        )
    return revision == schema.revisions[-1]


def create(engine: Engine, schema: Schema) -> None:
    """Make the newest form of the tables in an empty database, as all migrations together would, at once.

    Where another program has made them meanwhile, that is enough.
    """
    with writing(engine) as connection:
        if revision_of(connection) is not None:
            return
        schema.metadata.create_all(connection)
        connection.execute(text(f"CREATE TABLE {_VERSION_TABLE} ({_VERSION_COLUMN})"))
        connection.execute(
            text(f"INSERT INTO {_VERSION_TABLE} VALUES (:revision)"),  # noqa: S608
            {"revision": schema.revisions[-1]},
        )


def migrate(engine: Engine, schema: Schema) -> None:
    """Run the migrations that are missing; when one fails, or the program dies, none has happened."""
    from alembic import command  # noqa: PLC0415  # see the module
    from alembic.config import Config  # noqa: PLC0415  # see the module

    config = Config()
    # The configuration reads a percent sign as the start of a reference.
    config.set_main_option("script_location", str(schema.scripts).replace("%", "%%"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
