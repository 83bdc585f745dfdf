"""Demand is shipped or not served."""

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["add_demand_balance"]


def add_demand_balance(program: Program, network: Network) -> None:
    """sum_f ship[d, f] + unmet[d] = demand[d], in units, for each demand row d."""
    units = network.demand["units"].to_numpy()
    rows = program.add_rows("demand_balance", network.demand, units, units)
    ship, unmet = program.columns["ship"], program.columns["unmet"]
    program.add_entries(rows.start + ship.keys["demand_row"].to_numpy(), ship.positions, 1.0)
    program.add_entries(rows.positions, unmet.positions, 1.0)
