"""A job that is killed leaves a whole plan or none: files, and a DuckDB file."""

import random
import subprocess
import sys
import time
from pathlib import Path

import duckdb
from allocation_cases import random_inputs

from inventory_allocation.jobs.allocate_files import write_input_files

KILLS = 20
ALLOCATE = """
import sys
from pathlib import Path
from inventory_allocation.allocation import SolveSettings
from inventory_allocation.jobs.allocate_files import allocate_files
print("started", flush=True)
allocate_files(Path(sys.argv[1]), Path(sys.argv[2]), SolveSettings())
"""
PUBLISH = """
import sys
import pyarrow as pa
from inventory_allocation.warehouse.duckdb import DuckDBWarehouse
path, run_id = sys.argv[1:]
rows = pa.table({"run_id": [run_id] * 300_000, "units": range(300_000)})
warehouse = DuckDBWarehouse(path)
print("started", flush=True)
warehouse.publish("runs", run_id, {"runs": rows.slice(0, 1), "lines": rows, "more": rows})
"""


def run(script: str, *arguments: object, after: float | None = None) -> float:
    """Run a script, and kill it so many seconds after it says that it has started."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    started = time.perf_counter()
    if after is not None:
        time.sleep(after)
        process.kill()
    process.wait()
    return time.perf_counter() - started


def test_files_hold_a_whole_plan_or_none(tmp_path: Path) -> None:
    write_input_files(random_inputs(16), tmp_path / "inputs")
    seconds = run(ALLOCATE, tmp_path / "inputs", tmp_path / "plans")
    (whole,) = (tmp_path / "plans").iterdir()
    files = sorted(path.name for path in whole.iterdir())
    rng, outcomes = random.Random(3), []
    for kill in range(KILLS):
        plans = tmp_path / f"plans{kill}"
        share = rng.uniform(0.2, 1.3) if kill > 1 else (0.0, 3.0)[kill]
        run(ALLOCATE, tmp_path / "inputs", plans, after=share * seconds)
        shown = [path for path in plans.glob("*") if not path.name.startswith(".")]
        assert [sorted(path.name for path in plan.iterdir()) for plan in shown] in ([], [files])
        outcomes.append(bool(shown))
    assert set(outcomes) == {False, True}


def test_a_duckdb_file_holds_all_rows_of_a_run_or_none(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        for table in ("runs", "lines", "more"):
            connection.execute(f"create table {table} (run_id varchar, units bigint)")
    seconds = run(PUBLISH, path, "in force")
    rng, outcomes = random.Random(4), []
    for kill in range(KILLS):
        share = rng.uniform(0.0, 1.2) if kill > 1 else (0.0, 5.0)[kill]
        run(PUBLISH, path, f"run {kill}", after=share * seconds)
        with duckdb.connect(str(path)) as connection:
            left = [
                connection.execute(
                    f"select count(*) from {table} where run_id = ?", [f"run {kill}"]
                ).fetchone()
                for table in ("runs", "lines", "more")
            ]
            before = connection.execute(
                "select count(*) from lines where run_id = 'in force'"
            ).fetchone()
        assert left in ([(0,)] * 3, [(1,), (300_000,), (300_000,)])
        assert before == (300_000,)
        outcomes.append(left[0] == (1,))
    assert set(outcomes) == {False, True}
