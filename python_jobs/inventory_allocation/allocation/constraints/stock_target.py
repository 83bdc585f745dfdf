"""Stock at the end of a period covers what may come, softly."""

import numpy as np

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["add_stock_target"]


def add_stock_target(program: Program, network: Network) -> None:
    """stock[s,f,t] + stock_target_shortfall[s,f,t] >= target[s,f,t], in units."""
    price = float(network.parameters["stock_target_cost_per_unit"])
    stock = program.columns["stock"]
    matched = network.stock_targets.merge(
        stock.keys.assign(position=stock.positions), on=["fc", "sku", "period"]
    )
    shortfall = program.add_columns("stock_target_shortfall", matched, price)
    rows = program.add_rows("stock_target", matched, matched["target"].to_numpy(), np.inf)
    program.add_entries(rows.positions, matched["position"].to_numpy(), 1.0)
    program.add_entries(rows.positions, shortfall.positions, 1.0)
