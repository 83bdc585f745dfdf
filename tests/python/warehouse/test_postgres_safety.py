"""Postgres: readers and failures never see a half-made table, and names are only names."""

import random
import threading
import time
from pathlib import Path

import psycopg2
import pytest

from inventory_allocation.errors import InventoryAllocationError
from postgres_server import Database
from warehouse.kill import run_and_kill
from warehouse.small_project import SOURCE, write_project

ROWS = 20000
VERSIONED = {
    "from_python.py": f"""
def model(dbt, session):
    dbt.config(materialized='table')
    version = dbt.config.meta_get('version')
    return session.sql(f'select {{version}} as version, range as id from range({ROWS})')
""",
    "from_python.yml": """
version: 2
models:
  - name: from_python
    config:
      meta: {version: "{{ var('version') }}"}
      indexes: [{columns: [id], unique: true}]
""",
    "from_sql.sql": "{{ config(materialized='table') }} select * from {{ ref('from_python') }}",
    "shown.sql": "{{ config(materialized='view') }} select * from {{ ref('from_sql') }}",
}
TABLES = ("main.from_python", "main.from_sql")


def versions(database: Database, table: str) -> set[tuple[int, int]]:
    """Rows by version."""
    return set(database.query(f"select version, count(*) from {table} group by version"))


def test_a_reader_sees_the_old_rows_or_the_new(tmp_path: Path, database: Database) -> None:
    write_project(tmp_path, database, VERSIONED, version=0).run("run")
    is_done = threading.Event()
    seen: dict[str, set[tuple[int, int, int]]] = {table: set() for table in TABLES}
    errors: list[Exception] = []
    reads = 0

    def poll() -> None:
        nonlocal reads
        connection = database.connect()
        try:
            with connection.cursor() as cursor:
                while not is_done.is_set():
                    for table in TABLES:
                        cursor.execute(f"select min(version), max(version), count(*) from {table}")
                        seen[table].add(cursor.fetchone())
                        reads += 1
                    time.sleep(0.002)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    reader = threading.Thread(target=poll)
    reader.start()
    try:
        for version in (1, 2, 3):
            write_project(tmp_path, database, VERSIONED, version=version).run("run")
    finally:
        is_done.set()
        reader.join()
    assert errors == []
    assert reads > 200
    whole = {(version, version, ROWS) for version in range(4)}
    for table in TABLES:
        assert seen[table] <= whole
        assert (3, 3, ROWS) in seen[table]


def test_a_failing_index_leaves_the_old_table(tmp_path: Path, database: Database) -> None:
    write_project(tmp_path, database, VERSIONED, version=0).run("run")
    twice = VERSIONED["from_python.py"].replace("range as id", "range % 7 as id")
    broken = write_project(tmp_path, database, VERSIONED | {"from_python.py": twice}, version=1)
    with pytest.raises(InventoryAllocationError, match="unique index"):
        broken.run("run")
    for table in TABLES:
        assert versions(database, table) == {(0, ROWS)}
    assert database.leftovers() == []


def test_dbt_killed_at_random_leaves_old_or_new_and_nothing_else(
    tmp_path: Path, database: Database
) -> None:
    write_project(tmp_path, database, VERSIONED, version=0)

    def run(version: int, after_seconds: float | None = None) -> float:
        command = [
            *("dbt.cli.main", "run", "--vars", f"{{version: {version}}}"),
            *("--project-dir", str(tmp_path), "--profiles-dir", str(tmp_path)),
        ]
        return run_and_kill(command, database, after_seconds)

    run(0)
    seconds = run(1)
    held = dict.fromkeys(TABLES, 1)
    is_new = []
    rng = random.Random(20260628)
    # Before the first write, after the last, and at ten random moments between.
    shares = [0.0, 3.0, *(rng.uniform(0, 1.1) for _ in range(10))]
    for version, share in enumerate(shares, start=2):
        run(version, share * seconds)
        for table in TABLES:
            found = versions(database, table)
            assert found in ({(held[table], ROWS)}, {(version, ROWS)})
            held[table] = found.pop()[0]
            is_new.append(held[table] == version)
        assert database.leftovers() == []
    assert set(is_new) == {False, True}


