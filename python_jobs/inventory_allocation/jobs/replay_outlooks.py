"""What was known at a date: the models of this project, built on data from before it.

Each date gets a scratch warehouse (DuckDB) with rows of before that day only, whatever warehouse
they came from: no model can look ahead. What is built is kept as Parquet, so that a replay goes on
where it was stopped.
"""

import os
import shutil
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyarrow.parquet import read_schema

from inventory_allocation.allocation.inputs import COLUMNS
from inventory_allocation.errors import InputError
from inventory_allocation.frames import to_pandas
from inventory_allocation.jobs.allocate import MODELS, read_inputs
from inventory_allocation.jobs.allocate_files import read_input_files, write_input_files
from inventory_allocation.jobs.load_raw import load_raw
from inventory_allocation.jobs.scratch_project import open_scratch_project
from inventory_allocation.replay import Company, Outlook
from inventory_allocation.replay.company import Floats
from inventory_allocation.warehouse import DbtProject, open_warehouse

__all__ = ["cut_rows", "make_outlooks", "read_outlook"]

FORECASTS = "fct_demand_forecasts"
SERIES = "int_demand__assign_model_series"
FITTED = "int_demand__forecast_fitted"
OWN_MEAN = "own_mean"
# What says when a row came to be; a row of another table has always been there.
BORN = {"transactions": "ordered_at", "inventory_snapshots": "snapshot_date"}
# What no forecast reads, or each policy has its own of.
LEFT_OUT = ("inbound_shipments", "plan_overrides", "experiments")


