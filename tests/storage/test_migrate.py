"""Migrations lead to the tables the code works with, as a whole or not at all."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from broker_sync.dedup import SyncRecordStore
from broker_sync.dedup.tables import SCHEMA as SYNC
from broker_sync.errors import StoreError
from broker_sync.sinks.ledger import LedgerSink
from broker_sync.sinks.ledger.tables import SCHEMA as PORTFOLIO
from broker_sync.storage import Database, Schema, open_database
from broker_sync.storage.engine import memory_database, reading, writing
from broker_sync.storage.migrate import migrate, revision_of

both = pytest.mark.parametrize("schema", [SYNC, PORTFOLIO], ids=lambda schema: schema.name)


def made(path: Path, schema: Schema) -> Path:
    database = Database(path, schema=schema)
    with database.writing():
        pass
    database.close()
    return path


def statements(path: Path) -> set[str]:
    """How everything in the database was made, apart from alembic's own table."""
    engine = open_database(path, read_only=True)
    with reading(engine) as connection:
        found = (
            connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")).scalars().all()
        )
    engine.dispose()
    return {statement for statement in found if "alembic_version" not in statement}


def schema_of(path: Path) -> set[tuple[str, str, str]]:
    """Everything in the database, by name, white space aside, and the revision that it is at."""
    engine = open_database(path, read_only=True)
    with reading(engine) as connection:
        found = connection.execute(text("SELECT name, coalesce(sql, '') FROM sqlite_master")).all()
        revision = revision_of(connection)
    engine.dispose()
    return {(name, "".join(sql.split()), str(revision)) for name, sql in found}


def at_revision(path: Path, revision: str) -> None:
    engine = open_database(path)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    engine.dispose()


def migrated(path: Path, schema: Schema) -> Path:
    engine = open_database(path)
    migrate(engine, schema)
    engine.dispose()
    return path


@both
def test_the_migrations_make_the_tables_that_the_code_declares(tmp_path: Path, schema: Schema) -> None:
    path = migrated(tmp_path / "kept.db", schema)
    engine = memory_database(schema.metadata, name=path)
    with reading(engine) as connection:
        declared = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")).scalars()
        # A column that is added later stands on no line of its own.
        assert {" ".join(each.split()) for each in statements(path)} == {
            " ".join(each.split()) for each in declared
        }
    engine.dispose()


@both
def test_a_new_database_is_what_the_migrations_make(tmp_path: Path, schema: Schema) -> None:
    new, old = made(tmp_path / "new.db", schema), migrated(tmp_path / "old.db", schema)
    assert schema_of(new) == schema_of(old)
    at_revision(new, schema.revisions[-1])
    assert made(new, schema) == new


@both
def test_the_names_of_the_files_say_the_revisions(schema: Schema) -> None:
    scripts = ScriptDirectory(str(schema.scripts))
    assert [script.revision for script in reversed(list(scripts.walk_revisions()))] == list(schema.revisions)
    assert scripts.get_heads() == [schema.revisions[-1]]


@both
def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path, schema: Schema) -> None:
    path = made(tmp_path / "kept.db", schema)
    at_revision(path, f"{schema.name}_9999")
    before = path.read_bytes()
    for read_only in (False, True):
        database = Database(path, schema=schema, read_only=read_only)
        with pytest.raises(StoreError, match=r"kept\.db is at revision .*_9999.*newer"), database.reading():
            pass
        database.close()
    assert path.read_bytes() == before


def test_the_other_store_is_not_mistaken_for_this_one(tmp_path: Path) -> None:
    database = Database(made(tmp_path / "sync.db", PORTFOLIO), schema=SYNC)
    with pytest.raises(StoreError, match=r"sync\.db is at revision portfolio_0001"), database.reading():
        pass
    database.close()


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "sync.db")
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE holidays (day TEXT)"))
    engine.dispose()
    before = (tmp_path / "sync.db").read_bytes()
    database = Database(tmp_path / "sync.db", schema=SYNC)
    with (
        pytest.raises(StoreError, match=r"sync\.db is not a sync database of broker-sync"),
        database.writing(),
    ):
        pass
    database.close()
    assert (tmp_path / "sync.db").read_bytes() == before


