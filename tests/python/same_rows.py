"""Whether two warehouses hold the same rows: equal keys, equal values, floats to 1e-9."""

from typing import Any

import numpy as np
import pandas as pd

from inventory_allocation.frames import to_pandas
from inventory_allocation.warehouse import DbtProject, open_warehouse

# What differs from run to run, on one warehouse too; and hashes, which are each warehouse's own.
MEASURED = ["seconds", "peak_mb", "loaded_at", "approved_at", "data_hash"]
MEASURED += ["day_fingerprint", "accepted_fingerprint"]
TOLERANCE = 1e-9


def read_outputs(project: DbtProject) -> dict[str, pd.DataFrame]:
    """Every table that BI reads and every table that the job writes."""
    manifest = project.manifest
    nodes = [
        node
        for node in manifest.nodes.values()
        # When the program ran, and how long, differs.
        if str(node.resource_type) == "model"
        and node.path.startswith("marts/")
        and not node.path.startswith("marts/operations/")
    ]
    nodes += [node for node in manifest.sources.values() if node.source_name == "planning"]
    warehouse = open_warehouse(project)
    try:
        tables = warehouse.read({node.name: str(node.relation_name) for node in nodes})
    finally:
        warehouse.close()
    return {name: to_pandas(rows) for name, rows in tables.items()}


def primary_keys(project: DbtProject) -> dict[str, list[str]]:
    """Columns of the key by table, from the project's own key tests."""
    keys: dict[str, list[str]] = {}
    for node in project.manifest.nodes.values():
        test: Any = getattr(node, "test_metadata", None)
        if test is not None and test.name in ("unique_key", "unique"):
            table = (node.attached_node or node.depends_on.nodes[0]).split(".")[-1]
            keys[table] = list(test.kwargs.get("columns") or [test.kwargs.get("column_name")])
    return keys


def find_differences(
    left: dict[str, pd.DataFrame], right: dict[str, pd.DataFrame], keys: dict[str, list[str]]
) -> list[str]:
    """Say what differs, a line each."""
    found = [f"only one has {name}" for name in sorted(set(left) ^ set(right))]
    for name in sorted(set(left) & set(right)):
        one, other = left[name], right[name]
        if set(one) != set(other):
            found.append(f"{name}: columns {sorted(set(one) ^ set(other))}")
            continue
        key = keys[name] if name in keys else keys[f"stg_planning__{name}"]
        key = [column for column in key if column not in MEASURED]
        if one.duplicated(key).any() or other.duplicated(key).any():
            found.append(f"{name}: {key} is no key")
            continue
        one, other = (frame.set_index(key).sort_index() for frame in (one, other))
        if not one.index.equals(other.index):
            missing = one.index.symmetric_difference(other.index)
            found.append(f"{name}: {len(missing)} keys differ, such as {missing[0]}")
            continue
        for column in one.columns.difference(MEASURED):
            is_other = _differs(one[column], other[column])
            if is_other.any():
                at = is_other.argmax()
                found.append(
                    f"{name}.{column}: {is_other.sum()} of {len(one)} rows, such as "
                    f"{one.index[at]}: {one[column].iloc[at]!r}, {other[column].iloc[at]!r}"
                )
    return found


def _differs(one: pd.Series, other: pd.Series) -> np.ndarray:
    if pd.api.types.is_float_dtype(one) or pd.api.types.is_float_dtype(other):
        pair = (series.to_numpy(dtype=float, na_value=np.nan) for series in (one, other))
        return ~np.isclose(*pair, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
    both_null = one.isna().to_numpy() & other.isna().to_numpy()
    unequal = one.astype(object).to_numpy() != other.astype(object).to_numpy()
    return unequal & ~both_null
