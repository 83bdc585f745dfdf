"""What is left at the end, or on its way, covers demand until the next order can arrive, softly."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program
from inventory_allocation.allocation.stock_targets import shortfall_steps

__all__ = ["add_cover_target"]


def add_cover_target(program: Program, network: Network) -> None:
    """Cover demand after the horizon at each centre f with a supplier of SKU s, in units.

    stock[s,f,T] + later[s,f] + sum multiple[o] * order[o,t] (that arrive after T)
        + cover_shortfall[s,f] + sum_k cover_safety_shortfall[s,f,k] >= mean[s,f] + safety[s,f]

    with cover_shortfall at most the mean and cover_safety_shortfall at most the safety stock, which
    costs less; its steps k are those of stock_target.
    """
    cover, periods = network.cover, len(network.period_starts)
    steps = shortfall_steps(str(network.parameters["stock_target_mode"]))
    mean, safety = cover["mean"].to_numpy(), cover["safety"].to_numpy()
    short = program.add_columns("cover_shortfall", cover, cover["price"].to_numpy(), mean)
    missing = pd.concat([cover.assign(step=step) for step in range(len(steps))])
    step = missing["step"].to_numpy()
    thin = program.add_columns(
        "cover_safety_shortfall",
        missing,
        missing["safety_price"].to_numpy() * steps[step, 1],
        missing["safety"].to_numpy() * steps[step, 0],
    )
    wanted = mean + safety - cover["later"].to_numpy()
    rows = program.add_rows("cover_target", cover, wanted, np.inf)
    program.add_entries(rows.positions, short.positions, 1.0)
    program.add_entries(np.tile(rows.positions, len(steps)), thin.positions, 1.0)

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
