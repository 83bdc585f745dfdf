"""How often monitoring alarms in a healthy company, and how soon it finds what was planted.

Run `make bench-monitoring`: a generated company is built week by week for 24 months, each time on
rows of before that day only, and every alert counts as false. Then 24 shifts are planted, each into
a month of its own on a copy of the warehouse, and built for three more weeks. Plan adherence needs
plans and isn't part of it. Two hours on one core; what is done is kept in the directory.
"""

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from inventory_allocation.frames import to_pandas
from inventory_allocation.jobs.load_raw import load_raw
from inventory_allocation.jobs.replay_outlooks import cut_rows
from inventory_allocation.jobs.scratch_project import open_scratch_project
from inventory_allocation.sample_company import generate_company
from inventory_allocation.warehouse import DbtProject, open_warehouse

Tables = dict[str, pd.DataFrame]
Shift = Callable[[Tables, pd.Series], Tables]
ROOT = Path(__file__).parents[1]
WEEKS, MONTHS, WEEKS_AFTER = 104, 24, 3
VARIABLES = {
    "sample_company": False,
    "forecast_global_models": ["autoregression"],
    "backtest_cutoffs": 6,
    "segment_bootstraps": 2,
    "segment_permutations": 9,
}


def _change(tables: Tables, lines: pd.DataFrame) -> Tables:
    return {**tables, "transactions": lines}


def lose_rows(tables: Tables, is_after: pd.Series) -> Tables:
    """Half of the order lines never came."""
    lines = tables["transactions"]
    lost = is_after & (np.arange(len(lines)) % 2 == 0)
    return _change(tables, lines[~lost])


def refuse_rows(tables: Tables, is_after: pd.Series) -> Tables:
    """One line in ten has a price below 0."""
    lines = tables["transactions"].copy()
    lines.loc[is_after & (np.arange(len(lines)) % 10 == 0), "unit_price"] = -1.0
    return _change(tables, lines)


def lift_demand(tables: Tables, is_after: pd.Series) -> Tables:
    """Every line orders twice as much."""
    lines = tables["transactions"].copy()
    lines.loc[is_after, "quantity"] = 2 * lines.loc[is_after, "quantity"]
    return _change(tables, lines)


def lift_category(tables: Tables, is_after: pd.Series) -> Tables:
    """The largest category sells three times as much."""
    lines = tables["transactions"].copy()
    category = lines["sku"].map(tables["products"].set_index("sku")["category"].to_dict())
    is_lifted = is_after & (category == category.value_counts().index[0])
    lines.loc[is_lifted, "quantity"] = 3 * lines.loc[is_lifted, "quantity"]
    return _change(tables, lines)


def move_region(tables: Tables, is_after: pd.Series) -> Tables:
    """All demand of the largest region comes under the name of the smallest."""
    lines = tables["transactions"].copy()
    regions = lines["region_id"].value_counts()
    regions = regions[regions > 100]
    is_moved = is_after & (lines["region_id"] == regions.index[0])
    lines.loc[is_moved, "region_id"] = regions.index[-1]
    return _change(tables, lines)


def scatter_demand(tables: Tables, is_after: pd.Series) -> Tables:
    """Each SKU sells none or four times as much, by a coin."""
    lines = tables["transactions"].copy()
    codes = pd.factorize(lines["sku"], sort=True)[0]
    is_up = is_after & (codes % 2 == 0)
    lines.loc[is_up, "quantity"] = 4 * lines.loc[is_up, "quantity"]
    return _change(tables, lines[~(is_after & (codes % 2 == 1))])


def rename_customers(tables: Tables, is_after: pd.Series) -> Tables:
    """Customers got new ids, all their history under them lost to the old ones."""
    lines = tables["transactions"].copy()
    lines.loc[is_after, "customer_id"] = "N" + lines.loc[is_after, "customer_id"].astype(str)
    return _change(tables, lines)


def scale_prices(tables: Tables, is_after: pd.Series) -> Tables:
    """Prices come in cents."""
    lines = tables["transactions"].copy()
    lines.loc[is_after, "unit_price"] = 100 * lines.loc[is_after, "unit_price"]
    return _change(tables, lines)


# What is planted, and the checks of which one must find it.
SHIFTS: dict[str, tuple[Shift, tuple[str, ...]]] = {
    "half of the rows lost": (lose_rows, ("data_volume", "forecast_bias")),
    "a tenth of rows broken": (refuse_rows, ("rejected_rows",)),
    "demand twice as high": (lift_demand, ("forecast_bias",)),
    "a category three times as high": (lift_category, ("forecast_bias", "demand_drift")),
    "a region under another name": (move_region, ("demand_drift",)),
    "SKUs scattered": (scatter_demand, ("interval_coverage", "demand_drift", "forecast_bias")),
    "customers renamed": (rename_customers, ("new_customers",)),
    "prices in cents": (scale_prices, ("feature_drift", "segment_drift")),
}


