"""Stock at the end of a period covers what may come, softly."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program
from inventory_allocation.allocation.stock_targets import shortfall_steps

__all__ = ["add_stock_target"]


def add_stock_target(program: Program, network: Network) -> None:
    """stock[s,f,t] + sum_k stock_target_shortfall[s,f,t,k] >= target[s,f,t], in units.

    With one step k, or with var stock_target_mode `expected_loss` several, each at most its share
    of the target.
    """
    steps = shortfall_steps(str(network.parameters["stock_target_mode"]))
    stock = program.columns["stock"]
    matched = network.stock_targets.merge(
        stock.keys.assign(position=stock.positions), on=["fc", "sku", "period"]
    )
    target = matched["target"].to_numpy()
    missing = pd.concat([matched.assign(step=step) for step in range(len(steps))])
    step = missing["step"].to_numpy()
    shortfall = program.add_columns(
        "stock_target_shortfall",
        missing,
        missing["price"].to_numpy() * steps[step, 1],
        missing["target"].to_numpy() * steps[step, 0] if len(steps) > 1 else np.inf,
    )
    rows = program.add_rows("stock_target", matched, target, np.inf)
    program.add_entries(rows.positions, matched["position"].to_numpy(), 1.0)
    program.add_entries(np.tile(rows.positions, len(steps)), shortfall.positions, 1.0)
