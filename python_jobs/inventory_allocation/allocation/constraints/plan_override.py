"""What planners decided is kept to, softly."""

import numpy as np

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.overrides import match_flows
from inventory_allocation.allocation.program import Program

__all__ = ["add_plan_override"]


def add_plan_override(program: Program, network: Network) -> None:
    """Keep the flows that override o is about between its bounds, in units.

    lower[o] <= sum of its flows + plan_override_missing[o] - plan_override_excess[o] <= upper[o]

    Soft, so that one that can't be honoured is named instead of leaving no plan.
    """
    price = float(network.parameters["override_cost_per_unit"])
    planned = network.overrides[network.overrides["verdict"] == "planned"]
    planned = planned.reset_index(drop=True)
    missing = program.add_columns("plan_override_missing", planned, price)
    excess = program.add_columns("plan_override_excess", planned, price)
    lower, upper = planned["lower"].to_numpy(), planned["upper"].to_numpy()
    rows = program.add_rows("plan_override", planned, lower, upper)
    program.add_entries(rows.positions, missing.positions, 1.0)
    program.add_entries(rows.positions, excess.positions, -1.0)
    pack = network.products["pack_size"].to_numpy()
    for number, override in planned.iterrows():
        block = program.columns["transfer" if override["is_transfer"] else "ship"]
        matched = block.positions[match_flows(override, block.keys)]
        size = pack[int(override["sku"])] if override["is_transfer"] else 1.0
        row = np.full(len(matched), rows.start + int(str(number)))
        program.add_entries(row, matched, size)
