"""What is left at the end, or on its way, covers demand until the next order can arrive, softly."""

import numpy as np

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["add_cover_target"]


def add_cover_target(program: Program, network: Network) -> None:
    """Cover demand after the horizon at each centre f with a supplier of SKU s, in units.

    stock[s,f,T] + later[s,f] + sum multiple[o] * order[o,t] (that arrive after T)
        + cover_shortfall[s,f] + cover_safety_shortfall[s,f] >= mean[s,f] + safety[s,f]

    with cover_shortfall at most the mean and cover_safety_shortfall at most the safety stock, which
    costs less.
    """
    cover, periods = network.cover, len(network.period_starts)
    price = float(network.parameters["stock_target_cost_per_unit"])
    mean, safety = cover["mean"].to_numpy(), cover["safety"].to_numpy()
    short = program.add_columns("cover_shortfall", cover, cover["price"].to_numpy(), mean)
    thin = program.add_columns("cover_safety_shortfall", cover, price, safety)
    wanted = mean + safety - cover["later"].to_numpy()
    rows = program.add_rows("cover_target", cover, wanted, np.inf)
    program.add_entries(rows.positions, short.positions, 1.0)
    program.add_entries(rows.positions, thin.positions, 1.0)

    row_of = np.full((len(network.fcs), len(network.skus)), -1)
    row_of[cover["fc"], cover["sku"]] = np.arange(len(cover))
    stock, order = program.columns["stock"], program.columns["order"]
    row = row_of[stock.keys["fc"], stock.keys["sku"]]
    inside = (row >= 0) & (stock.keys["period"].to_numpy() == periods - 1)
    program.add_entries(rows.start + row[inside], stock.positions[inside], 1.0)
    row = row_of[order.keys["fc"], order.keys["sku"]]
    arrival = (order.keys["period"] + order.keys["lead_periods"]).to_numpy()
    inside = (row >= 0) & (arrival >= periods)
    multiple = network.suppliers["multiple"].to_numpy()[order.keys["offer"]]
    program.add_entries(rows.start + row[inside], order.positions[inside], multiple[inside])