NEXT = f"sync_{int(SYNC.revisions[-1].removeprefix('sync_')) + 1:04d}"
_TEXT = """
from alembic import op
revision, down_revision = "<next>", "<last>"
def upgrade():
    op.execute("CREATE TABLE more (n INTEGER)")
    op.execute("INSERT INTO runs (provider, version, started_at) VALUES ('ibkr', '2', 'now')")
    {end}
"""
SECOND = _TEXT.replace("<next>", NEXT).replace("<last>", SYNC.revisions[-1])


@pytest.fixture
def next_version(tmp_path: Path) -> Path:
    """The folder of the sync migrations, to which a second one can be added."""
    return Path(shutil.copytree(SYNC.scripts, tmp_path / "migrations"))


def test_a_migration_that_fails_half_way_has_not_happened(tmp_path: Path, next_version: Path) -> None:
    path = made(tmp_path / "sync.db", SYNC)
    before = statements(path)
    (next_version / "versions" / f"{NEXT[-4:]}_more.py").write_text(
        SECOND.format(end="raise ZeroDivisionError")
    )
    database = Database(path, schema=Schema(name="sync", metadata=SYNC.metadata, folder=next_version))
    with pytest.raises(ZeroDivisionError), database.writing():
        pass
    database.close()
    assert statements(path) == before
    with SyncRecordStore(path) as store:
        assert store.begin_run(provider="ibkr", version="1") == 1


def test_an_older_database_is_brought_up_to_date_and_keeps_what_it_has(
    tmp_path: Path, next_version: Path
) -> None:
    path = tmp_path / "sync.db"
    with SyncRecordStore(path) as store:
        store.begin_run(provider="ibkr", version="1")
    (next_version / "versions" / f"{NEXT[-4:]}_more.py").write_text(SECOND.format(end="pass"))
    database = Database(path, schema=Schema(name="sync", metadata=SYNC.metadata, folder=next_version))
    with database.reading() as connection:
        assert revision_of(connection) == NEXT
        assert connection.execute(text("SELECT version FROM runs")).scalars().all() == ["1", "2"]
    database.close()


def test_an_older_database_is_read_as_if_up_to_date_but_not_changed(
    tmp_path: Path, next_version: Path
) -> None:
    path = made(tmp_path / "data" / "sync.db", SYNC)
    before = path.read_bytes(), path.stat().st_mtime_ns
    (next_version / "versions" / f"{NEXT[-4:]}_more.py").write_text(SECOND.format(end="pass"))
    schema = Schema(name="sync", metadata=SYNC.metadata, folder=next_version)
    database = Database(path, schema=schema, read_only=True)
    with database.reading() as connection:
        assert connection.execute(text("SELECT version FROM runs")).scalars().all() == ["2"]
    database.close()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(path.parent.iterdir()) == [path]


def imports(statement: str) -> str:
    """Which of the heavy packages are imported after `statement` in a fresh interpreter."""
    script = f"import sys; {statement}; print({{'alembic', 'sqlalchemy'}} & sys.modules.keys())"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_alembic_is_imported_neither_for_a_new_database_nor_for_a_current_one(tmp_path: Path) -> None:
    path = tmp_path / "sync.db"
    opened = "; ".join(
        [
            "from broker_sync.dedup import SyncRecordStore",
            f"store = SyncRecordStore({str(path)!r})",
            "store.begin_run(provider='ibkr', version='1')",
            "store.close()",
        ]
    )
    assert "alembic" not in imports(opened)
    assert "alembic" not in imports(opened)


def test_the_stores_are_found_in_the_directory_they_share(tmp_path: Path) -> None:
    with SyncRecordStore(tmp_path) as store, LedgerSink(tmp_path) as ledger:
        store.begin_run(provider="ibkr", version="1")
        assert list(ledger.activities()) == []
    assert sorted(file.name for file in tmp_path.iterdir()) == ["portfolio.db", "sync.db"]
