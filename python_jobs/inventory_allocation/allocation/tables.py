"""The `planning` tables of a plan: names instead of positions, one row as the contract has it."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from inventory_allocation.allocation.cost import price_shipments
from inventory_allocation.allocation.inputs import Network, start_after
from inventory_allocation.allocation.plan import Flows

__all__ = [
    "table_demand",
    "table_flows",
    "table_inventory",
    "table_orders",
    "table_shipments",
    "table_transfers",
    "table_trucks",
]


def _names(
    names: list[str], positions: "pd.Series[int]"
) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    return np.array(names, dtype=object)[positions.to_numpy(dtype=int)]


def _starts(network: Network, periods: "pd.Series[int]") -> pd.Series:
    starts = pd.Series(network.period_starts)
    return starts.iloc[periods.to_numpy(dtype=int)].reset_index(drop=True)


def _segment_shares(network: Network) -> pd.DataFrame:
    """Segments of each demand row, with their share of it."""
    total = network.demand["units"].to_numpy()[network.segments["row"]]
    units = network.segments["units"].to_numpy()
    return network.segments.assign(share=units / np.where(total > 0, total, 1.0))


def table_flows(network: Network, flows: Flows) -> dict[str, pd.DataFrame]:
    """The tables of what moves and what is served, by name, without reasons: for the checker."""
    lines = flows.ship.assign(reason_code="", runner_up=-1, regret=0.0)
    nothing = pd.DataFrame({"binding_reason": [], "fix": []}, dtype=object)
    return {
        "plan_shipments": table_shipments(network, lines),
        "plan_transfers": table_transfers(network, flows),
        "plan_trucks": table_trucks(network, flows),
        "plan_orders": table_orders(network, flows),
        "plan_inventory": table_inventory(network, flows),
        "plan_demand": table_demand(network, flows, nothing),
    }


def table_shipments(network: Network, explained: pd.DataFrame) -> pd.DataFrame:
    """plan_shipments: each shipment shared out to the segments that the plan treated alike."""
    priced = price_shipments(network, explained).assign(
        reason_code=explained["reason_code"].to_numpy(),
        runner_up=explained["runner_up"].to_numpy(),
        regret=explained["regret"].to_numpy(),
    )
    shares = _segment_shares(network)[["row", "segment", "share"]]
    lines = priced.merge(shares, left_on="demand_row", right_on="row")
    # Position -1, no runner-up, is the last of the names: null.
    runner_up = np.array([*network.fcs, None], dtype=object)[lines["runner_up"]]
    return pd.DataFrame(
        {
            "fc_id": _names(network.fcs, lines["fc"]),
            "region_id": _names(network.regions, lines["region"]),
            "segment": lines["segment"],
            "sku": _names(network.skus, lines["sku"]),
            "period_start": _starts(network, lines["period"]),
            "units": lines["units"] * lines["share"],
            "shipping_cost": lines["shipping_cost"] * lines["share"],
            "handling_cost": lines["handling_cost"] * lines["share"],
            "transit_days": lines["transit_days"],
            "is_within_sla": lines["is_within_sla"].astype(bool),
            "reason_code": lines["reason_code"],
            "runner_up_fc_id": runner_up,
            "regret": lines["regret"],
        }
    )


def table_demand(network: Network, flows: Flows, reasons: pd.DataFrame) -> pd.DataFrame:
    """plan_demand: what each segment wanted and got; segments treated alike share alike."""
    rows = range(len(network.demand))
    shipped = flows.ship.groupby("demand_row")["units"].sum().reindex(rows, fill_value=0.0)
    lines = _segment_shares(network)
    units = lines["units"]
    got = np.minimum(shipped.to_numpy()[lines["row"]] * lines["share"], units)
    lines = lines.join(reasons, on="row")
    return pd.DataFrame(
        {
            "region_id": _names(network.regions, lines["region"]),
            "segment": lines["segment"],
            "sku": _names(network.skus, lines["sku"]),
            "period_start": _starts(network, lines["period"]),
            "demand_units": units,
            "shipped_units": got,
            "unmet_units": units - got,
            "unmet_cost": (units - got) * lines["unmet_cost"],
            "binding_reason": lines["binding_reason"],
            "fix": lines["fix"],
        }
    )


def table_transfers(network: Network, flows: Flows) -> pd.DataFrame:
    """plan_transfers."""
    moves = flows.transfer
    cost = network.transfer_lanes["cost_per_unit"].to_numpy()[moves["lane"].to_numpy(dtype=int)]
    return pd.DataFrame(
        {
            "from_fc_id": _names(network.fcs, moves["from_fc"]),
            "to_fc_id": _names(network.fcs, moves["to_fc"]),
            "sku": _names(network.skus, moves["sku"]),
            "period_start": _starts(network, moves["period"]),
            "units": moves["units"].to_numpy(),
            "packs": moves["packs"].to_numpy().astype("int64"),
            "cost": moves["units"].to_numpy() * cost,
            "arrives_on": _starts(network, moves["period"] + moves["lead_periods"]),
        }
    )


def table_orders(network: Network, flows: Flows) -> pd.DataFrame:
    """plan_orders: what to order when, with what it costs to pay."""
    orders = flows.order
    offers = network.suppliers.iloc[orders["offer"].to_numpy(dtype=int)].reset_index(drop=True)
    arrival = (orders["period"] + orders["lead_periods"]).to_numpy(dtype=int)
    period = str(network.parameters["period"])
    due = [start_after(network.period_starts, number, period) for number in arrival]
    units = orders["units"].to_numpy(dtype="float64")
    return pd.DataFrame(
        {
            "supplier_id": offers["supplier"].to_numpy(dtype=object),
            "fc_id": _names(network.fcs, orders["fc"]),
            "sku": _names(network.skus, orders["sku"]),
            "period_start": _starts(network, orders["period"]),
            "units": units,
            "order_multiples": orders["multiples"].to_numpy().astype("int64"),
            "cost": units * offers["cost"].to_numpy() + offers["fixed_cost"].to_numpy(),
            "due_on": pd.Series(due, dtype="datetime64[ns]"),
        }
    )


def table_trucks(network: Network, flows: Flows) -> pd.DataFrame:
    """plan_trucks: with the used share of their volume."""
    trucks = flows.truck
    volume = network.products["volume"].to_numpy()
    moved = flows.transfer.assign(
        volume=flows.transfer["units"] * volume[flows.transfer["sku"].to_numpy(dtype=int)]
    )
    used = moved.groupby(["lane", "period"])["volume"].sum().rename("used").reset_index()
    lines = trucks.merge(used, on=["lane", "period"], how="left")
    lane = lines["lane"].to_numpy(dtype=int)
    room = lines["trucks"] * network.transfer_lanes["truck_capacity_m3"].to_numpy()[lane]
    return pd.DataFrame(
        {
            "from_fc_id": _names(network.fcs, lines["from_fc"]),
            "to_fc_id": _names(network.fcs, lines["to_fc"]),
            "period_start": _starts(network, lines["period"]),
            "trucks": lines["trucks"].to_numpy().astype("int64"),
            "fill_share": (lines["used"].fillna(0.0) / room).to_numpy(dtype="float64"),
            "cost": (
                lines["trucks"] * network.transfer_lanes["fixed_cost"].to_numpy()[lane]
            ).to_numpy(dtype="float64"),
        }
    )


def table_inventory(network: Network, flows: Flows) -> pd.DataFrame:
    """plan_inventory: with the stock target and the chance of a stock-out.

    stockout_probability: the chance that the demand a centre is to serve in the period exceeds
    what it has for it (opening + inbound + ordered + transfers in - transfers out), by the normal
    approximation; the deviation of a shipment is its share of the demand row's, and they add up.
    """
    stock = flows.stock.merge(network.stock_targets, on=["fc", "sku", "period"], how="left")
    deviation_of = network.segments.groupby("row")["deviation"].sum().to_numpy()
    rows = flows.ship["demand_row"].to_numpy(dtype=int)
    share = flows.ship["units"].to_numpy() / network.demand["units"].to_numpy()[rows].clip(1e-12)
    spread = flows.ship.assign(deviation=deviation_of[rows] * share)
    spread = spread.groupby(["fc", "sku", "period"])["deviation"].sum().reset_index()
    stock = stock.merge(spread, on=["fc", "sku", "period"], how="left")
    slack = stock["closing"].to_numpy()
    deviation = stock["deviation"].fillna(0.0).to_numpy()
    chance = np.where(deviation > 0, norm.sf(slack / np.where(deviation > 0, deviation, 1.0)), 0.0)
    names = ["opening", "inbound", "ordered", "transfers_in", "transfers_out", "shipped"]
    numbers = {name: stock[name].to_numpy() for name in [*names, "expired", "closing"]}
    return pd.DataFrame(
        {
            "fc_id": _names(network.fcs, stock["fc"]),
            "sku": _names(network.skus, stock["sku"]),
            "period_start": _starts(network, stock["period"]),
            "opening": numbers["opening"],
            "inbound": numbers["inbound"],
            "ordered": numbers["ordered"],
            "transfers_in": numbers["transfers_in"],
            "transfers_out": numbers["transfers_out"],
            "shipped": numbers["shipped"],
            "expired": numbers["expired"],
            "closing": numbers["closing"],
            "target": stock["target"].fillna(0.0).to_numpy(),
            "stockout_probability": chance,
        }
    )
