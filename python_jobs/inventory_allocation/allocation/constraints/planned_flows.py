"""The columns that are flows of the plan in force."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.plan_in_force import FLOW_KEYS
from inventory_allocation.allocation.program import Floats, Ints, Program

__all__ = ["match_columns"]

COLUMNS = {"shipment": "ship", "transfer": "transfer", "order": "order"}


def match_columns(
    program: Program, network: Network, planned: pd.DataFrame
) -> tuple[Ints, Ints, Floats]:
    """Find the columns of flows.

    Args:
        program: The program.
        network: The network.
        planned: Rows of `plan_in_force`.

    Returns:
        Row of `planned`, position of the column, and units of one of it; sorted by these.
    """
    pack = network.products["pack_size"].to_numpy()
    multiple = network.suppliers["multiple"].to_numpy()
    planned = planned.reset_index(drop=True).rename_axis("row").reset_index()
    found = []
    for kind, key in FLOW_KEYS.items():
        block = program.columns[COLUMNS[kind]]
        of_kind = planned[planned["kind"] == kind]
        if of_kind.empty:
            continue
        columns = block.keys[key].astype("int64").assign(column=block.positions)
        if kind != "shipment":
            columns["size"] = (
                pack[block.keys["sku"]] if kind == "transfer" else multiple[block.keys["offer"]]
            )
        else:
            columns["size"] = 1.0
        found.append(of_kind[["row", *key]].merge(columns, on=key)[["row", "column", "size"]])
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    matched = pd.concat(found).sort_values(["row", "column"])
    return (
        matched["row"].to_numpy(dtype=np.int64),
        matched["column"].to_numpy(dtype=np.int64),
        matched["size"].to_numpy(dtype=float),
    )
