"""The allocation without a warehouse: inputs and plans as Parquet files.

INPUTS holds a file for each model that the allocation reads in a warehouse, named as the model;
OUTPUTS gets a folder for each run, named as the run, with a file for each table of `planning`.
"""

import shutil
from dataclasses import fields
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from inventory_allocation.allocation import AllocationInputs, SolveSettings
from inventory_allocation.allocation.inputs import COLUMNS
from inventory_allocation.errors import InputError
from inventory_allocation.frames import require_columns, to_pandas
from inventory_allocation.jobs.allocate import (
    MODELS,
    PublishedPlan,
    drop_refused,
    identify_run,
    make_draft,
    round_floats,
)
from inventory_allocation.jobs.input_rules import check_rows

__all__ = ["allocate_files", "read_input_files", "write_input_files"]

# What a plan can do without: such a file may be missing.
OPTIONAL = (
    "transfer_lanes",
    "inbound",
    "suppliers",
    "cover",
    "overrides",
    "plan_in_force",
    "sku_pairs",
)


def read_input_files(directory: Path) -> AllocationInputs:
    """Read the inputs of an allocation from Parquet files; the same rows give the same bits.

    Args:
        directory: Holds `<model>.parquet` for each model of MODELS; those of OPTIONAL may be
            missing.

    Raises:
        InputError: A file is missing, can't be read, lacks a column, or has a row that `check_rows`
            refuses.
    """
    if not directory.is_dir():
        raise InputError(f"{directory} is no directory: name one with --inputs")
    frames = {}
    for name, model in MODELS.items():
        path = directory / f"{model}.parquet"
        if path.exists():
            try:
                frames[name] = round_floats(to_pandas(pq.read_table(path)))
            except (OSError, pa.ArrowException) as error:
                raise InputError(f"{path} cannot be read: {error}") from error
        elif name in OPTIONAL:
            frames[name] = pd.DataFrame(columns=COLUMNS[name])
        else:
            raise InputError(
                f"{path} is missing: it holds {', '.join(COLUMNS[name])}. "
                "`inventory-allocation export-inputs` writes all of them from a warehouse"
            )
    for name, frame in frames.items():
        require_columns(frame, COLUMNS[name], f"{MODELS[name]}.parquet")
    return AllocationInputs(**check_rows(drop_refused(frames)))


def write_input_files(inputs: AllocationInputs, directory: Path) -> list[Path]:
    """Write the inputs of an allocation as Parquet files, over those that are there."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for field in fields(inputs):
        path = directory / f"{MODELS[field.name]}.parquet"
        getattr(inputs, field.name).to_parquet(path, index=False)
        written.append(path)
    return written


def _with_dates(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with dates as dates: all its times are, but for when it was written."""
    times = frame.select_dtypes("datetime").columns.drop("loaded_at")
    return frame.assign(**{name: frame[name].dt.date for name in times})


def allocate_files(
    inputs_directory: Path, outputs_directory: Path, settings: SolveSettings
) -> PublishedPlan:
    """Make a plan from Parquet files, check it and write it as Parquet files.

    A run's folder appears whole or not at all; a run that is there already is left as it is.

    Raises:
        InputError: An input file is missing or wrong.
        InventoryAllocationError: No plan was found, or the checker refused it; nothing is written.
    """
    inputs = read_input_files(inputs_directory)
    run_id, input_hash = identify_run(inputs, settings)
    final = outputs_directory / run_id
    if final.exists():
        return PublishedPlan(run_id, None)
    draft = make_draft(inputs, settings, run_id, input_hash)
    staged = outputs_directory / f".{run_id}.partial"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    for name, frame in draft.tables.items():
        _with_dates(frame).to_parquet(staged / f"{name}.parquet", index=False)
    staged.rename(final)
    return PublishedPlan(run_id, draft.plan)