HOSTILE = "x\"; drop table raw.keep; --'日本 %s"


def test_hostile_names_are_only_names(tmp_path: Path, database: Database) -> None:
    quoted = '"' + HOSTILE.replace('"', '""') + '"'
    text = HOSTILE.replace("'", "''")
    database.query("create schema raw; create table raw.keep as select 1 as id")
    database.query(f"create schema {quoted}")
    database.query(f"create table {quoted}.{quoted} as select '{text}'::text as {quoted}")
    escaped = "'" + HOSTILE.replace("'", "''") + "'"
    sources = SOURCE.format(schema=escaped, table=escaped)
    read = repr([HOSTILE, HOSTILE]).strip("[]")
    models = {
        "sources.yml": sources.replace("name: raw", f"name: {escaped}"),
        "copied.py": f"def model(dbt, session):\n    return dbt.source({read})\n",
    }
    project = write_project(tmp_path, database, models, profile={"schema": "out; put"})
    project.run("run")
    project.run("run")
    assert database.query('select * from "out; put".copied') == [(HOSTILE,)]
    columns = "select attname from pg_attribute where attrelid = '\"out; put\".copied'::regclass"
    assert database.query(columns + " and attnum > 0") == [(HOSTILE,)]
    assert database.query("select count(*) from raw.keep") == [(1,)]


def test_sql_models_build_in_a_schema_with_a_hostile_name(
    tmp_path: Path, database: Database
) -> None:
    models = {
        "plain.sql": "{{ config(materialized='table') }} select 1 as id",
        "steps.sql": "{{ config(materialized='incremental') }} select * from {{ ref('plain') }}",
    }
    project = write_project(tmp_path, database, models, profile={"schema": HOSTILE})
    project.run("run")
    project.run("run")
    quoted = '"' + HOSTILE.replace('"', '""') + '"'
    assert database.query(f"select * from {quoted}.plain") == [(1,)]
    assert database.query(f"select * from {quoted}.steps") == [(1,), (1,)]


def test_a_python_model_whose_own_name_is_code_is_refused(
    tmp_path: Path, database: Database
) -> None:
    models = {
        "named.py": "def model(dbt, session):\n    return session.sql('select 1 as id')\n",
        "named.yml": "version: 2\nmodels:\n  - name: named\n    config: {alias: \"a' + 'b\"}\n",
    }
    with pytest.raises(InventoryAllocationError, match="name of a Python model"):
        write_project(tmp_path, database, models).run("run")


SECRET = "correct-horse-battery"


def test_no_password_reaches_a_log_an_error_or_a_file(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_ENV_SECRET_PASSWORD", SECRET)
    profile = {"password": "{{ env_var('DBT_ENV_SECRET_PASSWORD') }}"}
    models = VERSIONED | {"broken.py": "def model(dbt, session):\n    return 1 / 0\n"}
    project = write_project(tmp_path, database, models, profile=profile, version=1)
    with pytest.raises(InventoryAllocationError) as failed:
        project.run("run", "--log-level-file", "debug")
    unreachable = write_project(
        tmp_path / "other", database, models, profile=profile | {"host": "127.0.0.1", "port": 1}
    )
    from inventory_allocation.warehouse import open_warehouse

    with pytest.raises(InventoryAllocationError, match="cannot be reached") as refused:
        open_warehouse(unreachable)
    assert SECRET not in str(failed.value) + str(refused.value)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "dbt.log" for path in written)
    assert [path for path in written if SECRET.encode() in path.read_bytes()] == []


def test_text_that_postgres_cannot_hold_is_a_clear_error(
    tmp_path: Path, database: Database
) -> None:
    models = {
        "broken.py": "import pandas as pd\n"
        "def model(dbt, session):\n    return pd.DataFrame({'t': ['a\\x00b']})\n"
    }
    with pytest.raises(InventoryAllocationError, match="line 1"):
        write_project(tmp_path, database, models).run("run")
    with pytest.raises(psycopg2.errors.UndefinedTable):
        database.query("select * from main.broken")
