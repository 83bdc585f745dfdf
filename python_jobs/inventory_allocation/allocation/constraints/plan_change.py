"""What the plan in force moves is moved again, or the change has its price."""

import numpy as np

from inventory_allocation.allocation.constraints.planned_flows import match_columns
from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["add_plan_change"]


def add_plan_change(program: Program, network: Network) -> None:
    """Keep each flow k of the plan in force, at a price for each unit that goes another way.

    sum of its columns + plan_change[k] >= planned[k], in units

    A unit that moves from one flow to another counts once; new demand doesn't count.
    """
    price = float(network.parameters["change_cost_per_unit"])
    planned = network.plan_in_force if price > 0 else network.plan_in_force.iloc[:0]
    units = planned["units"].to_numpy()
    changed = program.add_columns("plan_change", planned.drop(columns="units"), price, units)
    rows = program.add_rows("plan_change", planned, units, np.inf)
    program.add_entries(rows.positions, changed.positions, 1.0)
    row, column, size = match_columns(program, network, planned)
    program.add_entries(rows.start + row, column, size)