def cut_rows(raw: dict[str, pd.DataFrame], day: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Rows of the raw tables that were there before a day.

    Sales have what was known of them: the delivery of a parcel on its way is null. External
    signals after the day stay where they were known ahead.
    """
    cut = {}
    for name, rows in raw.items():
        if name in LEFT_OUT:
            continue
        kept = rows
        if name in BORN:
            kept = rows[pd.to_datetime(rows[BORN[name]], errors="coerce") < day]
        if name == "transactions":
            delivered = pd.to_datetime(kept["delivered_at"], errors="coerce")
            kept = kept.assign(delivered_at=kept["delivered_at"].where(delivered < day))
        if name == "external_signals":
            date = pd.to_datetime(rows["signal_date"], errors="coerce")
            kept = rows[(date < day) | rows["is_known_ahead"].fillna(False).astype(bool)]
        cut[name] = kept.reset_index(drop=True)
    return cut


def _make_outlook(
    project_directory: Path,
    variables: dict[str, Any],
    raw_directory: Path,
    scratch: Path,
    target: Path,
    day: pd.Timestamp,
) -> None:
    """Build the models as of a day, and keep what an allocation reads."""
    own = scratch / str(os.getpid())
    raw = {path.stem: pd.read_parquet(path) for path in sorted(raw_directory.glob("*.parquet"))}
    cut = cut_rows(raw, day)
    eve = day - pd.Timedelta(days=1)
    if pd.to_datetime(cut["transactions"]["ordered_at"], errors="coerce").max() < eve:
        # Nothing was sold on the last day; it is over all the same.
        variables = {**variables, "as_of": f"{eve:%Y-%m-%d}"}
    project = open_scratch_project(project_directory, own, variables)
    files = own / "raw"
    shutil.rmtree(files, ignore_errors=True)
    files.mkdir()
    for name, rows in cut.items():
        rows.to_parquet(files / f"{name}.parquet", index=False)
    load_raw(project, files, replace=True)
    select = [f"+{model}" for model in (*MODELS.values(), FORECASTS)]
    project.run("run", "--select", *select)
    warehouse = open_warehouse(project)
    try:
        inputs = read_inputs(project, warehouse)
        forecasts = to_pandas(warehouse.query(_ask_forecasts(project)))
    finally:
        warehouse.close()
    found = pd.Timestamp(inputs.parameters["horizon_start"].iloc[0])
    if found != day:
        raise InputError(
            f"with rows of before {day:%Y-%m-%d} the plan starts on {found:%Y-%m-%d}: "
            "a replay needs var period: week"
        )
    partial_directory = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial_directory, ignore_errors=True)
    write_input_files(inputs, partial_directory)
    forecasts.to_parquet(partial_directory / f"{FORECASTS}.parquet", index=False)
    partial_directory.rename(target)


def _ask_forecasts(project: DbtProject) -> str:
    """The query for forecasts; own_mean is that of series before they agreed with their sums."""
    forecasts, series, fitted = (
        project.model_relation(name) for name in (FORECASTS, SERIES, FITTED)
    )
    return f"""
        select
            forecasts.region_id,
            forecasts.sku,
            forecasts.period_start,
            forecasts.mean,
            (forecasts.q0_975 - forecasts.q0_025) / 3.92 as deviation,
            forecasts.mean * fitted.unreconciled / nullif(fitted.mean, 0) as {OWN_MEAN}
        from {forecasts} as forecasts
        left join {series} as series using (segment, sku, region_id)
        left join {fitted} as fitted
            on series.series_id = fitted.series_id
            and forecasts.period_start = fitted.period_start
            and fitted.level = 'series'
            and fitted.is_forecast
    """


def _has_all_columns(directory: Path) -> bool:
    needed = {model: COLUMNS[name] for name, model in MODELS.items()} | {FORECASTS: [OWN_MEAN]}
    return all(
        set(columns) <= set(read_schema(directory / f"{model}.parquet").names)
        for model, columns in needed.items()
    )


def make_outlooks(
    project_directory: Path,
    variables: dict[str, Any],
    raw: dict[str, pd.DataFrame],
    days: list[pd.Timestamp],
    directory: Path,
    workers: int,
    progress: Any,
) -> list[Path]:
    """Build what was known on each day; what is there already stays.

    Args:
        project_directory: Where dbt_project.yml is.
        variables: Values for the project's vars.
        raw: Rows of the raw tables.
        days: First days of periods.
        directory: Where to keep it.
        workers: Processes.
        progress: Called with how many are done, of how many.

    Returns:
        A directory for each day.

    Raises:
        InputError: A row is wrong, or periods aren't weeks.
    """
    targets = [directory / f"{day:%Y-%m-%d}" for day in days]
    for target in filter(Path.exists, targets):
        if not _has_all_columns(target):
            raise InputError(
                f"{target} was kept by an older version of this system: "
                "give another --directory, or remove this one"
            )
    missing = [
        (day, target) for day, target in zip(days, targets, strict=True) if not target.exists()
    ]
    progress(len(days) - len(missing), len(days))
    if not missing:
        return targets
    raw_directory, scratch = directory / "raw", directory / "scratch"
    raw_directory.mkdir(parents=True, exist_ok=True)
    for name, rows in raw.items():
        rows.to_parquet(raw_directory / f"{name}.parquet", index=False)
    work = partial(_make_outlook, project_directory, variables, raw_directory, scratch)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(work, target, day) for day, target in missing]
        for done, result in enumerate(as_completed(waiting), len(days) - len(missing) + 1):
            result.result()
            progress(done, len(days))
    shutil.rmtree(scratch, ignore_errors=True)
    return targets


def read_outlook(company: Company, directory: Path) -> Outlook:
    """Read what was known on a day."""
    inputs = read_input_files(directory)
    forecasts = pd.read_parquet(directory / f"{FORECASTS}.parquet")
    periods = sorted(forecasts["period_start"].unique())
    at = (
        pd.Index(periods).get_indexer(pd.Index(forecasts["period_start"])),
        pd.Index(company.regions).get_indexer(pd.Index(forecasts["region_id"].astype(str))),
        pd.Index(company.skus).get_indexer(pd.Index(forecasts["sku"].astype(str))),
    )
    is_known = (at[1] >= 0) & (at[2] >= 0)
    at = (at[0][is_known], at[1][is_known], at[2][is_known])
    shape = (len(periods), len(company.regions), len(company.skus))

    def add_up(values: "pd.Series[float]") -> Floats:
        sums = np.zeros(shape)
        np.add.at(sums, at, values.to_numpy(dtype="float64")[is_known])
        return sums

    # A series of nothing has no part of its own forecast to show.
    own_mean = forecasts[OWN_MEAN].fillna(forecasts["mean"])
    mean, deviation, own = map(add_up, (forecasts["mean"], forecasts["deviation"], own_mean))
    return Outlook(mean, deviation, inputs, own)
