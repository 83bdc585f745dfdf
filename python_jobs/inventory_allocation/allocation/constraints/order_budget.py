"""What is ordered costs no more than there is to spend, over the horizon."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["add_order_budget"]


def add_order_budget(program: Program, network: Network) -> None:
    """Keep to the budget for goods, in money over the horizon, where there is one.

    sum cost[o] * multiple[o] * order[o,t] + sum fixed_cost[o] * order_placed[o,t] <= order_budget
    """
    budget = network.parameters["order_budget"]
    keys = pd.DataFrame({"period": [] if pd.isna(budget) else [0]}, dtype="int64")
    rows = program.add_rows("order_budget", keys, -np.inf, float(budget) if len(keys) else 0.0)
    if len(keys):
        offers = network.suppliers
        multiple_cost = (offers["cost"] * offers["multiple"]).to_numpy()
        for name, price in (
            ("order", multiple_cost),
            ("order_placed", offers["fixed_cost"].to_numpy()),
        ):
            block = program.columns[name]
            row = np.full(len(block.keys), rows.start)
            program.add_entries(row, block.positions, price[block.keys["offer"]])
