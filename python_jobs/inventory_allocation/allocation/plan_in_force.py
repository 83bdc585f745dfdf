"""What the plan in force moves in the horizon of the next one."""

import numpy as np
import pandas as pd

__all__ = ["FLOW_KEYS", "index_plan_in_force", "planned_units"]

# What tells one flow from another, by kind.
FLOW_KEYS = {
    "shipment": ["fc", "region", "sku", "period"],
    "transfer": ["lane", "sku", "period"],
    "order": ["offer", "period"],
}
POSITIONS = ["fc", "region", "lane", "offer", "sku", "period"]


def index_plan_in_force(
    rows: pd.DataFrame,
    fcs: list[str],
    regions: list[str],
    skus: list[str],
    transfer_lanes: pd.DataFrame,
    suppliers: pd.DataFrame,
) -> pd.DataFrame:
    """Turn the lines of the plan in force into positions; what is no longer there is left out.

    Args:
        rows: Columns kind (shipment, transfer, order), fc_id, to_fc_id (of a transfer), region_id
            (of a shipment), supplier_id (of an order), sku, period_index, units.
        fcs: Ids of centres.
        regions: Ids of regions with demand.
        skus: SKUs with demand.
        transfer_lanes: from_fc, to_fc, by position.
        suppliers: Offers with supplier, fc and sku, by position.

    Returns:
        kind, fc, region, lane, offer, sku, period (positions, -1 where it has none) and units; one
        row per flow, sorted.
    """

    def position(names: list[str], column: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        found = pd.Index(names).get_indexer(pd.Index(rows[column].fillna("").astype(str)))
        return found.astype("int64")

    kind = rows["kind"].astype(str).to_numpy()
    flows = pd.DataFrame(
        {
            "kind": kind,
            "fc": position(fcs, "fc_id"),
            "to_fc": position(fcs, "to_fc_id"),
            "region": position(regions, "region_id"),
            "supplier": rows["supplier_id"].fillna("").astype(str).to_numpy(),
            "sku": position(skus, "sku"),
            "period": rows["period_index"].to_numpy(dtype="int64"),
            "units": rows["units"].to_numpy(dtype="float64"),
        }
    )
    lanes = transfer_lanes[["from_fc", "to_fc"]].assign(lane=np.arange(len(transfer_lanes)))
    flows = flows.merge(lanes.rename(columns={"from_fc": "fc"}), on=["fc", "to_fc"], how="left")
    offers = suppliers[["supplier", "fc", "sku"]].assign(offer=np.arange(len(suppliers)))
    flows = flows.merge(offers, on=["supplier", "fc", "sku"], how="left")
    flows = flows.fillna({"lane": -1, "offer": -1}).astype({"lane": "int64", "offer": "int64"})
    is_there = np.select(
        [flows["kind"] == "shipment", flows["kind"] == "transfer", flows["kind"] == "order"],
        [flows["region"] >= 0, flows["lane"] >= 0, flows["offer"] >= 0],
        False,
    )
    flows = flows[is_there & (flows["fc"] >= 0) & (flows["sku"] >= 0) & (flows["units"] > 0)]
    return flows.groupby(["kind", *POSITIONS])["units"].sum().reset_index()


def planned_units(
    plan_in_force: pd.DataFrame, ship: pd.DataFrame, transfer: pd.DataFrame, order: pd.DataFrame
) -> pd.DataFrame:
    """What a plan moves of each flow of the plan in force, and what of flows it doesn't have.

    Args:
        plan_in_force: From `index_plan_in_force`.
        ship: Columns fc, region, sku, period, units.
        transfer: Columns lane, sku, period, units.
        order: Columns offer, sku, period, units.

    Returns:
        kind, sku, period, units (of the plan in force) and planned (of the other one): a row per
        flow of either.
    """
    parts = []
    for (kind, key), flows in zip(FLOW_KEYS.items(), (ship, transfer, order), strict=True):
        key = list(dict.fromkeys([*key, "sku"]))
        before = plan_in_force[plan_in_force["kind"] == kind].groupby(key)["units"].sum()
        after = flows.groupby(key)["units"].sum().rename("planned")
        both = pd.concat([before, after], axis=1).astype("float64").fillna(0.0)
        parts.append(both.reset_index().assign(kind=kind))
    return pd.concat(parts, ignore_index=True)[["kind", "sku", "period", "units", "planned"]]
