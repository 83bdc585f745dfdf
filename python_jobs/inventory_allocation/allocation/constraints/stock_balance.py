"""Stock at the end is stock at the start, plus what comes, less what goes."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Ints, Program

__all__ = ["add_stock_balance"]


def add_stock_balance(program: Program, network: Network) -> None:
    """Keep the stock of SKU s at centre f over period t, in units.

    The equation::

        stock[s,f,t] = stock[s,f,t-1] + inbound[s,f,t]
                     + sum multiple[o] * order[o,t-lead] (o at f)
                     + sum pack[s] * transfer[s,l,t-lead] (l into f)
                     - sum pack[s] * transfer[s,l,t] (l out of f) - sum_d ship[d,f]
    """
    stock = program.columns["stock"]
    periods = len(network.period_starts)
    pairs = len(stock.keys) // periods
    pair_of = np.full((len(network.fcs), len(network.skus)), -1)
    first = stock.keys.iloc[::periods]
    pair_of[first["fc"], first["sku"]] = np.arange(pairs)

    def row_of(fc: "pd.Series[int]", sku: "pd.Series[int]", period: "pd.Series[int]") -> Ints:
        found: Ints = np.asarray(
            rows.start + pair_of[fc, sku] * periods + period.to_numpy(), dtype=np.int64
        )
        return found

    arriving = np.zeros((pairs, periods))
    known = network.inbound[pair_of[network.inbound["fc"], network.inbound["sku"]] >= 0]
    np.add.at(arriving, (pair_of[known["fc"], known["sku"]], known["period"]), known["units"])
    held = network.stock[pair_of[network.stock["fc"], network.stock["sku"]] >= 0]
    np.add.at(arriving[:, 0], pair_of[held["fc"], held["sku"]], held["units"])
    supply = arriving.ravel()

    rows = program.add_rows("stock_balance", stock.keys, supply, supply)
    program.add_entries(rows.positions, stock.positions, 1.0)
    later = stock.keys["period"].to_numpy() > 0
    program.add_entries(rows.positions[later], stock.positions[later] - 1, -1.0)
    ship = program.columns["ship"]
    program.add_entries(
        row_of(ship.keys["fc"], ship.keys["sku"], ship.keys["period"]), ship.positions, 1.0
    )
    transfer = program.columns["transfer"]
    keys = transfer.keys
    pack = network.products["pack_size"].to_numpy()[keys["sku"]]
    program.add_entries(
        row_of(keys["from_fc"], keys["sku"], keys["period"]), transfer.positions, pack
    )
    program.add_entries(
        row_of(keys["to_fc"], keys["sku"], keys["period"] + keys["lead_periods"]),
        transfer.positions,
        -pack,
    )
    order = program.columns["order"]
    arrival = order.keys["period"] + order.keys["lead_periods"]
    inside = (arrival < periods).to_numpy()
    came = order.keys[inside]
    program.add_entries(
        row_of(came["fc"], came["sku"], arrival[inside]),
        order.positions[inside],
        -network.suppliers["multiple"].to_numpy()[came["offer"]],
    )
