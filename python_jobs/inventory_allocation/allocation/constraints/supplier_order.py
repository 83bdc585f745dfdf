"""An order is of whole multiples, and of the supplier's minimum."""

import numpy as np

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["add_supplier_order"]


def add_supplier_order(program: Program, network: Network) -> None:
    """Pay for an order and keep to its minimum, for offer o and period t.

    multiple[o] * order[o,t] <= most[o] * order_placed[o,t], in units
    multiple[o] * order[o,t] >= minimum[o] * order_placed[o,t], in units

    The most is the upper bound of `order`: its capacity, or all that may be needed.
    """
    order, placed = program.columns["order"], program.columns["order_placed"]
    offers = network.suppliers.iloc[placed.keys["offer"]]
    position = order.start + placed.keys["order"].to_numpy(dtype=np.int64)
    multiple = offers["multiple"].to_numpy()
    most = placed.keys["most"].to_numpy()
    for name, limit, lower, upper in (
        ("order_most", most * multiple, -np.inf, 0.0),
        ("order_minimum", offers["minimum"].to_numpy(), 0.0, np.inf),
    ):
        rows = program.add_rows(name, placed.keys, lower, upper)
        program.add_entries(rows.positions, position, multiple)
        program.add_entries(rows.positions, placed.positions, -limit)
