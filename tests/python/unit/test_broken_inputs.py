"""Two hundred sets of broken or extreme inputs: a checked plan, or what is wrong; nothing else."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from allocation_cases import random_inputs

from inventory_allocation.allocation import SolveSettings
from inventory_allocation.allocation.inputs import COLUMNS
from inventory_allocation.errors import InputError, InventoryAllocationError
from inventory_allocation.jobs.allocate import MODELS
from inventory_allocation.jobs.allocate_files import allocate_files
from inventory_allocation.jobs.input_rules import RULES

CASES = 200
ROUTES = ("auto", "column_generation", "relax_and_round")
VALUES: list[Any] = [
    None, float("nan"), float("inf"), -1, -1e-9, 0, 1e-12, 0.5, 1e6, 1e15, "", "many", True, "R1",
    "2026-06-29", "9999-12-31",
]  # fmt: skip
PLAN_TABLES = {"plan_runs", "plan_shipments", "plan_demand", "plan_inventory", "plan_kpis"}


def break_frames(rng: np.random.Generator, frames: dict[str, pd.DataFrame]) -> str:
    """Break one table, and say how."""
    name = str(rng.choice([name for name, frame in frames.items() if len(frame)]))
    frame = frames[name].copy()
    column = str(rng.choice(frame.columns))
    row = int(rng.integers(len(frame)))
    way = str(rng.choice(["value", "value", "value", "column", "no column", "no rows", "twice",
                          "no file", "fewer rows", "scale"]))  # fmt: skip
    if way == "value":
        value = VALUES[int(rng.integers(len(VALUES)))]
        frame[column] = frame[column].astype(object)
        frame.iloc[row, frame.columns.get_loc(column)] = value
        way = f"value {value!r}"
    elif way == "column":
        value = VALUES[int(rng.integers(len(VALUES)))]
        frame[column] = pd.Series([value] * len(frame), index=frame.index, dtype=object)
        way = f"every value {value!r}"
    elif way == "no column":
        frame = frame.drop(columns=column)
    elif way == "no rows":
        frame = frame.iloc[:0]
    elif way == "twice":
        frame = pd.concat([frame, frame.iloc[[row]]], ignore_index=True)
    elif way == "fewer rows":
        frame = frame.drop(index=frame.index[row])
    elif way == "scale" and pd.api.types.is_float_dtype(frame[column]):
        frame[column] *= float(rng.choice([0.0, 1e-6, 1e3, 1e6]))
    elif way == "no file":
        del frames[name]
        return f"{name}: no file"
    frames[name] = frame
    return f"{name}.{column}: {way}"


def write_frames(frames: dict[str, pd.DataFrame], directory: Path) -> None:
    directory.mkdir()
    for name, frame in frames.items():
        path = directory / f"{MODELS[name]}.parquet"
        try:
            frame.to_parquet(path, index=False)
        except (TypeError, ValueError, OverflowError, OSError):
            # A file holds one kind of value in a column: as text, then.
            frame = frame.astype(dict.fromkeys(frame.select_dtypes("object").columns, "string"))
            frame.to_parquet(path, index=False)


def test_every_column_has_a_rule() -> None:
    assert {name: set(rules) for name, rules in RULES.items()} == {
        name: set(columns) for name, columns in COLUMNS.items()
    }


@pytest.mark.parametrize("case", range(CASES))
def test_broken_inputs_give_a_checked_plan_or_say_what_is_wrong(case: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(case)
    inputs = random_inputs(8 + case % 20, transfers=bool(case % 3))
    frames = {field.name: getattr(inputs, field.name) for field in fields(inputs)}
    said = [break_frames(rng, frames) for _ in range(1 + case % 2)]
    write_frames(frames, tmp_path / "inputs")
    plans = tmp_path / "plans"
    settings = SolveSettings(gap=0.05, time_limit=20.0, route=ROUTES[case // 2 % 3])
    try:
        published = allocate_files(tmp_path / "inputs", plans, settings)
    except InputError as error:
        words = str(error)
    except InventoryAllocationError as error:
        pytest.fail(f"{said}: {error}")
    else:
        words = ""
    if words:
        assert re.search(r"\.parquet|\btables? \w+", words), (said, words)
        assert not plans.exists()
        return
    assert published.plan is not None
    assert published.plan.problems == [], said
    assert [path.name for path in plans.iterdir()] == [published.run_id]
    written = {path.stem for path in (plans / published.run_id).iterdir()}
    assert written >= PLAN_TABLES, said
