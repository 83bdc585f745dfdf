"""A centre ships no more in a period than it can."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["add_outbound_capacity"]


def add_outbound_capacity(program: Program, network: Network) -> None:
    """Limit what leaves centre f in period t, in units, transfers included.

    sum_d ship[d,f] + sum pack[s] * transfer[s,l,t] (l out of f) <= outbound_capacity[f]
    """
    periods = len(network.period_starts)
    capacity = network.centers["outbound"].to_numpy()
    limited = np.flatnonzero(np.isfinite(capacity))
    row_of = np.full((len(network.fcs), periods), -1)
    row_of[limited] = np.arange(len(limited) * periods).reshape(-1, periods)
    keys = pd.DataFrame(
        {"fc": np.repeat(limited, periods), "period": np.tile(np.arange(periods), len(limited))}
    )
    rows = program.add_rows("outbound_capacity", keys, -np.inf, capacity[keys["fc"]])
    ship, transfer = program.columns["ship"], program.columns["transfer"]
    for block, fc, units in (
        (ship, ship.keys["fc"], np.ones(len(ship.keys))),
        (
            transfer,
            transfer.keys["from_fc"],
            network.products["pack_size"].to_numpy()[transfer.keys["sku"]],
        ),
    ):
        row = row_of[fc, block.keys["period"]]
        inside = row >= 0
        program.add_entries(rows.start + row[inside], block.positions[inside], units[inside])