class Weeks:
    """A company that is built week by week in a warehouse of its own."""

    def __init__(self, directory: Path, raw: Tables) -> None:
        """Take a directory and the rows of all weeks."""
        self.directory, self.raw = directory, raw
        self.project: DbtProject = open_scratch_project(ROOT, directory, VARIABLES)
        self.database = directory / "warehouse.duckdb"

    def build(self, day: pd.Timestamp, shift: Shift | None, since: pd.Timestamp | None) -> None:
        """Build on the rows of before a day, changed from another day on."""
        tables = cut_rows(self.raw, day)
        if shift is not None:
            at = pd.to_datetime(tables["transactions"]["ordered_at"], errors="coerce")
            tables = shift(tables, (at >= since) & (at < day))
        files = self.directory / "raw"
        shutil.rmtree(files, ignore_errors=True)
        files.mkdir(parents=True)
        for name, rows in tables.items():
            rows.to_parquet(files / f"{name}.parquet", index=False)
        load_raw(self.project, files, replace=True)
        self.project.run("run", "--select", "+fct_alerts")
        self.close()

    def read(self, table: str) -> pd.DataFrame:
        """Read a mart."""
        warehouse = open_warehouse(self.project)
        try:
            relation = self.project.model_relation(table)
            return to_pandas(warehouse.query(f"select * from {relation}"))
        finally:
            warehouse.close()

    def take(self, copy: Path) -> None:
        """Go on from a copy of a warehouse."""
        self.close()
        shutil.copyfile(copy, self.database)

    def close(self) -> None:
        """Let go of the file."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        DuckDBConnectionManager.close_all_connections()


def build_healthy(directory: Path, raw: Tables, days: pd.DatetimeIndex) -> pd.DataFrame:
    """All weeks, with a copy of the warehouse as each was built; the checks of the last."""
    kept = directory / "checks.parquet"
    if kept.exists():
        return pd.read_parquet(kept)
    weeks = Weeks(directory / "healthy", raw)
    for number, day in enumerate(days):
        weeks.build(day, None, None)
        if number % 4 == 3 or number >= 8:
            shutil.copyfile(weeks.database, directory / f"{day:%Y-%m-%d}.duckdb")
        print(f"healthy week {number + 1} of {len(days)}", flush=True)
    checks = weeks.read("fct_monitoring_checks")
    checks.to_parquet(kept, index=False)
    return checks


def build_shifted(
    directory: Path, raw: Tables, name: str, since: pd.Timestamp, eve: pd.Timestamp
) -> pd.DataFrame:
    """The weeks after a shift, from the warehouse of the week before it; the checks."""
    kept = directory / f"{since:%Y-%m-%d}.parquet"
    if kept.exists():
        return pd.read_parquet(kept)
    weeks = Weeks(directory / "shifted", raw)
    weeks.take(directory / f"{eve:%Y-%m-%d}.duckdb")
    for week in range(1, WEEKS_AFTER + 1):
        weeks.build(since + pd.Timedelta(weeks=week), SHIFTS[name][0], since)
    checks = weeks.read("fct_monitoring_checks")
    checks.to_parquet(kept, index=False)
    return checks


def _alarms(checks: pd.DataFrame) -> pd.DataFrame:
    return checks[checks["severity"].isin(["warning", "error"])]


def count_alerts(checks: pd.DataFrame) -> pd.DataFrame:
    """First day of each run of alarms by check."""
    ordered = checks.sort_values(["check_name", "entity", "as_of"])
    is_alarm = ordered["severity"].isin(["warning", "error"])
    before = is_alarm.groupby([ordered["check_name"], ordered["entity"]]).shift(fill_value=False)
    return ordered[is_alarm & ~before]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--directory", type=Path, default=Path("build/monitoring"))
    asked = parser.parse_args()
    directory = asked.directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    raw = generate_company("small", asked.seed).raw
    end = pd.Timestamp("2026-06-29")
    days = pd.date_range(end=end, periods=WEEKS, freq="7D")
    healthy = build_healthy(directory, raw, days)
    found = count_alerts(healthy)
    print(f"\n{WEEKS} healthy weeks, {len(healthy):,} checks")
    print(f"{len(found)} false alerts, {len(found) / MONTHS:.2f} a month")
    print(found.groupby("check_name").size().to_string() if len(found) else "none")
    names = list(SHIFTS)
    print(f"\n{'planted in the week of':<24}{'what':<34}{'found after':<13}by")
    delays = []
    for month in range(MONTHS):
        at = min(4 * month + 8, WEEKS - 1 - WEEKS_AFTER)
        name, since = names[month % len(names)], days[at]
        checks = build_shifted(directory, raw, name, since, since)
        alarms = _alarms(checks[pd.to_datetime(checks["as_of"]) >= since])
        alarms = alarms[alarms["check_name"].isin(SHIFTS[name][1])]
        # An alarm that the healthy company has on the same day is none of the shift's.
        usual = set(map(tuple, _alarms(healthy)[["check_name", "entity", "as_of"]].to_numpy()))
        keys = alarms[["check_name", "entity", "as_of"]].itertuples(index=False, name=None)
        is_new = pd.Series([key not in usual for key in keys], index=alarms.index, dtype=bool)
        alarms = alarms[is_new]
        first = pd.to_datetime(alarms["as_of"]).min()
        # Built on the Sunday after the week: the first week that can show it is week one.
        delay = np.inf if pd.isna(first) else ((first - since).days + 1) / 7
        delays.append(delay)
        by = sorted(set(alarms.loc[pd.to_datetime(alarms["as_of"]) == first, "check_name"]))
        shown = "not found" if np.isinf(delay) else f"{delay:.0f} weeks"
        print(f"{since:%Y-%m-%d}{'':<14}{name:<34}{shown:<13}{', '.join(by)}", flush=True)
    within = sum(delay <= 2 for delay in delays)
    print(f"found within two weeks: {within} of {len(delays)}")


if __name__ == "__main__":
    main()
