"""Why a planner's override can't be kept to: the limits that contradict it."""

import highspy
import numpy as np
import pandas as pd

from inventory_allocation.allocation.constraint_report import describe_rows
from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Ints, Program
from inventory_allocation.allocation.solving.highs import new_highs, pass_model

__all__ = ["find_conflicts"]

# Of HiGHS: look for an irreducible set from all rows of the program.
IIS_STRATEGY = 2
MAX_CONFLICTS = 20
NAMED_LIMITS = 4


def _list_rows(program: Program, sku: int) -> tuple[Ints, Ints]:
    """Columns of a SKU, and the rows that hold any of them."""
    columns = [
        block.positions[(block.keys["sku"] == sku).to_numpy()]
        for block in program.columns.values()
        if "sku" in block.keys
    ]
    of_sku = np.concatenate(columns)
    rows = np.unique(program.matrix()[:, of_sku].indices).astype(np.int64)
    return of_sku, rows


def _find_infeasible(program: Program, override: int, sku: int) -> Ints:
    """Rows that no values of a SKU's columns keep together with an override; none where some do."""
    of_sku, rows = _list_rows(program, sku)
    upper = program.upper.copy()
    for name in ("plan_override_missing", "plan_override_excess"):
        upper[program.columns[name].start + override] = 0.0
    lower, most = program.row_bounds
    # What other SKUs add to rows that are shared is left out: at best they use nothing.
    shared = np.setdiff1d(
        np.unique(program.matrix().tocsr()[rows].indices), of_sku, assume_unique=True
    )
    is_slack = np.ones(len(program.cost), dtype=bool)
    for block in program.columns.values():
        if "sku" in block.keys:
            is_slack[block.positions] = False
    columns = np.concatenate([of_sku, shared[is_slack[shared]]])
    highs = new_highs(iis_strategy=IIS_STRATEGY)
    part = program.matrix().tocsr()[rows][:, columns].tocsc()
    pass_model(highs, program.cost[columns], upper[columns], part, lower[rows], most[rows])
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kInfeasible:
        return rows[:0]
    _, found = highs.getIis()
    named: Ints = rows[np.array(found.row_index_, dtype=np.int64)]
    return named


def find_conflicts(program: Program, network: Network, missed: pd.DataFrame) -> dict[str, str]:
    """Name the limits that contradict overrides.

    An irreducible infeasible set of the linear program of the override's SKU: leave any of
    its limits out, and the override could be kept to (Chinneck, Feasibility and Infeasibility in
    Optimization, 2008). Other SKUs are left aside, so a limit that only all of them together
    reach isn't found.

    Args:
        program: The program.
        network: The network.
        missed: Overrides that are missed, as of `overridden_units`; the first 20 are looked at.

    Returns:
        Words by override_id, for those that something was found for.
    """
    block = program.rows["plan_override"]
    number_of = {key: number for number, key in enumerate(block.keys["override_id"])}
    said = {}
    for _, override in missed.head(MAX_CONFLICTS).iterrows():
        number = number_of[override["override_id"]]
        rows = _find_infeasible(program, number, int(override["sku"]))
        words = []
        for name, other in program.rows.items():
            inside = rows[(rows >= other.start) & (rows < other.start + len(other.keys))]
            inside = inside[inside != block.start + number]
            if len(inside):
                keys = other.keys.iloc[inside - other.start]
                words += [meaning for _, meaning in describe_rows(name, keys, network)]
        if words:
            more = f"; and {len(words) - NAMED_LIMITS} more" if len(words) > NAMED_LIMITS else ""
            said[str(override["override_id"])] = "; ".join(words[:NAMED_LIMITS]) + more
    return said
