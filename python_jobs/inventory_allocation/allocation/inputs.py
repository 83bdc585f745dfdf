"""What the allocation reads: frames from the warehouse, checked and turned into numbers."""

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.allocation.order_cycles import size_cycles
from inventory_allocation.allocation.overrides import index_overrides
from inventory_allocation.allocation.plan_in_force import index_plan_in_force
from inventory_allocation.allocation.replenishment import index_cover, index_suppliers
from inventory_allocation.allocation.sku_pairs import index_sku_pairs
from inventory_allocation.allocation.stock_targets import STOCK_TARGET_MODES, index_stock_targets
from inventory_allocation.errors import InputError
from inventory_allocation.frames import require_columns

__all__ = ["AllocationInputs", "Network", "index_inputs", "start_after"]

COLUMNS = {
    "parameters": [
        "as_of",
        "horizon_start",
        "period",
        "period_days",
        "plan_periods",
        "late_cost_per_unit",
        "service_shortfall_cost_per_unit",
        "stock_target_cost_per_unit",
        "storage_overflow_cost_per_m3",
        "close_centers",
        "override_cost_per_unit",
        "cover_shortfall_share",
        "carbon_price_per_kg",
        "carbon_cap_kg",
        "order_budget",
        "change_cost_per_unit",
        "transfer_hurdle",
        "frozen_periods",
        "split_order_cost",
        "stock_target_mode",
        "demand_scenarios",
        "scenario_correlation",
    ],
    "periods": ["period_index", "period_start"],
    "centers": [
        "fc_id",
        "outbound_capacity_units",
        "inbound_capacity_units",
        "storage_capacity_m3",
        "fixed_cost_per_period",
    ],
    "lanes": [
        "fc_id",
        "region_id",
        "cost_per_unit",
        "cost_per_kg",
        "handling_cost_per_unit",
        "transit_days",
        "capacity_units",
        "distance_km",
        "carbon_kg_per_unit",
        "is_within_sla",
    ],
    "transfer_lanes": [
        "from_fc_id",
        "to_fc_id",
        "cost_per_unit",
        "fixed_cost",
        "truck_capacity_m3",
        "capacity_units",
        "lead_periods",
    ],
    "products": [
        "sku",
        "pack_size",
        "unit_volume_m3",
        "unit_weight_kg",
        "holding_cost_per_period",
        "shelf_life_periods",
        "expiry_cost_per_unit",
    ],
    "demand": [
        "region_id",
        "segment",
        "sku",
        "period_index",
        "demand_units",
        "demand_deviation",
        "home_fc_id",
        "target_service_level",
        "unmet_cost_per_unit",
    ],
    "stock": ["fc_id", "sku", "available_units"],
    "inbound": ["fc_id", "sku", "period_index", "units"],
    "suppliers": [
        "supplier_id",
        "fc_id",
        "sku",
        "cost_per_unit",
        "extra_cost_per_unit",
        "lead_periods",
        "min_order_units",
        "order_multiple",
        "fixed_cost_per_order",
        "capacity_units",
    ],
    "cover": ["fc_id", "sku", "cover_units", "cover_deviation", "later_inbound_units"],
    "overrides": [
        "override_id",
        "kind",
        "fc_id",
        "to_fc_id",
        "region_id",
        "sku",
        "period_start",
        "units",
        "created_at",
    ],
    "plan_in_force": [
        "kind",
        "fc_id",
        "to_fc_id",
        "region_id",
        "supplier_id",
        "sku",
        "period_index",
        "units",
    ],
    "sku_pairs": ["sku", "partner_sku", "order_share", "partner_order_share"],
}


@dataclass(frozen=True)
class AllocationInputs:
    """The frames the allocation reads, one per `int_allocation__*` model, rows in any order."""

    parameters: pd.DataFrame
    periods: pd.DataFrame
    centers: pd.DataFrame
    lanes: pd.DataFrame
    transfer_lanes: pd.DataFrame
    products: pd.DataFrame
    demand: pd.DataFrame
    stock: pd.DataFrame
    inbound: pd.DataFrame
    suppliers: pd.DataFrame
    cover: pd.DataFrame
    overrides: pd.DataFrame
    plan_in_force: pd.DataFrame
    sku_pairs: pd.DataFrame

    def __post_init__(self) -> None:
        """Check that the frames have their columns, and that a plan is possible at all."""
        for field in fields(self):
            require_columns(getattr(self, field.name), COLUMNS[field.name], field.name)
        mode = self.parameters["stock_target_mode"].iloc[0]
        if mode not in STOCK_TARGET_MODES:
            raise InputError(
                f"var stock_target_mode is {mode!r}: it has to be {', '.join(STOCK_TARGET_MODES)}"
            )
        hurdle = float(self.parameters["transfer_hurdle"].iloc[0])
        if not hurdle >= 1:
            raise InputError(f"var transfer_hurdle is {hurdle:g}: it has to be 1 or more")
        if self.centers.empty:
            raise InputError(
                "table fulfillment_centers has no accepted row: an allocation needs at least one "
                "centre. Fill it, or look in fct_rejected_rows for what was refused"
            )
        if not (self.demand["demand_units"] > 0).any():
            raise InputError(
                "table fct_demand_forecasts has no demand above 0 in the plan's horizon: "
                "there is nothing to allocate. Every series may have been silent for var "
                "retire_after_periods"
            )
        if self.lanes.empty:
            raise InputError(
                "no lane joins a centre to a region: fill table lanes, or give latitude and "
                "longitude in tables fulfillment_centers and regions so that distance makes them"
            )
        if self.stock.empty and self.inbound.empty and self.suppliers.empty:
            raise InputError(
                "tables inventory_snapshots and inbound_shipments have no accepted row: there is "
                "no stock to allocate. Load the last count of each centre"
            )


