"""Times a million rows of five columns through a Python model on Postgres, against bare COPY.

Starts a Postgres of its own. Bare COPY writes the rows to a file and reads them from it into a new
table, in one session: what no tool that goes through a client can do without. The model's seconds
are dbt's own: read, hand to the model, write, index-free swap, statistics.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "python"))

from dbt.adapters.postgres_local_python.copy import copy_from_arrow, copy_to_arrow
from inventory_allocation.warehouse import DbtProject
from postgres_server import Database, PostgresServer
from warehouse.small_project import SOURCE, write_project

ROWS = 1_000_000
REPEATS = 3
TABLE = f"""
create schema raw;
create table raw.lines as
select
    n as id,
    'SKU-' || lpad((n % 5000)::text, 6, '0') as sku,
    (n % 97)::double precision / 7 as units,
    (n % 10000)::numeric(18, 2) / 100 as price,
    timestamp '2026-01-01' + n * interval '1 minute' as ordered_at
from generate_series(1, {ROWS}) as n;
alter table raw.lines alter column price type numeric(18, 2);
analyze raw.lines;
"""
MODELS = {
    "sources.yml": SOURCE.format(schema="raw", table="lines"),
    "relation.py": "def model(dbt, session):\n    return dbt.source('raw', 'lines')\n",
    "pandas_frame.py": "def model(dbt, session):\n    return dbt.source('raw', 'lines').df()\n",
}


def bare_copy(database: Database) -> tuple[float, float]:
    """Seconds of COPY to a file and of COPY from it."""
    connection = database.connect()
    with connection.cursor() as cursor, tempfile.TemporaryFile() as file:
        cursor.execute("drop table if exists raw.copied; create table raw.copied (like raw.lines)")
        started = time.perf_counter()
        cursor.copy_expert("copy raw.lines to stdout (format csv)", file, size=1 << 20)
        read = time.perf_counter() - started
        file.seek(0)
        started = time.perf_counter()
        cursor.copy_expert("copy raw.copied from stdin (format csv)", file, size=1 << 20)
        write = time.perf_counter() - started
    connection.close()
    return read, write


def adapter_copy(database: Database) -> tuple[float, float]:
    """Seconds of the same through the adapter's functions, by way of Arrow."""
    connection = database.connect()
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists raw.copied; create table raw.copied (like raw.lines)")
        started = time.perf_counter()
        rows = copy_to_arrow(cursor, "select * from raw.lines").rows
        read = time.perf_counter() - started
        started = time.perf_counter()
        copy_from_arrow(cursor, "raw.copied", rows.column_names, rows.to_batches(1 << 16))
        write = time.perf_counter() - started
    connection.close()
    return read, write


def model_seconds(project: DbtProject, name: str) -> float:
    """Dbt's seconds of one model."""
    result: Any = project.run("run", "--select", name)
    return float(result.results[0].execution_time)


def main() -> None:
    """Time and print."""
    server = PostgresServer()
    try:
        database = server.new_database()
        database.query(TABLE)
        with tempfile.TemporaryDirectory() as directory:
            project = write_project(Path(directory), database, MODELS)
            project.run("run", "--empty")
            print(f"{ROWS:,} rows x 5 columns, best of {REPEATS}")
            bare = min((bare_copy(database) for _ in range(REPEATS)), key=sum)
            ours = min((adapter_copy(database) for _ in range(REPEATS)), key=sum)
            for name, (read, write) in {"bare COPY": bare, "by way of Arrow": ours}.items():
                print(
                    f"{name:<22}{read + write:6.2f} s   ratio {(read + write) / sum(bare):.2f}"
                    f"   read {read:.2f}, write {write:.2f}"
                )
            for name in ("relation", "pandas_frame"):
                seconds = min(model_seconds(project, name) for _ in range(REPEATS))
                print(f"{'model, ' + name:<22}{seconds:6.2f} s   ratio {seconds / sum(bare):.2f}")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
