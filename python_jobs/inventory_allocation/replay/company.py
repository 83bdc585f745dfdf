"""What stays the same through a replay: places, lanes, goods, suppliers, prices."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.allocation import AllocationInputs
from inventory_allocation.allocation.replenishment import index_suppliers

__all__ = ["Company", "Floats", "build_company"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Company:
    """Places, lanes, goods and suppliers in numbers; positions are those in sorted lists of ids.

    Attributes:
        fcs: Ids of centres.
        regions: Ids of regions.
        skus: Ids of stock keeping units.
        home: Position of each region's home centre, -1 for none; shape (regions,).
        shipping: Cost of a unit, infinite without a lane; shape (fcs, regions, skus).
        handling: Cost of a unit, in the lane's row; shape (fcs, regions).
        distance: Kilometres, or transit days where those are unknown; infinite without a lane.
        is_within_sla: Whether a lane keeps the promise; shape (fcs, regions).
        carbon: Kilograms a unit; shape (fcs, regions).
        lane_capacity: Units a period; shape (fcs, regions).
        outbound: Units a period; shape (fcs,).
        storage: Cubic metres; shape (fcs,).
        holding: Cost of a unit for a period; shape (skus,).
        volume: Cubic metres a unit; shape (skus,).
        value: What a unit costs to buy; shape (skus,).
        pack: Units a pack; shape (skus,).
        unmet_cost: Cost of a unit not served; shape (skus,).
        transfer_lanes: from_fc, to_fc, cost_per_unit, fixed_cost, truck_capacity_m3, lead_periods.
        offers: What suppliers offer; see `index_suppliers`.
        late_cost: Of a unit on a lane that doesn't keep the promise.
        overflow_cost: Of a cubic metre above the storage, a period.
    """

    fcs: list[str]
    regions: list[str]
    skus: list[str]
    home: Integers
    shipping: Floats
    handling: Floats
    distance: Floats
    is_within_sla: npt.NDArray[np.bool_]
    carbon: Floats
    lane_capacity: Floats
    outbound: Floats
    storage: Floats
    holding: Floats
    volume: Floats
    value: Floats
    pack: Floats
    unmet_cost: Floats
    transfer_lanes: pd.DataFrame
    offers: pd.DataFrame
    late_cost: float
    overflow_cost: float


def build_company(inputs: AllocationInputs) -> Company:
    """Put the frames of an allocation into numbers, for all that they name.

    A SKU's cost of not being served is the mean over the demand of the frames, or its price where
    there is none.
    """
    fcs = sorted(inputs.centers["fc_id"].astype(str))
    skus = sorted(inputs.products["sku"].astype(str))
    regions = sorted(set(inputs.lanes["region_id"].astype(str)))
    lanes = inputs.lanes
    at = (
        pd.Index(fcs).get_indexer(pd.Index(lanes["fc_id"].astype(str))),
        pd.Index(regions).get_indexer(pd.Index(lanes["region_id"].astype(str))),
    )

    def by_lane(column: str, empty: float) -> Floats:
        table = np.full((len(fcs), len(regions)), empty)
        table[at] = lanes[column].astype("float64").to_numpy()
        return table

    products = inputs.products.assign(sku=inputs.products["sku"].astype(str))
    products = products.set_index("sku").loc[skus]
    weight = products["unit_weight_kg"].to_numpy(dtype="float64")
    centers = inputs.centers.assign(fc_id=inputs.centers["fc_id"].astype(str))
    centers = centers.set_index("fc_id").loc[fcs]
    days, kilometres = by_lane("transit_days", np.inf), by_lane("distance_km", np.inf)
    demand = inputs.demand.assign(
        sku=inputs.demand["sku"].astype(str), region_id=inputs.demand["region_id"].astype(str)
    )
    unmet = demand.groupby("sku")["unmet_cost_per_unit"].mean().reindex(skus)
    homes = demand.groupby("region_id")["home_fc_id"].first().reindex(regions)
    transfers = inputs.transfer_lanes
    parameters = inputs.parameters.iloc[0]
    return Company(
        fcs=fcs,
        regions=regions,
        skus=skus,
        home=pd.Index(fcs).get_indexer(pd.Index(homes.astype("string").fillna(""))),
        shipping=by_lane("cost_per_unit", np.inf)[:, :, None]
        + by_lane("cost_per_kg", 0.0)[:, :, None] * weight,
        handling=by_lane("handling_cost_per_unit", 0.0),
        distance=np.where(np.isnan(kilometres), days, kilometres),
        is_within_sla=by_lane("is_within_sla", 0.0) > 0,
        carbon=np.nan_to_num(by_lane("carbon_kg_per_unit", 0.0)),
        lane_capacity=np.nan_to_num(by_lane("capacity_units", 0.0), nan=np.inf),
        outbound=_limit(centers["outbound_capacity_units"]),
        storage=_limit(centers["storage_capacity_m3"]),
        holding=products["holding_cost_per_period"].to_numpy(dtype="float64"),
        volume=products["unit_volume_m3"].to_numpy(dtype="float64"),
        value=products["expiry_cost_per_unit"].to_numpy(dtype="float64"),
        pack=products["pack_size"].to_numpy(dtype="float64"),
        unmet_cost=unmet.fillna(products["unit_price"].astype("float64")).to_numpy(),
        transfer_lanes=pd.DataFrame(
            {
                "from_fc": pd.Index(fcs).get_indexer(pd.Index(transfers["from_fc_id"].astype(str))),
                "to_fc": pd.Index(fcs).get_indexer(pd.Index(transfers["to_fc_id"].astype(str))),
                "cost_per_unit": transfers["cost_per_unit"].to_numpy(dtype="float64"),
                "fixed_cost": transfers["fixed_cost"].to_numpy(dtype="float64"),
                "truck_capacity_m3": _limit(transfers["truck_capacity_m3"]),
                "lead_periods": transfers["lead_periods"].to_numpy(dtype="int64"),
            }
        ).sort_values(["from_fc", "to_fc"], ignore_index=True),
        offers=index_suppliers(inputs.suppliers, fcs, skus),
        late_cost=float(parameters["late_cost_per_unit"]),
        overflow_cost=float(parameters["storage_overflow_cost_per_m3"]),
    )


def _limit(values: "pd.Series[float]") -> Floats:
    return np.asarray(values.astype("float64").fillna(np.inf), dtype="float64")
