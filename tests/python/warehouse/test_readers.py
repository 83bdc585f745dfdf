"""Readers see what is there, and no build ever waits for them."""

import errno
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psycopg2
import pytest

from inventory_allocation.errors import InputError, InventoryAllocationError
from inventory_allocation.warehouse import DbtProject
from inventory_allocation.warehouse.readers import DuckDBCopies, PostgresReader, open_reader
from postgres_server import Database

ROOT = Path(__file__).parents[3]
WRITER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("insert into t values (" + sys.argv[2] + ")")
print("written", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table t (a integer)")
        connection.execute("create view v as select a from warehouse.main.t")
    return path


@contextmanager
def writer(path: Path, value: int) -> Iterator[subprocess.Popen]:
    """Another process that has written a row and keeps the file open."""
    command = [sys.executable, "-c", WRITER, str(path), str(value)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    yield process
    process.communicate("\n")


def values(source: DuckDBCopies | PostgresReader) -> list[int]:
    with source.open() as warehouse:
        return warehouse.query("select a from v order by a")["a"].to_pylist()


def test_a_build_can_write_while_pages_read(path: Path) -> None:
    copies = DuckDBCopies(path)
    assert not copies.refresh().is_building
    with copies.open() as warehouse, writer(path, 1) as process:
        assert warehouse.query("select count(*) as n from t")["n"].to_pylist() == [0]
    assert process.returncode == 0
    state = copies.refresh()
    assert values(copies) == [1]
    assert not state.is_building


def test_while_a_build_is_at_work_the_copy_before_is_shown(path: Path) -> None:
    copies = DuckDBCopies(path)
    before = copies.refresh()
    with writer(path, 1):
        during = copies.refresh()
        assert during.is_building
        assert during.version == before.version
        assert values(copies) == []
    after = copies.refresh()
    assert after.version != before.version
    assert values(copies) == [1]
    assert copies.refresh() == after


def test_a_build_that_was_there_first_leaves_nothing_to_show(path: Path) -> None:
    copies = DuckDBCopies(path)
    with writer(path, 1):
        state = copies.refresh()
        assert state.read_at is None
        assert state.is_building
        with pytest.raises(InventoryAllocationError, match="no copy yet"), copies.open():
            pass


def test_rows_of_a_killed_build_are_read_from_its_log(path: Path) -> None:
    copies = DuckDBCopies(path)
    copies.refresh()
    with writer(path, 7) as process:
        process.kill()
        process.wait()
        assert path.with_name(f"{path.name}.wal").exists()
        assert not copies.refresh().is_building
        assert values(copies) == [7]


def test_without_a_file_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="make demo"):
        DuckDBCopies(tmp_path / "warehouse.duckdb").refresh()


def test_old_copies_are_removed(path: Path) -> None:
    copies = DuckDBCopies(path)
    for value in (1, 2, 3):
        with writer(path, value):
            pass
        copies.refresh()
    with copies.open() as warehouse:
        folder = Path(warehouse.location).parents[1]
    assert len(list(folder.rglob("*.duckdb"))) == 1


def test_a_full_disk_is_named_and_the_copy_before_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = DuckDBCopies(path)
    copies.refresh()
    with writer(path, 1):
        pass

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("inventory_allocation.warehouse.readers._copy_file", fail)
        with pytest.raises(InventoryAllocationError, match=r"No space left.*TMPDIR"):
            copies.refresh()
        assert values(copies) == []
    copies.refresh()
    assert values(copies) == [1]


def test_copies_of_a_killed_process_are_removed(path: Path) -> None:
    code = "import sys, pathlib\nfrom inventory_allocation.warehouse.readers import DuckDBCopies\n"
    code += "copies = DuckDBCopies(pathlib.Path(sys.argv[1]))\ncopies.refresh()\n"
    code += "with copies.open() as warehouse: print(warehouse.location, flush=True)\ninput()"
    command = [sys.executable, "-c", code, str(path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    copy = Path(process.stdout.readline().strip())
    DuckDBCopies(path)
    assert copy.exists()
    process.kill()
    process.wait()
    DuckDBCopies(path)
    assert not copy.exists()


@pytest.fixture
def reader(database: Database, monkeypatch: pytest.MonkeyPatch) -> PostgresReader:
    for name, value in database.environment.items():
        monkeypatch.setenv(name, value)
    project = DbtProject(ROOT, ROOT / "tests" / "profiles", "postgres")
    source = open_reader(project)
    assert isinstance(source, PostgresReader)
    return source


def connect(database: Database) -> psycopg2.extensions.connection:
    environment = database.environment
    return psycopg2.connect(
        host=environment["INVENTORY_ALLOCATION_POSTGRES_HOST"],
        dbname=environment["INVENTORY_ALLOCATION_POSTGRES_DATABASE"],
        user=environment.get("INVENTORY_ALLOCATION_POSTGRES_USER", "postgres"),
    )


def test_postgres_is_read_without_a_lock_that_stays(
    database: Database, reader: PostgresReader
) -> None:
    builder = connect(database)
    with builder, builder.cursor() as cursor:
        cursor.execute("create table t (a integer); create view v as select a from t")
        cursor.execute("insert into t values (1)")
    assert values(reader) == [1]
    with builder, builder.cursor() as cursor:
        cursor.execute("set lock_timeout = '1s'")
        cursor.execute("drop table t cascade")
    builder.close()


def test_a_reader_cannot_write_to_postgres(database: Database, reader: PostgresReader) -> None:
    with connect(database) as builder, builder.cursor() as cursor:
        cursor.execute("create table t (run_id text)")
    with (
        pytest.raises(psycopg2.errors.ReadOnlySqlTransaction),
        reader.open() as warehouse,
    ):
        warehouse.remove_runs(["t"], ["x"])


def test_a_dropped_connection_is_opened_again(database: Database, reader: PostgresReader) -> None:
    with connect(database) as builder, builder.cursor() as cursor:
        cursor.execute("create table t (a integer); create view v as select a from t")
    assert values(reader) == []
    with connect(database) as builder, builder.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )
    time.sleep(0.2)
    with pytest.raises(InventoryAllocationError, match="load the page again"):
        values(reader)
    assert values(reader) == []


def test_values_that_people_type_are_no_sql(database: Database, reader: PostgresReader) -> None:
    with connect(database) as builder, builder.cursor() as cursor:
        cursor.execute("create table t (name text); insert into t values ('it''s; drop table t')")
    with reader.open() as warehouse:
        sql = "select count(*) as n from t where name = ?"
        for name, count in (("it's; drop table t", 1), ("' or 1 = 1 --", 0)):
            assert warehouse.query(sql, [name])["n"].to_pylist() == [count]
