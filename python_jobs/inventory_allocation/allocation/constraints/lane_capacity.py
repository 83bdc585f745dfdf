"""A lane carries no more in a period than it can."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["add_lane_capacity"]


def add_lane_capacity(program: Program, network: Network) -> None:
    """sum_{d of r,t} ship[d,f] <= lane_capacity[f,r], in units a period, where there is a limit."""
    periods = len(network.period_starts)
    lanes = network.lanes[np.isfinite(network.lanes["capacity"])].reset_index(drop=True)
    row_of = np.full((len(network.fcs), len(network.regions), periods), -1)
    row_of[lanes["fc"], lanes["region"]] = np.arange(len(lanes) * periods).reshape(-1, periods)
    keys = lanes[["fc", "region", "capacity"]].merge(
        pd.DataFrame({"period": np.arange(periods)}), how="cross"
    )
    rows = program.add_rows("lane_capacity", keys, -np.inf, keys["capacity"].to_numpy())
    ship = program.columns["ship"]
    row = row_of[ship.keys["fc"], ship.keys["region"], ship.keys["period"]]
    inside = row >= 0
    program.add_entries(rows.start + row[inside], ship.positions[inside], 1.0)
