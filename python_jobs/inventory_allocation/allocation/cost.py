"""What a plan costs, by part, from its flows alone: the same rule for every plan."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.constraints.frozen_period import FROZEN_PRICE_SHARE
from inventory_allocation.allocation.constraints.share_target import SHARE_KEYS
from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.overrides import overridden_units
from inventory_allocation.allocation.plan import Flows
from inventory_allocation.allocation.plan_in_force import planned_units
from inventory_allocation.allocation.replenishment import list_cover_steps
from inventory_allocation.allocation.sku_pairs import split_orders, table_joint_orders
from inventory_allocation.allocation.stock_targets import cost_of_shortfall, shortfall_steps

__all__ = ["centers_in_use", "cost_parts", "count_split_orders", "price_shipments"]


def price_shipments(network: Network, ship: pd.DataFrame) -> pd.DataFrame:
    """Add lane data to shipments: shipping_cost, handling_cost, transit_days, is_within_sla."""
    demand = network.demand.iloc[ship["demand_row"]].reset_index(drop=True)
    flat = ship[["demand_row", "fc", "units"]].reset_index(drop=True)
    priced = flat.assign(region=demand["region"], sku=demand["sku"], period=demand["period"])
    priced = priced.merge(network.lanes, on=["fc", "region"], how="left")
    weight = network.products["weight"].to_numpy()[priced["sku"]]
    return priced.assign(
        shipping_cost=priced["units"] * (priced["cost_per_unit"] + priced["cost_per_kg"] * weight),
        handling_cost=priced["units"] * priced["handling"],
        carbon_kg=priced["units"] * priced["carbon"],
    )


def _share_shortfall(network: Network, shipped: "pd.Series[float]") -> float:
    """Units short of the target share of each region, service level and period."""
    frame = network.demand.assign(shipped=shipped.to_numpy())
    totals = frame.groupby(SHARE_KEYS, as_index=False)[["units", "shipped"]].sum()
    wanted = totals["units"] * totals["target_service_level"]
    return float((wanted - totals["shipped"]).clip(lower=0).sum())


def _storage_overflow(network: Network, stock: pd.DataFrame) -> float:
    """Cubic metres above the storage capacity, summed over centres and periods."""
    volume = stock["closing"] * network.products["volume"].to_numpy()[stock["sku"]]
    held = volume.groupby([stock["fc"], stock["period"]]).sum()
    room = network.centers["storage"].to_numpy()[held.index.get_level_values(0)]
    return float((held - room).clip(lower=0).sum())


def centers_in_use(network: Network, flows: Flows) -> "pd.Series[bool]":
    """Whether each centre ships, sends or receives anything; index fc."""
    used = {*flows.ship["fc"], *flows.transfer["from_fc"], *flows.transfer["to_fc"]}
    return pd.Series(range(len(network.fcs))).isin(used)


def _center_part(network: Network, flows: Flows) -> dict[str, float]:
    if not bool(network.parameters["close_centers"]):
        return {}
    fixed = network.centers["fixed_cost"] * len(network.period_starts)
    return {"center": float(fixed[centers_in_use(network, flows)].sum())}


def _order_cost(network: Network, order: pd.DataFrame) -> float:
    offers = network.suppliers.iloc[order["offer"].to_numpy(dtype=int)]
    holding = network.products["holding"].to_numpy()[offers["sku"]]
    extra = order["units"].to_numpy() * (offers["extra_cost"].to_numpy() + holding)
    return float((extra + offers["fixed_cost"].to_numpy()).sum())


def _cover_cost(network: Network, flows: Flows) -> float:
    """Cost of what is missing at the end of the horizon."""
    cover, last = network.cover, len(network.period_starts) - 1
    closing = flows.stock[flows.stock["period"] == last][["fc", "sku", "closing"]]
    order = flows.order[flows.order["period"] + flows.order["lead_periods"] > last]
    coming = order.groupby(["fc", "sku"], as_index=False)["units"].sum()
    rows = cover.merge(closing, how="left").merge(coming, how="left").fillna(0.0)
    wanted = rows["mean"] + rows["safety"] + rows["cycle"]
    short = wanted - rows["closing"] - rows["later"] - rows["units"]
    # Whichever costs least is missed first.
    steps = list_cover_steps(cover, str(network.parameters["stock_target_mode"]))
    before = steps.groupby("row")["width"].cumsum() - steps["width"]
    missing = np.clip(short.to_numpy()[steps["row"]] - before, 0.0, steps["width"])
    return float((missing * steps["price"]).sum())


def _price_shortfall(
    network: Network,
    short: "pd.Series[float]",
    target: "pd.Series[float]",
    price: "pd.Series[float]",
) -> float:
    steps = shortfall_steps(str(network.parameters["stock_target_mode"]))
    return float(cost_of_shortfall(short, target, price, steps).sum())


def _change_costs(network: Network, flows: Flows, priced: pd.DataFrame) -> dict[str, float]:
    """Cost of going another way than the plan in force, and of touching what is frozen."""
    price = float(network.parameters["change_cost_per_unit"])
    frozen_periods = int(network.parameters["frozen_periods"])
    known = network.plan_in_force
    if known.empty:
        return {"plan_change": 0.0, "frozen_period": 0.0}
    both = planned_units(known, priced, flows.transfer, flows.order)
    less = (both["units"] - both["planned"]).clip(lower=0)
    covered = both["period"].isin(set(known["period"])) & (both["period"] < frozen_periods)
    frozen = both[covered & (both["kind"] != "shipment")]
    off = (frozen["units"] - frozen["planned"]).abs().sum()
    override = float(network.parameters["override_cost_per_unit"])
    return {
        "plan_change": float(less.sum()) * price,
        "frozen_period": float(off) * FROZEN_PRICE_SHARE * override,
    }


def count_split_orders(network: Network, priced: pd.DataFrame) -> float:
    """Orders with two SKUs often bought together that aren't shipped whole from one centre.

    Args:
        network: The network.
        priced: From `price_shipments`.
    """
    return split_orders(table_joint_orders(network.sku_pairs, network.demand), priced)


def cost_parts(network: Network, flows: Flows) -> dict[str, float]:
    """Cost of a plan by part, in money.

    Parts: shipping, handling, holding, transfer, truck, transfer_hurdle (what transfers and trucks
    have to save above their cost), unmet, service_shortfall, late,
    stock_target_shortfall, storage_overflow, override, order (fixed, what suppliers ask above the
    cheapest, a period's holding), cover_shortfall, carbon (at its price), expired, plan_change,
    frozen_period, split_order and, with var close_centers, center (the fixed cost of those in
    use). Their sum is the objective of the program.
    """
    priced = price_shipments(network, flows.ship)
    rows = range(len(network.demand))
    shipped = priced.groupby("demand_row")["units"].sum().reindex(rows, fill_value=0.0)
    on_time = priced[priced["is_within_sla"].astype(bool)]
    within = on_time.groupby("demand_row")["units"].sum().reindex(rows, fill_value=0.0)
    unmet = (network.demand["units"] - shipped.to_numpy()).clip(lower=0)
    lanes = network.transfer_lanes
    stock = flows.stock
    targets = network.stock_targets.merge(stock, on=["fc", "sku", "period"])
    short = (targets["target"] - targets["closing"]).clip(lower=0)
    prices = network.parameters
    transfer = (
        flows.transfer["units"] * lanes["cost_per_unit"].to_numpy()[flows.transfer["lane"]]
    ).sum()
    truck = (flows.truck["trucks"] * lanes["fixed_cost"].to_numpy()[flows.truck["lane"]]).sum()
    return {
        "shipping": float(priced["shipping_cost"].sum()),
        "handling": float(priced["handling_cost"].sum()),
        "holding": float(
            (stock["closing"] * network.products["holding"].to_numpy()[stock["sku"]]).sum()
        ),
        "transfer": float(transfer),
        "truck": float(truck),
        "transfer_hurdle": (float(prices["transfer_hurdle"]) - 1.0) * float(transfer + truck),
        "unmet": float((unmet * network.demand["unmet_cost"]).sum()),
        "service_shortfall": _share_shortfall(network, shipped)
        * float(prices["service_shortfall_cost_per_unit"]),
        "late": _share_shortfall(network, within) * float(prices["late_cost_per_unit"]),
        "stock_target_shortfall": _price_shortfall(
            network, short, targets["target"], targets["price"]
        ),
        "storage_overflow": _storage_overflow(network, stock)
        * float(prices["storage_overflow_cost_per_m3"]),
        "override": float(
            overridden_units(network.overrides, priced, flows.transfer)["missed_units"].sum()
        )
        * float(prices["override_cost_per_unit"]),
        "order": _order_cost(network, flows.order),
        "cover_shortfall": _cover_cost(network, flows),
        "carbon": float(priced["carbon_kg"].sum()) * float(prices["carbon_price_per_kg"]),
        "expired": float(
            (stock["expired"] * network.products["expiry_cost"].to_numpy()[stock["sku"]]).sum()
        ),
        "split_order": count_split_orders(network, priced) * float(prices["split_order_cost"]),
        **_change_costs(network, flows, priced),
        **_center_part(network, flows),
    }
