"""Generated companies of any size for `make bench-allocation`: tight, with badly placed stock."""

from dataclasses import replace

import numpy as np
import pandas as pd

from inventory_allocation.allocation import AllocationInputs
from inventory_allocation.allocation.inputs import COLUMNS

__all__ = ["make_instance", "order_everywhere"]

HORIZON_START = pd.Timestamp("2026-06-29")
# Days within which a segment is promised its goods, and the share that is to arrive in time.
SEGMENTS = {"gold": (2, 0.95), "silver": (3, 0.90), "bronze": (4, 0.85)}
# What all centres can ship, over demand.
CAPACITY_SHARE = 1.10


def _empty(name: str) -> pd.DataFrame:
    return pd.DataFrame(columns=COLUMNS[name])


def _lanes(rng: np.random.Generator, fcs: list[str], regions: list[str]) -> pd.DataFrame:
    """Every centre to every region, on a square of 1,000 km."""
    at_fc, at_region = rng.uniform(0, 1000, (len(fcs), 2)), rng.uniform(0, 1000, (len(regions), 2))
    distance = np.linalg.norm(at_fc[:, None] - at_region[None], axis=2).ravel()
    days = np.ceil(distance / 300) + 1
    return pd.DataFrame(
        {
            "fc_id": np.repeat(fcs, len(regions)),
            "region_id": np.tile(regions, len(fcs)),
            "cost_per_unit": np.round(1.5 + 0.006 * distance, 4),
            "cost_per_kg": np.round(0.1 + 0.0005 * distance, 5),
            "handling_cost_per_unit": np.repeat(
                np.round(rng.uniform(0.3, 0.8, len(fcs)), 2), len(regions)
            ),
            "transit_days": days,
            "capacity_units": np.nan,
            "distance_km": np.round(distance, 1),
            "carbon_kg_per_unit": np.round(0.0004 * distance, 4),
            "is_within_sla": days <= 3,
        }
    )


def _transfer_lanes(rng: np.random.Generator, fcs: list[str]) -> pd.DataFrame:
    """Each centre to its next three and back, a week on the way, by truck."""
    ends = [
        (fcs[i], fcs[(i + step) % len(fcs)])
        for i in range(len(fcs))
        for step in (-3, -2, -1, 1, 2, 3)
    ]
    ends = sorted({(a, b) for a, b in ends if a != b})
    return pd.DataFrame(
        {
            "from_fc_id": [a for a, _ in ends],
            "to_fc_id": [b for _, b in ends],
            "cost_per_unit": np.round(rng.uniform(0.1, 0.4, len(ends)), 3),
            "fixed_cost": np.round(rng.uniform(200, 600, len(ends)), 0),
            "truck_capacity_m3": 60.0,
            "capacity_units": np.nan,
            "lead_periods": 1,
        }
    )


