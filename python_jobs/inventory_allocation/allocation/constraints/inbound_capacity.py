"""A centre takes in no more in a period than it can."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["add_inbound_capacity"]


def add_inbound_capacity(program: Program, network: Network) -> None:
    """Limit what the plan has arrive at centre f in period t, in units.

    sum pack[s] * transfer[s,l,t-lead] (l into f) + sum multiple[o] * order[o,t-lead] (o at f)
        <= max(inbound_capacity[f] - sum_s inbound[s,f,t], 0)

    Open orders, of any SKU, come whatever the plan says: they take their part first.
    """
    periods = len(network.period_starts)
    capacity = network.centers["inbound"].to_numpy()
    limited = np.flatnonzero(np.isfinite(capacity))
    row_of = np.full((len(network.fcs), periods), -1)
    row_of[limited] = np.arange(len(limited) * periods).reshape(-1, periods)
    keys = pd.DataFrame(
        {"fc": np.repeat(limited, periods), "period": np.tile(np.arange(periods), len(limited))}
    )
    left = capacity[keys["fc"]] - network.open_orders[keys["fc"], keys["period"]]
    rows = program.add_rows("inbound_capacity", keys, -np.inf, np.maximum(left, 0.0))
    transfer = program.columns["transfer"]
    row = row_of[transfer.keys["to_fc"], transfer.keys["period"] + transfer.keys["lead_periods"]]
    inside = row >= 0
    pack = network.products["pack_size"].to_numpy()[transfer.keys["sku"]]
    program.add_entries(rows.start + row[inside], transfer.positions[inside], pack[inside])
    order = program.columns["order"]
    arrival = (order.keys["period"] + order.keys["lead_periods"]).to_numpy()
    row = np.where(
        arrival < periods, row_of[order.keys["fc"], np.minimum(arrival, periods - 1)], -1
    )
    inside = row >= 0
    multiple = network.suppliers["multiple"].to_numpy()[order.keys["offer"]]
    program.add_entries(rows.start + row[inside], order.positions[inside], multiple[inside])
