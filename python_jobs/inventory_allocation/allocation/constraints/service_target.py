"""A share of demand is served, softly."""

import numpy as np

from inventory_allocation.allocation.constraints.share_target import add_share_target
from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["add_service_target"]


def add_service_target(program: Program, network: Network) -> None:
    """Sum ship[d,f] + service_target_shortfall[r,g,t] >= level[g] * sum demand[d], in units."""
    price = float(network.parameters["service_shortfall_cost_per_unit"])
    counts = np.ones(len(program.columns["ship"].keys), dtype=bool)
    add_share_target(program, network, "service_target", counts, price)
