"""A share of demand is served within the region's SLA, softly."""

from inventory_allocation.allocation.constraints.share_target import add_share_target
from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["add_sla_target"]


def add_sla_target(program: Program, network: Network) -> None:
    """Sum ship[d,f] on lanes within the SLA + sla_target_shortfall >= level * demand, in units."""
    price = float(network.parameters["late_cost_per_unit"])
    counts = program.columns["ship"].keys["is_within_sla"].to_numpy(dtype=bool)
    add_share_target(program, network, "sla_target", counts, price)
