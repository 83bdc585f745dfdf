"""The decisions of the program. Their names are those of docs/model.md."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Floats, Program

__all__ = ["add_variables", "most_packs"]


def _over_periods(frame: pd.DataFrame, periods: int) -> pd.DataFrame:
    return frame.merge(pd.DataFrame({"period": np.arange(periods)}), how="cross")


def _by_sku(network: Network, frame: pd.DataFrame, column: str) -> Floats:
    skus = range(len(network.skus))
    summed: Floats = (
        frame.groupby("sku")[column].sum().reindex(skus, fill_value=0.0).to_numpy(dtype=float)
    )
    return summed


def _wanted(network: Network) -> Floats:
    """All that demand, stock targets, cover and the plan in force can ask for, in units by SKU."""
    return (
        _by_sku(network, network.demand, "most")
        + _by_sku(network, network.stock_targets, "target")
        + _by_sku(network, network.cover, "mean")
        + _by_sku(network, network.cover, "safety")
        + _by_sku(network, network.cover, "cycle")
        + _by_sku(network, network.plan_in_force, "units")
    )


def _is_too_full(network: Network) -> npt.NDArray[np.bool_]:
    """Whether what a centre has and awaits is more than it can store, shape (centres,)."""
    come = pd.concat([network.stock, network.inbound])
    volume = come["units"] * network.products["volume"].to_numpy()[come["sku"]]
    held = volume.groupby(come["fc"]).sum().reindex(range(len(network.fcs)), fill_value=0.0)
    return np.asarray(held > network.centers["storage"])


def most_packs(network: Network, transfers: pd.DataFrame) -> Floats:
    """The most packs that a transfer of a SKU from a centre (sku, from_fc) can need.

    No more than there is, and, from a centre that has room for its stock, no more than all demand
    and targets of the horizon ask for: moving costs, and holding costs the same everywhere.
    """

    def total(frame: pd.DataFrame, column: str) -> Floats:
        return _by_sku(network, frame, column)

    pack = network.products["pack_size"].to_numpy()
    supply = np.floor((total(network.stock, "units") + total(network.inbound, "units")) / pack)
    wanted = _wanted(network)
    ordered = network.suppliers["sku"].unique()
    supply[ordered] += np.ceil(wanted / pack)[ordered]
    wanted = np.where(
        _is_too_full(network)[transfers["from_fc"]],
        np.inf,
        np.ceil(wanted / pack)[transfers["sku"]],
    )
    packs: Floats = np.minimum(supply[transfers["sku"]], wanted)
    return packs


def _list_shipments(network: Network) -> tuple[pd.DataFrame, Floats]:
    """Every way of serving every demand row, sorted by it and centre, and its cost per unit.

    There are millions of them in a large company: hence numbers of 32 bits, and no join.
    """
    demand, lanes = network.demand, network.lanes
    first = np.searchsorted(lanes["region"], np.arange(len(network.regions) + 1))
    region = demand["region"].to_numpy()
    lanes_of = np.diff(first)[region]
    row = np.repeat(np.arange(len(demand), dtype=np.int32), lanes_of)
    # Counts the lanes of each row from its region's first.
    start = np.cumsum(lanes_of) - lanes_of
    lane = (np.arange(len(row)) - (start - first[region])[row]).astype(np.int32)
    is_pair = np.zeros((len(network.fcs), len(network.skus)), dtype=bool)
    is_pair[network.pairs["fc"], network.pairs["sku"]] = True
    sku = demand["sku"].to_numpy(dtype=np.int32)
    fc = lanes["fc"].to_numpy(dtype=np.int32)
    is_possible = is_pair[fc[lane], sku[row]]
    row, lane = row[is_possible], lane[is_possible]

    def of_demand(name: str, kind: str) -> npt.NDArray[np.generic]:
        values: npt.NDArray[np.generic] = demand[name].to_numpy(dtype=kind)[row]
        return values

    keys = pd.DataFrame(
        {
            "demand_row": row,
            "fc": fc[lane],
            "region": of_demand("region", "int32"),
            "sku": sku[row],
            "period": of_demand("period", "int32"),
            "target_service_level": of_demand("target_service_level", "float64"),
            "is_within_sla": lanes["is_within_sla"].to_numpy()[lane],
        }
    )
    carbon_price = float(network.parameters["carbon_price_per_kg"])
    flat = (lanes["cost_per_unit"] + lanes["handling"] + carbon_price * lanes["carbon"]).to_numpy()
    weight = network.products["weight"].to_numpy()[keys["sku"]]
    return keys, flat[lane] + lanes["cost_per_kg"].to_numpy()[lane] * weight


def add_variables(program: Program, network: Network) -> None:
    """Add the columns, each with its cost; `transfer_hurdle` times that for transfers and trucks.

    ship      units shipped, by demand row and lane of its region
    unmet     units of a demand row not served
    stock     units at a centre at the end of a period
    transfer  case packs sent that arrive within the horizon (integer)
    truck     trucks sent over a transfer lane (integer)
    order     multiples ordered of an offer of a supplier (integer)
    order_placed  whether an order with a fixed cost or a minimum is placed (integer)
    """
    periods = len(network.period_starts)
    pairs = network.pairs
    hurdle = float(network.parameters["transfer_hurdle"])

    ship, ship_cost = _list_shipments(network)
    demand = network.demand.rename_axis("demand_row").reset_index()
    units = demand["units"].to_numpy()[ship["demand_row"]]
    program.add_columns("ship", ship, ship_cost, units)
    program.add_columns(
        "unmet",
        demand.drop(columns="most"),
        demand["unmet_cost"].to_numpy(),
        demand["units"].to_numpy(),
    )
    stock = _over_periods(pairs, periods)
    program.add_columns("stock", stock, network.products["holding"].to_numpy()[stock["sku"]])

    lanes = network.transfer_lanes.rename_axis("lane").reset_index()
    held = lanes.merge(pairs.rename(columns={"fc": "from_fc"}), on="from_fc")
    sendable = _over_periods(
        held.merge(pairs.rename(columns={"fc": "to_fc"}), on=["to_fc", "sku"]), periods
    )
    arrives = sendable["period"] + sendable["lead_periods"] < periods
    transfer = sendable[arrives].sort_values(["lane", "sku", "period"], ignore_index=True)
    pack = network.products["pack_size"].to_numpy()[transfer["sku"]]
    program.add_columns(
        "transfer",
        transfer[["lane", "from_fc", "to_fc", "sku", "period", "lead_periods"]],
        hurdle * transfer["cost_per_unit"].to_numpy() * pack,
        most_packs(network, transfer),
        is_integer=True,
    )
    trucked = lanes[(lanes["fixed_cost"] > 0) & (lanes["truck_capacity_m3"] > 0)]
    truck = _over_periods(trucked, periods)
    truck = truck[truck["period"] + truck["lead_periods"] < periods]
    program.add_columns(
        "truck",
        truck[["lane", "from_fc", "to_fc", "period"]],
        hurdle * truck["fixed_cost"].to_numpy(),
        is_integer=True,
    )
    _add_orders(program, network, periods)


def _add_orders(program: Program, network: Network, periods: int) -> None:
    offers = network.suppliers.rename_axis("offer").reset_index()
    orders = _over_periods(offers, periods)
    needed = np.maximum(_wanted(network)[orders["sku"]], orders["minimum"])
    most = np.minimum(
        np.ceil(needed / orders["multiple"]), np.floor(orders["capacity"] / orders["multiple"])
    )
    # Goods are paid for when they are ordered: a period's holding, before they are stock.
    holding = network.products["holding"].to_numpy()[orders["sku"]]
    program.add_columns(
        "order",
        orders[["offer", "fc", "sku", "period", "lead_periods"]],
        ((orders["extra_cost"] + holding) * orders["multiple"]).to_numpy(),
        most.to_numpy(),
        is_integer=True,
    )
    placed = orders.assign(most=most).rename_axis("order").reset_index()
    placed = placed[(placed["fixed_cost"] > 0) | (placed["minimum"] > placed["multiple"])]
    program.add_columns(
        "order_placed",
        placed[["order", "offer", "sku", "period", "most"]],
        placed["fixed_cost"].to_numpy(),
        1.0,
        is_integer=True,
    )