@dataclass(frozen=True)
class Network:
    """The same in numbers: centres, regions and SKUs are positions in sorted lists.

    Attributes:
        fcs: Ids of centres; `fc`, `from_fc`, `to_fc` below are positions in it.
        centers: outbound and inbound (units a period), storage (m3 that stock outside the plan
            leaves), fixed_cost (a period); row i is centre i; infinite where unlimited.
        regions: Ids of regions.
        skus: Stock keeping units with demand or stock.
        period_starts: First dates of the periods.
        lanes: fc, region, cost_per_unit, cost_per_kg, handling, transit_days, capacity,
            is_within_sla, distance, carbon (kg a unit); sorted by region and fc.
        transfer_lanes: from_fc, to_fc, cost_per_unit, fixed_cost, truck_capacity_m3, capacity,
            lead_periods.
        products: pack_size, volume, weight, holding, shelf_life (periods, infinite for goods that
            keep) and expiry_cost (a unit); row i is SKU i.
        demand: region, sku, period, target_service_level, unmet_cost, units, most (units in any
            demand scenario): segments that the plan treats alike are added up.
        segments: Demand by segment: region, sku, period, segment, units, row of `demand`.
        stock: fc, sku, units.
        inbound: fc, sku, period, units.
        open_orders: Units that arrive at each centre in each period, of any SKU, shape (centres,
            periods).
        suppliers: What suppliers offer; see `index_suppliers`.
        cover: What orders of this plan have to cover; see `index_cover` and `size_cycles`.
        pairs: fc, sku that hold stock, or can within the horizon; sorted by sku and fc.
        stock_targets: fc, sku, period, target in units, price; of the pairs.
        overrides: Planners' decisions; see `index_overrides`.
        plan_in_force: What it moves in this horizon; see `index_plan_in_force`.
        sku_pairs: SKUs often bought together; see `index_sku_pairs`.
        parameters: late, service_shortfall and stock_target costs per unit; as_of and so on.
    """

    fcs: list[str]
    centers: pd.DataFrame
    regions: list[str]
    skus: list[str]
    period_starts: list[pd.Timestamp]
    lanes: pd.DataFrame
    transfer_lanes: pd.DataFrame
    products: pd.DataFrame
    demand: pd.DataFrame
    segments: pd.DataFrame
    stock: pd.DataFrame
    inbound: pd.DataFrame
    open_orders: npt.NDArray[np.float64]
    suppliers: pd.DataFrame
    cover: pd.DataFrame
    pairs: pd.DataFrame
    stock_targets: pd.DataFrame
    overrides: pd.DataFrame
    plan_in_force: pd.DataFrame
    sku_pairs: pd.DataFrame
    parameters: "pd.Series[float]"

    def without_decisions(self) -> "Network":
        """The same, with nothing decided by planners or by the plan in force."""
        return replace(
            self, overrides=self.overrides.iloc[:0], plan_in_force=self.plan_in_force.iloc[:0]
        )


def start_after(period_starts: list[pd.Timestamp], number: int, period: str) -> pd.Timestamp:
    """First date of a period counted from the first one, also after the horizon.

    Args:
        period_starts: First dates of the periods of the horizon.
        number: Which period, from 0.
        period: day, week or month.
    """
    after = number - len(period_starts) + 1
    if after <= 0:
        return period_starts[number]
    return period_starts[-1] + pd.DateOffset(**{f"{period}s": after})  # type: ignore[arg-type]


def _positions(values: "pd.Series[str]", names: list[str]) -> npt.NDArray[np.int64]:
    return pd.Index(names).get_indexer(pd.Index(values.astype(str))).astype("int64")


