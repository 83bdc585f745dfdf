"""Times the SQL models beside the same results by hand-written DuckDB SQL, and compares them.

Run `make bench-sql`, or `python benchmarks/hand_written.py --lines 100000000 --memory 8GB`. Order
lines are those of `nights.py`. The models build accepted and refused lines, customers, RFM and
demand, each `dbt run` in a process of its own; `hand_written.sql` does the same with a connection.
Both have two threads and the same memory, past which DuckDB uses the disk. Segments are fitted in
between, and are the same for both.
"""

import argparse
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from nights import VARIABLES, fill, in_process

from inventory_allocation.warehouse import DbtProject

ROOT = Path(__file__).parents[1]
HAND_WRITTEN = Path(__file__).with_suffix(".sql")
THREADS = 2
PROFILE = """
inventory_allocation:
  target: duckdb
  outputs:
    duckdb:
      type: duckdb
      path: "{path}"
      schema: main
      threads: {threads}
      settings: {{TimeZone: UTC, threads: {threads}, memory_limit: {memory}}}
"""
# By table of the models: the one written by hand, and what of it is compared. The text of a refused
# row is written another way.
TABLES = {
    "fct_transactions": ("transactions", None),
    "fct_rejected_rows": ("refused", "row_key, reason"),
    "dim_customers": ("customers", "customer_id, region_id, signed_up_at"),
    "fct_customer_rfm": ("rfm", None),
    "fct_demand_history": ("demand", None),
}
BY_LINE = [f"+{name}" for name in TABLES if name != "fct_demand_history"]
SEGMENTS = "dim_customer_segments"
NOT_COMPARED = {"day_fingerprint", "accepted_fingerprint", "is_stockout"}
Measured = tuple[float, float]


def _measure(work: Callable[[], Any]) -> Measured:
    """Seconds, and peak MB of this process."""
    started = time.perf_counter()
    work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return time.perf_counter() - started, peak


def _build(directory: Path, *arguments: str) -> Measured:
    os.environ |= {
        "DBT_TARGET_PATH": str(directory / "target"),
        "DBT_LOG_PATH": str(directory / "logs"),
    }
    project = DbtProject(ROOT, directory, "duckdb", VARIABLES)
    return _measure(lambda: project.run("run", *arguments))


def _write_by_hand(path: Path, memory: str) -> Measured:
    def run() -> None:
        settings = {"threads": THREADS, "memory_limit": memory}
        with duckdb.connect(str(path), config=settings) as connection:
            for statement in HAND_WRITTEN.read_text(encoding="utf-8").split(";\n"):
                if statement.strip():
                    connection.execute(statement)

    return _measure(run)


def _compare(path: Path) -> list[str]:
    """Tables that differ: rows are counted, and their hashes added up, floats to nine places."""
    differing = []
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create view hand.refused_keys as select *, order_id || '|' || order_line as row_key "
            "from hand.refused"
        )
        for table, (by_hand, columns) in TABLES.items():
            described = connection.execute(f"describe main.{table}").fetchall()
            types = {name: kind for name, kind, *_ in described}
            names = columns.split(", ") if columns else [n for n in types if n not in NOT_COMPARED]
            shown = [
                f"round({n}::double, 9)" if types[n] == "DOUBLE" else f"{n}::varchar" for n in names
            ]
            counted = [
                connection.execute(
                    f"select count(*), sum(hash({', '.join(shown)})::hugeint) from {source}"
                ).fetchone()
                for source in (
                    f"main.{table}",
                    f"hand.{'refused_keys' if by_hand == 'refused' else by_hand}",
                )
            ]
            print(f"  {table}: {counted[0][0]:,} rows", flush=True)
            if counted[0] != counted[1]:
                differing.append(f"{table}: {counted}")
    return differing


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=10_000_000, help="order lines")
    parser.add_argument("--memory", default="8GB", help="DuckDB's limit")
    parser.add_argument("--directory", type=Path, default=Path("build/hand_written"))
    asked = parser.parse_args()
    directory = asked.directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "warehouse.duckdb"
    path.unlink(missing_ok=True)
    (directory / "profiles.yml").write_text(
        PROFILE.format(path=path, threads=THREADS, memory=asked.memory), encoding="utf-8"
    )

    in_process(fill, path, asked.lines)
    lines = in_process(_build, directory, "--select", *BY_LINE)
    in_process(_build, directory, "--select", f"+{SEGMENTS}", "--exclude", *BY_LINE)
    demand = in_process(
        _build, directory, "--select", "+fct_demand_history", "--exclude", f"+{SEGMENTS}", *BY_LINE
    )
    by_hand = in_process(_write_by_hand, path, asked.memory)
    differing = _compare(path)
    seconds, peak = lines[0] + demand[0], max(lines[1], demand[1])
    print(f"models:  {lines[0]:.1f} + {demand[0]:.1f} = {seconds:.1f} s, peak {peak:,.0f} MB")
    print(f"by hand: {by_hand[0]:.1f} s, peak {by_hand[1]:,.0f} MB")
    print(f"ratio {seconds / by_hand[0]:.2f}; " + ("; ".join(differing) or "all tables are equal"))


if __name__ == "__main__":
    main()
