"""Simple rules to serve demand by, with one period and no transfers: what a plan is beside."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from inventory_allocation.allocation.greedy import plan_greedily
from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.plan import Flows, follow_stock

__all__ = ["RULES"]


def _list_options(network: Network) -> pd.DataFrame:
    """Every lane of every demand row, with its cost per unit."""
    demand = network.demand.rename_axis("demand_row").reset_index()
    options = demand.merge(network.lanes, on="region")
    weight = network.products["weight"].to_numpy()[options["sku"]]
    cost = options["cost_per_unit"] + options["cost_per_kg"] * weight + options["handling"]
    return options.assign(cost=cost)


def _serve(network: Network, options: pd.DataFrame, most: np.ndarray) -> Flows:
    """Serve options in their order, each up to `most`, as stock and capacity allow."""
    left = np.zeros((len(network.fcs), len(network.skus)))
    np.add.at(left, (network.stock["fc"], network.stock["sku"]), network.stock["units"])
    outbound = network.centers["outbound"].to_numpy(copy=True)
    wanted = network.demand["units"].to_numpy(copy=True)
    sent = np.zeros(len(options))
    columns = (options["demand_row"], options["fc"], options["sku"], most)
    for position, (row, fc, sku, limit) in enumerate(zip(*columns, strict=True)):
        units = min(wanted[row], left[fc, sku], outbound[fc], limit)
        if units > 0:
            wanted[row] -= units
            left[fc, sku] -= units
            outbound[fc] -= units
            sent[position] = units
    ship = options.assign(units=sent)[sent > 1e-9]
    empty = plan_greedily(network)
    stock = follow_stock(network, ship, empty.transfer, empty.order, expired=empty.order)
    return Flows(ship, empty.transfer, empty.truck, empty.order, stock)


def serve_cheapest_first(network: Network) -> Flows:
    """Of all lanes and demands the cheapest first."""
    options = _list_options(network).sort_values(["cost", "demand_row", "fc"], ignore_index=True)
    return _serve(network, options, np.full(len(options), np.inf))


def serve_in_proportion(network: Network) -> Flows:
    """Each demand from all centres, as their stock of the SKU is shared out."""
    stock = network.stock.assign(
        share=lambda frame: frame["units"] / frame.groupby("sku")["units"].transform("sum")
    )
    options = _list_options(network).merge(stock[["fc", "sku", "share"]], on=["fc", "sku"])
    options = options.sort_values(["demand_row", "fc"], ignore_index=True)
    most = (options["share"] * options["units"]).to_numpy()
    return _serve(network, options, most)


RULES: dict[str, Callable[[Network], Flows]] = {
    "nearest centre": plan_greedily,
    "cheapest first": serve_cheapest_first,
    "proportional": serve_in_proportion,
}