def _find_pairs(
    stock: pd.DataFrame,
    inbound: pd.DataFrame,
    suppliers: pd.DataFrame,
    transfer_lanes: pd.DataFrame,
) -> pd.DataFrame:
    """Pairs of centre and SKU with stock, an open order or a supplier, or one transfer away."""
    held = pd.concat(
        [
            stock.loc[stock["units"] > 0, ["fc", "sku"]],
            inbound.loc[inbound["units"] > 0, ["fc", "sku"]],
            suppliers[["fc", "sku"]],
        ]
    ).drop_duplicates()
    moved = held.merge(transfer_lanes, left_on="fc", right_on="from_fc")
    received = moved[["to_fc", "sku"]].rename(columns={"to_fc": "fc"})
    pairs = pd.concat([held, received]).drop_duplicates()
    return pairs.sort_values(["sku", "fc"], ignore_index=True)


def _index_centers(inputs: AllocationInputs, skus: list[str]) -> pd.DataFrame:
    """Limits and costs of the centres, sorted by id."""
    centers = inputs.centers.assign(fc_id=inputs.centers["fc_id"].astype(str))
    centers = centers.sort_values("fc_id").set_index("fc_id")
    # Stock of SKUs without demand stays where it is, and takes its room.
    idle = inputs.stock[~inputs.stock["sku"].astype(str).isin(skus)]
    volume = inputs.products.set_index("sku")["unit_volume_m3"].astype("float64")
    idle = idle.assign(
        volume=idle["available_units"].astype("float64") * idle["sku"].map(volume).fillna(0.0)
    )
    taken = idle.groupby(idle["fc_id"].astype(str))["volume"].sum()

    def limit(name: str) -> "pd.Series[float]":
        return centers[name].astype("float64").fillna(np.inf)

    room = limit("storage_capacity_m3") - taken.reindex(centers.index, fill_value=0.0)
    return pd.DataFrame(
        {
            "outbound": limit("outbound_capacity_units"),
            "inbound": limit("inbound_capacity_units"),
            "storage": room.clip(lower=0.0),
            "fixed_cost": centers["fixed_cost_per_period"].astype("float64").fillna(0.0),
        }
    ).reset_index(drop=True)


