"""What is shipped emits no more than it may, over the horizon."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["add_carbon_cap"]


def add_carbon_cap(program: Program, network: Network) -> None:
    """Keep to the cap, if there is one: sum carbon[f,r] * ship[d,f] <= carbon_cap_kg, in kg."""
    cap = network.parameters["carbon_cap_kg"]
    keys = pd.DataFrame({"period": [] if pd.isna(cap) else [0]}, dtype="int64")
    rows = program.add_rows("carbon_cap", keys, -np.inf, float(cap) if len(keys) else 0.0)
    if len(keys):
        ship = program.columns["ship"]
        of_lane = np.zeros((len(network.fcs), len(network.regions)))
        of_lane[network.lanes["fc"], network.lanes["region"]] = network.lanes["carbon"]
        carbon = of_lane[ship.keys["fc"], ship.keys["region"]]
        emits = np.flatnonzero(carbon)
        row = np.full(len(emits), rows.start)
        program.add_entries(row, ship.positions[emits], carbon[emits])
