"""A centre that is closed neither ships nor sends nor receives."""

import numpy as np

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program
from inventory_allocation.allocation.variables import most_packs

__all__ = ["add_center_open"]


def add_center_open(program: Program, network: Network) -> None:
    """Pay the fixed cost of a centre over the horizon, or leave it closed.

    ship[d,f] <= demand[d] * center_open[f]
    transfer[s,l,t] <= most_packs[s] * center_open[f], for both ends f of l

    Only with var close_centers; otherwise all are open, and their cost is none of the plan's. The
    stock of a closed centre stays there. One row for each flow, since their sum would leave the
    relaxation weak (Krarup and Pruzan 1983, on the plant location problem).
    """
    if not bool(network.parameters["close_centers"]):
        return
    periods = len(network.period_starts)
    fixed = network.centers["fixed_cost"]
    center = program.add_columns(
        "center_open",
        fixed.rename_axis("fc").reset_index()[["fc"]],
        fixed.to_numpy() * periods,
        1.0,
        is_integer=True,
    )
    ship, transfer = program.columns["ship"], program.columns["transfer"]
    units = network.demand["units"].to_numpy()[ship.keys["demand_row"]]
    packs = most_packs(network, transfer.keys)
    for name, flow, end, most in (
        ("ship_from_open", ship, "fc", units),
        ("transfer_from_open", transfer, "from_fc", packs),
        ("transfer_to_open", transfer, "to_fc", packs),
    ):
        rows = program.add_rows(name, flow.keys, -np.inf, 0.0)
        program.add_entries(rows.positions, flow.positions, 1.0)
        program.add_entries(
            rows.positions, center.start + flow.keys[end].to_numpy(dtype=np.int64), -most
        )
