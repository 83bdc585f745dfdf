"""What is left at the end, or on its way, covers demand until the next order can arrive, softly."""

import numpy as np

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program
from inventory_allocation.allocation.replenishment import list_cover_steps

__all__ = ["add_cover_target"]


def add_cover_target(program: Program, network: Network) -> None:
    """Cover demand after the horizon at each centre f with a supplier of SKU s, in units.

    stock[s,f,T] + later[s,f] + sum multiple[o] * order[o,t] (that arrive after T)
        + sum_k cover_shortfall[s,f,k] >= mean[s,f] + safety[s,f] + cycle[s,f]

    Steps k of the shortfall: the mean; the safety stock, as of a stock target; the cycle, what an
    order brings at once, whose price rises with what is missing of it.
    """
    cover, periods = network.cover, len(network.period_starts)
    steps = list_cover_steps(cover, str(network.parameters["stock_target_mode"]))
    keys = steps[["row"]].assign(sku=cover["sku"].to_numpy()[steps["row"]])
    short = program.add_columns(
        "cover_shortfall", keys, steps["price"].to_numpy(), steps["width"].to_numpy()
    )
    wanted = (cover["mean"] + cover["safety"] + cover["cycle"] - cover["later"]).to_numpy()
    rows = program.add_rows("cover_target", cover, wanted, np.inf)
    program.add_entries(rows.start + steps["row"].to_numpy(), short.positions, 1.0)

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
