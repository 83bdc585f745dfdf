"""A transfer lane carries no more in a period than it can."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["add_transfer_capacity"]


def add_transfer_capacity(program: Program, network: Network) -> None:
    """sum_s pack[s] * transfer[s,l,t] <= transfer_capacity[l], in units, where there is a limit."""
    periods = len(network.period_starts)
    capacity = network.transfer_lanes["capacity"].to_numpy()
    limited = np.flatnonzero(np.isfinite(capacity))
    row_of = np.full((len(capacity), periods), -1)
    row_of[limited] = np.arange(len(limited) * periods).reshape(-1, periods)
    keys = pd.DataFrame(
        {"lane": np.repeat(limited, periods), "period": np.tile(np.arange(periods), len(limited))}
    )
    rows = program.add_rows("transfer_capacity", keys, -np.inf, capacity[keys["lane"]])
    transfer = program.columns["transfer"]
    row = row_of[transfer.keys["lane"], transfer.keys["period"]]
    inside = row >= 0
    pack = network.products["pack_size"].to_numpy()[transfer.keys["sku"]]
    program.add_entries(rows.start + row[inside], transfer.positions[inside], pack[inside])
