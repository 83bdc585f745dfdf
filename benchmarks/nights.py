"""Times a full build and a night with a few new order lines, on DuckDB.

Run `make bench-nights`, or `python benchmarks/nights.py --lines 100000000`. Order lines are
generated in SQL: 24 months, 20 lines a customer, 500 SKUs in 20 regions; one in 200 repeats
another, one in 1,000 has no price. A night brings 0.1 % more, of the next day, and moves a few by
three days. What depends on the number of series rather than of order lines is left out: forecasts
and plans.
"""

import argparse
import multiprocessing
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from inventory_allocation.warehouse import DbtProject

ROOT = Path(__file__).parents[1]
LAST_DAY, NEXT_DAY, DAYS = "2026-06-28", "2026-06-29", 728
LINES_PER_CUSTOMER, NIGHT_SHARE = 20, 0.001
EXCLUDED = ("tag:monitoring", "int_demand__assign_model_series+")
VARIABLES: dict[str, Any] = {
    "sample_company": False,
    "segment_count": 4,
    "segment_bootstraps": 2,
    "segment_permutations": 9,
}
COLUMNS = (
    "order_id, order_line, ordered_at, customer_id, sku, quantity, unit_price, region_id, "
    "shipping_cost"
)
# Two lines an order; hashes stand for chance.
LINES = """
    select
        'O' || (number // 2),
        number % 2 + 1,
        timestamp '{last_day} 20:00:00' - to_seconds(
            cast({days} * 86400 * pow((hash(number // 2, 1) % 1000000) / 1e6, 1.2) as bigint)
        ),
        'C' || (hash(number // 2, 2) % {customers}),
        'S' || lpad(
            cast(floor(500 * pow((hash(number, 3) % 1000000) / 1e6, 2)) as varchar), 3, '0'
        ),
        cast(1 + hash(number, 4) % 3 as double),
        case when hash(number, 5) % 1000 > 0 then 5.0 + hash(number, 6) % 40 end,
        'R' || lpad(cast(hash(number // 2, 2) % 20 as varchar), 2, '0'),
        3.5
    from range({first}, {last}) as lines (number)
"""
Measured = tuple[float, float, list[tuple[float, str, str]]]


def _open_project(path: Path) -> DbtProject:
    os.environ |= {
        "INVENTORY_ALLOCATION_DUCKDB": str(path),
        "DBT_TARGET_PATH": str(path.parent / "target"),
        "DBT_LOG_PATH": str(path.parent / "logs"),
    }
    return DbtProject(ROOT, ROOT / "tests" / "profiles", "duckdb", VARIABLES)


def _insert(path: Path, statements: list[str]) -> None:
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)


def fill(path: Path, lines: int) -> None:
    """Write the raw tables."""
    _open_project(path).run("run-operation", "init_raw")
    customers = max(lines // LINES_PER_CUSTOMER, 1)
    orders = LINES.format(last_day=LAST_DAY, days=DAYS, customers=customers, first=0, last=lines)
    insert = f"insert into raw.transactions ({COLUMNS})"
    _insert(
        path,
        [
            f"{insert} {orders}",
            f"{insert} select {COLUMNS} from raw.transactions "
            "where hash(order_id, order_line, 7) % 200 = 0",
            "insert into raw.fulfillment_centers (fc_id, latitude, longitude) "
            "values ('F1', 48.9, 2.4), ('F2', 45.8, 4.8)",
            "insert into raw.regions (region_id, latitude, longitude) "
            "select distinct region_id, 45 + hash(region_id) % 5, 2 + hash(region_id, 1) % 5 "
            "from raw.transactions",
        ],
    )


def _add_night(path: Path, lines: int) -> None:
    """Add lines of the next day, and move some of the last day."""
    last = lines + max(int(lines * NIGHT_SHARE), 10)
    customers = max(lines // LINES_PER_CUSTOMER, 1)
    orders = LINES.format(last_day=NEXT_DAY, days=1, customers=customers, first=lines, last=last)
    _insert(
        path,
        [
            f"insert into raw.transactions ({COLUMNS}) {orders}",
            "update raw.transactions set ordered_at = ordered_at - interval 3 day "
            f"where ordered_at >= '{LAST_DAY}' and hash(order_id, 8) % 100 = 0",
        ],
    )


def _build(path: Path) -> Measured:
    """Seconds, peak MB, and seconds, name and language of each model."""
    started = time.perf_counter()
    result = _open_project(path).run("run", "--exclude", *EXCLUDED)
    seconds = time.perf_counter() - started
    models = [
        (row.execution_time, row.node.name, row.node.language)
        for row in result.results
        if row.node.resource_type == "model"
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return seconds, peak, sorted(models, reverse=True)


def _show(what: str, measured: Measured) -> float:
    """Print, and give the seconds of all SQL models, which run beside each other."""
    seconds, peak, models = measured
    sql = sum(took for took, _, language in models if language == "sql")
    print(f"{what}: {seconds:.1f} s, SQL models {sql:.1f} s in all, peak {peak:,.0f} MB")
    for took, name, language in models[:10]:
        print(f"  {took:7.2f} s  {name} ({language})", flush=True)
    return sql


def in_process(work: Callable[..., Any], *arguments: Any) -> Any:
    """Run in a process of its own, so that its memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=10_000_000, help="order lines")
    parser.add_argument("--directory", type=Path, default=Path("build/nights"))
    asked = parser.parse_args()
    asked.directory.mkdir(parents=True, exist_ok=True)
    path = (asked.directory / "warehouse.duckdb").resolve()
    path.unlink(missing_ok=True)

    in_process(fill, path, asked.lines)
    full = in_process(_build, path)
    in_process(_add_night, path, asked.lines)
    night = in_process(_build, path)
    all_sql, night_sql = _show("full build", full), _show("night", night)
    print(
        f"a night takes {night[0] / full[0]:.0%} of a full build, {night_sql / all_sql:.0%} of its "
        "SQL"
    )


if __name__ == "__main__":
    main()
