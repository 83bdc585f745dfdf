"""What the service target and the SLA target have in common: a share of demand, softly."""

import numpy as np
import numpy.typing as npt

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["SHARE_KEYS", "add_share_target"]

SHARE_KEYS = ["region", "target_service_level", "period"]


def add_share_target(
    program: Program,
    network: Network,
    name: str,
    counts: npt.NDArray[np.bool_],
    price: float,
) -> None:
    """Ask for a share of the demand of each region, service level and period, at a price.

    sum ship[d,f] (that count) + shortfall >= target * sum demand[d], in units

    Args:
        program: The program.
        network: The network.
        name: Name of the rows; the columns are `<name>_shortfall`.
        counts: Which columns of `ship` count.
        price: Cost of one unit of shortfall.
    """
    groups = network.demand.groupby(SHARE_KEYS, sort=True)
    totals = groups["units"].sum().reset_index()
    wanted = (totals["units"] * totals["target_service_level"]).to_numpy()
    shortfall = program.add_columns(f"{name}_shortfall", totals, price)
    rows = program.add_rows(name, totals, wanted, np.inf)
    ship = program.columns["ship"]
    row = np.asarray(groups.ngroup(), dtype=np.int64)[ship.keys["demand_row"]]
    program.add_entries(rows.start + row[counts], ship.positions[counts], 1.0)
    program.add_entries(rows.positions, shortfall.positions, 1.0)