def make_instance(
    skus: int,
    centers: int,
    regions: int,
    *,
    periods: int = 1,
    transfers: bool = False,
    seed: int = 0,
) -> AllocationInputs:
    """Make the inputs of a company.

    Demand is heavy-tailed (lognormal by SKU, gamma by region), each SKU is sold in one of three
    segments, stock is 95 % of demand, placed at random (Dirichlet(1)), and all centres together can
    ship 1.10 times the demand.

    Args:
        skus: SKUs.
        centers: Centres.
        regions: Regions; each is served by every centre.
        periods: Weeks.
        transfers: Whether there are transfer lanes, with trucks and packs.
        seed: Of the random numbers.
    """
    rng = np.random.default_rng(seed)
    fcs = [f"fc{i:03d}" for i in range(centers)]
    places = [f"r{i:03d}" for i in range(regions)]
    names = [f"s{i:06d}" for i in range(skus)]
    lanes = _lanes(rng, fcs, places)
    size = rng.lognormal(3.0, 1.2, skus)
    weight = rng.gamma(2.0, 1.0, regions)
    mean = size[:, None] * weight[None] / weight.mean()
    units = rng.poisson(rng.gamma(1.0, mean, (periods, skus, regions))).astype("float64")
    period, sku, region = np.nonzero(units)
    segment = rng.integers(len(SEGMENTS), size=skus)
    level = np.array([share for _, share in SEGMENTS.values()])
    price = np.round(rng.lognormal(2.5, 0.6, skus), 2)
    nearest = lanes.sort_values("distance_km").drop_duplicates("region_id").set_index("region_id")
    demand = pd.DataFrame(
        {
            "region_id": np.array(places, dtype=object)[region],
            "segment": np.array(list(SEGMENTS), dtype=object)[segment[sku]],
            "sku": np.array(names, dtype=object)[sku],
            "period_index": period,
            "demand_units": units[period, sku, region],
            "demand_deviation": np.sqrt(2 * units[period, sku, region]) * (periods > 1),
            "home_fc_id": nearest.loc[places, "fc_id"].to_numpy(dtype=object)[region],
            "target_service_level": level[segment[sku]],
            "unmet_cost_per_unit": (price + 10.0)[sku],
        }
    )
    total = units.sum(axis=(0, 2))
    placed = np.round(rng.dirichlet(np.ones(centers), skus) * (0.95 * total)[:, None])
    at_sku, at_fc = np.nonzero(placed)
    stock = pd.DataFrame(
        {
            "fc_id": np.array(fcs, dtype=object)[at_fc],
            "sku": np.array(names, dtype=object)[at_sku],
            "available_units": placed[at_sku, at_fc],
        }
    )
    room = rng.dirichlet(np.full(centers, 5.0)) * CAPACITY_SHARE * units.sum() / periods
    parameters = {
        "as_of": HORIZON_START,
        "horizon_start": HORIZON_START,
        "period": "week",
        "period_days": 7,
        "plan_periods": periods,
        "late_cost_per_unit": 4.0,
        "service_shortfall_cost_per_unit": 2.0,
        "stock_target_cost_per_unit": 0.5 if periods > 1 else 0.0,
        "storage_overflow_cost_per_m3": 50.0,
        "close_centers": False,
        "override_cost_per_unit": 1000.0,
        "cover_shortfall_share": 0.5,
        "carbon_price_per_kg": 0.0,
        "carbon_cap_kg": np.nan,
        "order_budget": np.nan,
        "change_cost_per_unit": 0.0,
        "transfer_hurdle": 1.0,
        "frozen_periods": 0,
        "stock_target_mode": "service_level",
        "demand_scenarios": 0,
        "scenario_correlation": 0.5,
        "split_order_cost": 0.0,
    }
    starts = HORIZON_START + pd.to_timedelta(np.arange(periods) * 7, unit="D")
    return AllocationInputs(
        parameters=pd.DataFrame([parameters]),
        periods=pd.DataFrame({"period_index": np.arange(periods), "period_start": starts}),
        centers=pd.DataFrame(
            {
                "fc_id": fcs,
                "outbound_capacity_units": np.round(room),
                "inbound_capacity_units": np.nan,
                "storage_capacity_m3": np.nan,
                "fixed_cost_per_period": 0.0,
            }
        ),
        lanes=lanes,
        transfer_lanes=_transfer_lanes(rng, fcs) if transfers else _empty("transfer_lanes"),
        products=pd.DataFrame(
            {
                "sku": names,
                "pack_size": rng.choice([6.0, 12.0, 24.0], skus),
                "unit_volume_m3": np.round(rng.lognormal(-5.5, 0.7, skus), 5),
                "unit_weight_kg": np.round(rng.lognormal(-0.5, 0.6, skus), 3),
                "holding_cost_per_period": np.round(0.004 * price, 4),
                "shelf_life_periods": np.nan,
                "expiry_cost_per_unit": price,
            }
        ),
        demand=demand,
        stock=stock,
        inbound=_empty("inbound"),
        suppliers=_empty("suppliers"),
        cover=_empty("cover"),
        overrides=_empty("overrides"),
        plan_in_force=_empty("plan_in_force"),
        sku_pairs=_empty("sku_pairs"),
    )


def order_everywhere(inputs: AllocationInputs, seed: int = 0) -> AllocationInputs:
    """The same company without stock: each SKU may be ordered at each centre, at a fixed cost.

    Orders arrive in the week in which they are placed.
    """
    rng = np.random.default_rng(seed)
    pairs = inputs.products[["sku"]].merge(inputs.centers[["fc_id"]], how="cross")
    suppliers = pairs.assign(
        supplier_id="supplier",
        cost_per_unit=0.0,
        extra_cost_per_unit=0.0,
        lead_periods=0,
        min_order_units=0.0,
        order_multiple=1.0,
        fixed_cost_per_order=np.round(rng.uniform(50, 150, len(pairs)), 2),
        capacity_units=np.nan,
    )
    return replace(
        inputs, stock=inputs.stock.iloc[:0], suppliers=suppliers[list(inputs.suppliers.columns)]
    )
