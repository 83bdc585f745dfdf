"""An order is of whole multiples, and of the supplier's minimum."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Ints, Program

__all__ = ["add_supplier_order"]


def add_supplier_order(program: Program, network: Network) -> None:
    """Pay for an order and keep to its minimum, for offer o and period t.

    multiple[o] * order[o,t] <= most[o] * order_placed[o,t], in units
    multiple[o] * order[o,t] >= minimum[o] * order_placed[o,t], in units

    The most is the upper bound of `order`: its capacity, or all that may be needed. Where a centre
    has a SKU from orders alone, and each of them has to be placed, cuts make the relaxation tight
    (Krarup and Pruzan, The simple plant location problem, European Journal of Operational Research
    12, 1983):

    ship[d,f] <= demand[d] * sum_o,u order_placed[o,u], for orders to f that are there in time
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
    _add_cuts(program, network)


def _add_cuts(program: Program, network: Network) -> None:
    """Ship from a centre that has a SKU from orders alone only once one has been placed."""
    ship, placed = program.columns["ship"], program.columns["order_placed"]
    orders = program.columns["order"].keys
    pair = _pairs_of_orders_alone(program, network)
    if not len(pair):
        return
    of_orders = orders.iloc[placed.keys["order"]].reset_index(drop=True)
    at = np.flatnonzero(np.isin(_pair(network, ship.keys), pair))
    keys = ship.keys.iloc[at].reset_index(drop=True)
    cuts = program.add_rows("ship_from_order", keys, -np.inf, 0.0, is_cut=True)
    program.add_entries(cuts.positions, ship.start + at, 1.0)
    arrives = of_orders["period"] + of_orders["lead_periods"]
    first = pd.DataFrame(
        {"pair": _pair(network, of_orders), "arrives": arrives, "placed": placed.positions}
    )
    shipped = pd.DataFrame(
        {"pair": _pair(network, keys), "period": keys["period"], "row": cuts.positions}
    ).assign(units=network.demand["units"].to_numpy()[keys["demand_row"]])
    there = shipped.merge(first, on="pair")
    there = there[there["arrives"] <= there["period"]]
    program.add_entries(
        there["row"].to_numpy(), there["placed"].to_numpy(), -there["units"].to_numpy()
    )


def _pair(network: Network, keys: pd.DataFrame) -> Ints:
    """A number for the centre and SKU of each row."""
    number: Ints = keys["fc"].to_numpy(dtype=np.int64) * len(network.skus) + keys["sku"].to_numpy()
    return number


def _pairs_of_orders_alone(program: Program, network: Network) -> Ints:
    """Centres and SKUs with orders that have to be placed, and no other supply."""
    orders, placed = program.columns["order"].keys, program.columns["order_placed"].keys
    is_free = ~np.isin(np.arange(len(orders)), placed["order"])
    transfer = program.columns["transfer"].keys.rename(columns={"to_fc": "fc"})
    there = [come[come["units"] > 0] for come in (network.stock, network.inbound)]
    others = [*there, transfer, orders[is_free]]
    supplied = np.concatenate([_pair(network, keys) for keys in others])
    return np.setdiff1d(_pair(network, orders), supplied)