def index_inputs(inputs: AllocationInputs) -> Network:
    """Turn the frames into numbers, sorted, so that the order of rows never matters."""
    parameters = inputs.parameters.iloc[0]
    periods = inputs.periods.sort_values("period_index")
    period_starts = list(pd.to_datetime(periods["period_start"]))
    end = start_after(period_starts, len(period_starts), str(parameters["period"]))
    fcs = sorted(inputs.centers["fc_id"].astype(str))
    demand = inputs.demand[inputs.demand["demand_units"] > 0]
    regions = sorted(set(demand["region_id"].astype(str)))
    skus = sorted(set(demand["sku"].astype(str)))

    def on_known_skus(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["sku"].astype(str).isin(skus)]

    stock, inbound = on_known_skus(inputs.stock), on_known_skus(inputs.inbound)
    lanes = inputs.lanes[inputs.lanes["region_id"].astype(str).isin(regions)]
    lane_frame = pd.DataFrame(
        {
            "fc": _positions(lanes["fc_id"], fcs),
            "region": _positions(lanes["region_id"], regions),
            "cost_per_unit": lanes["cost_per_unit"].to_numpy(dtype="float64"),
            "cost_per_kg": lanes["cost_per_kg"].to_numpy(dtype="float64"),
            "handling": lanes["handling_cost_per_unit"].to_numpy(dtype="float64"),
            "transit_days": lanes["transit_days"].to_numpy(dtype="float64"),
            "capacity": lanes["capacity_units"].astype("float64").fillna(np.inf).to_numpy(),
            "distance": lanes["distance_km"].astype("float64").to_numpy(),
            "carbon": lanes["carbon_kg_per_unit"].astype("float64").fillna(0.0).to_numpy(),
            "is_within_sla": lanes["is_within_sla"].to_numpy(dtype=bool),
        }
    ).sort_values(["region", "fc"], ignore_index=True)
    transfers = inputs.transfer_lanes
    transfer_frame = pd.DataFrame(
        {
            "from_fc": _positions(transfers["from_fc_id"], fcs),
            "to_fc": _positions(transfers["to_fc_id"], fcs),
            "cost_per_unit": transfers["cost_per_unit"].to_numpy(dtype="float64"),
            "fixed_cost": transfers["fixed_cost"].to_numpy(dtype="float64"),
            "truck_capacity_m3": transfers["truck_capacity_m3"].to_numpy(dtype="float64"),
            "capacity": transfers["capacity_units"].astype("float64").fillna(np.inf).to_numpy(),
            "lead_periods": transfers["lead_periods"].to_numpy(dtype="int64"),
        }
    ).sort_values(["from_fc", "to_fc"], ignore_index=True)
    products = (
        inputs.products.assign(sku=inputs.products["sku"].astype(str))
        .set_index("sku")
        .reindex(skus)
        .reset_index(drop=True)
    )
    product_frame = pd.DataFrame(
        {
            "pack_size": products["pack_size"].to_numpy(dtype="float64"),
            "volume": products["unit_volume_m3"].to_numpy(dtype="float64"),
            "weight": products["unit_weight_kg"].to_numpy(dtype="float64"),
            "holding": products["holding_cost_per_period"].to_numpy(dtype="float64"),
            "shelf_life": products["shelf_life_periods"].astype("float64").fillna(np.inf),
            "expiry_cost": products["expiry_cost_per_unit"].to_numpy(dtype="float64"),
        }
    )
    home = demand["home_fc_id"].astype("string").fillna("")
    segments = pd.DataFrame(
        {
            "region": _positions(demand["region_id"], regions),
            "sku": _positions(demand["sku"], skus),
            "period": demand["period_index"].to_numpy(dtype="int64"),
            "segment": demand["segment"].astype(str).to_numpy(),
            "units": demand["demand_units"].to_numpy(dtype="float64"),
            "deviation": demand["demand_deviation"].to_numpy(dtype="float64"),
            "target_service_level": demand["target_service_level"].to_numpy(dtype="float64"),
            "unmet_cost": demand["unmet_cost_per_unit"].to_numpy(dtype="float64"),
            "fc": _positions(home, fcs),
        }
    ).sort_values(["region", "sku", "period", "segment"], ignore_index=True)
    alike = ["region", "sku", "period", "target_service_level", "unmet_cost"]
    grouped = segments.groupby(alike, sort=True)
    pooled = grouped["units"].sum().reset_index()
    stock_frame = pd.DataFrame(
        {
            "fc": _positions(stock["fc_id"], fcs),
            "sku": _positions(stock["sku"], skus),
            "units": stock["available_units"].to_numpy(dtype="float64"),
        }
    ).sort_values(["fc", "sku"], ignore_index=True)
    inbound_frame = pd.DataFrame(
        {
            "fc": _positions(inbound["fc_id"], fcs),
            "sku": _positions(inbound["sku"], skus),
            "period": inbound["period_index"].to_numpy(dtype="int64"),
            "units": inbound["units"].to_numpy(dtype="float64"),
        }
    ).sort_values(["fc", "sku", "period"], ignore_index=True)
    suppliers = index_suppliers(inputs.suppliers, fcs, skus)
    pairs = _find_pairs(stock_frame, inbound_frame, suppliers, transfer_frame)
    open_orders = np.zeros((len(fcs), len(periods)))
    np.add.at(
        open_orders,
        (_positions(inputs.inbound["fc_id"], fcs), inputs.inbound["period_index"].to_numpy(int)),
        inputs.inbound["units"].to_numpy(dtype="float64"),
    )
    price_of_targets = float(parameters["stock_target_cost_per_unit"])
    mode = str(parameters["stock_target_mode"])
    centers = _index_centers(inputs, skus)
    cover = index_cover(
        inputs.cover,
        pooled,
        fcs,
        skus,
        share=float(parameters["cover_shortfall_share"]),
        safety_price=price_of_targets,
        mode=mode,
    )
    return Network(
        fcs=fcs,
        centers=centers,
        regions=regions,
        skus=skus,
        period_starts=period_starts,
        lanes=lane_frame,
        transfer_lanes=transfer_frame,
        products=product_frame,
        demand=pooled.assign(most=pooled["units"]),
        segments=segments.assign(row=grouped.ngroup()),
        stock=stock_frame,
        inbound=inbound_frame,
        open_orders=open_orders,
        suppliers=suppliers,
        cover=size_cycles(
            cover,
            suppliers,
            product_frame,
            centers["storage"].to_numpy(),
            period_days=float(parameters["period_days"]),
            overflow_price=float(parameters["storage_overflow_cost_per_m3"]),
        ),
        pairs=pairs,
        stock_targets=index_stock_targets(
            segments,
            pairs,
            product_frame,
            suppliers,
            mode="none" if parameters["demand_scenarios"] > 0 else mode,
            price=price_of_targets,
        ),
        overrides=index_overrides(inputs.overrides, fcs, regions, skus, [*period_starts, end]),
        plan_in_force=index_plan_in_force(
            inputs.plan_in_force, fcs, regions, skus, transfer_frame, suppliers
        ),
        sku_pairs=index_sku_pairs(inputs.sku_pairs, skus),
        parameters=parameters,
    )
