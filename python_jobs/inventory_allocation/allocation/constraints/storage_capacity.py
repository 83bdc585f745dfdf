"""Stock fits into its centre, softly."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["add_storage_capacity"]


def add_storage_capacity(program: Program, network: Network) -> None:
    """Limit the volume of stock at centre f at the end of period t, in m3.

    sum_s volume[s] * stock[s,f,t] - storage_overflow[f,t] <= storage_capacity[f]

    Soft, because what is there already, and what is on its way, may be too much.
    """
    periods = len(network.period_starts)
    capacity = network.centers["storage"].to_numpy()
    limited = np.flatnonzero(np.isfinite(capacity))
    row_of = np.full((len(network.fcs), periods), -1)
    row_of[limited] = np.arange(len(limited) * periods).reshape(-1, periods)
    keys = pd.DataFrame(
        {"fc": np.repeat(limited, periods), "period": np.tile(np.arange(periods), len(limited))}
    )
    price = float(network.parameters["storage_overflow_cost_per_m3"])
    overflow = program.add_columns("storage_overflow", keys, price)
    rows = program.add_rows("storage_capacity", keys, -np.inf, capacity[keys["fc"]])
    program.add_entries(rows.positions, overflow.positions, -1.0)
    stock = program.columns["stock"]
    row = row_of[stock.keys["fc"], stock.keys["period"]]
    inside = row >= 0
    volume = network.products["volume"].to_numpy()[stock.keys["sku"]]
    program.add_entries(rows.start + row[inside], stock.positions[inside], volume[inside])
