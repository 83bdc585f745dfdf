"""What a walk cost and how it served, by period and cluster of SKUs."""

import zlib
from typing import Any

import numpy as np
import pandas as pd

from inventory_allocation.replay.company import Company, Floats
from inventory_allocation.replay.future import Future
from inventory_allocation.replay.simulate import Walk

__all__ = [
    "ALL_SKUS",
    "BOUND",
    "CLAIRVOYANT",
    "CLUSTERS",
    "COST_PARTS",
    "LEAST_SHIPPING",
    "cluster_of",
    "measure_walk",
]

CLUSTERS = 10
ALL_SKUS = -1
"""Cluster of what belongs to no SKU: trucks, room, whole orders."""
CLAIRVOYANT = "clairvoyant"
"""Who knows all orders beforehand: no policy, but what none can go below."""
BOUND = "bound_cost"
"""The least that all periods together could have cost; of CLAIRVOYANT."""
LEAST_SHIPPING = "least_shipping_cost"
"""The least that shipping what was wanted could have cost; of CLAIRVOYANT."""
COST_PARTS = [
    "shipping_cost",
    "handling_cost",
    "late_cost",
    "unmet_cost",
    "holding_cost",
    "order_cost",
    "transfer_cost",
    "truck_cost",
    "storage_overflow_cost",
]


def cluster_of(company: Company) -> "pd.Series[int]":
    """Cluster of each SKU, by CRC-32 of its name: which one doesn't depend on what it sells."""
    return pd.Series([zlib.crc32(sku.encode()) % CLUSTERS for sku in company.skus])


def measure_walk(company: Company, future: Future, walk: Walk) -> pd.DataFrame:
    """Measure a walk.

    Costs are in money. `order_cost` is fixed costs, and what a supplier asks above the cheapest:
    goods keep what they cost. Stock values count goods on hand and on the way.

    Returns:
        period, cluster (ALL_SKUS for what belongs to none), measure, value; sorted.
    """
    periods = len(future.period_starts)
    cluster = cluster_of(company).to_numpy()
    lines = pd.DataFrame(
        {
            "period": np.repeat(np.arange(periods), np.diff(future.bounds)),
            "region": future.region,
            "sku": future.sku,
            "units": future.units,
        }
    )
    ship, lost = walk.shipments, walk.lost
    fc, region, sku = (ship[name].to_numpy(dtype="int64") for name in ("fc", "region", "sku"))
    units = ship["units"].to_numpy(dtype="float64")
    in_time = company.is_within_sla[fc, region]
    lost_sku = lost["sku"].to_numpy(dtype="int64")
    cells = lines.drop_duplicates(["period", "region", "sku"])
    short = lost.drop_duplicates(["period", "region", "sku"])
    offers = company.offers.iloc[walk.orders["offer"].to_numpy(dtype="int64")]
    extra = walk.orders["units"].to_numpy() * offers["extra_cost"].to_numpy()
    lanes = company.transfer_lanes.iloc[walk.transfers["lane"].to_numpy(dtype="int64")]
    moved = walk.transfers["units"].to_numpy(dtype="float64")
    by_sku = [
        ("demand_units", lines, lines["units"]),
        ("shipped_units", ship, units),
        ("within_sla_units", ship, units * in_time),
        ("shipping_cost", ship, units * company.shipping[fc, region, sku]),
        ("handling_cost", ship, units * company.handling[fc, region]),
        ("late_cost", ship, units * ~in_time * company.late_cost),
        ("carbon_kg", ship, units * company.carbon[fc, region]),
        ("shipped_value", ship, units * company.value[sku]),
        ("lost_units", lost, lost["units"]),
        ("unmet_cost", lost, lost["units"].to_numpy() * company.unmet_cost[lost_sku]),
        ("demand_cells", cells, np.ones(len(cells))),
        ("stockout_cells", short, np.ones(len(short))),
        (
            "order_cost",
            walk.orders.assign(sku=offers["sku"].to_numpy()),
            extra + offers["fixed_cost"].to_numpy(),
        ),
        ("transferred_units", walk.transfers, moved),
        ("replanned_units", walk.replanned, walk.replanned["changed_units"]),
        ("planned_or_placed_units", walk.replanned, walk.replanned["either_units"]),
        ("transfer_cost", walk.transfers, moved * lanes["cost_per_unit"].to_numpy()),
    ]
    parts = []
    for name, rows, values in by_sku:
        key = rows["sku"].to_numpy(dtype="int64")
        parts.append(_add_up(name, rows["period"].to_numpy(), cluster[key], np.asarray(values)))
    held = walk.stock.sum(axis=1)
    both = held + walk.on_the_way.sum(axis=1)
    period, position = np.indices(held.shape)
    for name, values in (
        ("holding_cost", held * company.holding),
        ("stock_units", both),
        ("stock_value", both * company.value),
    ):
        parts.append(_add_up(name, period.ravel(), cluster[position.ravel()], values.ravel()))
    for name, whole in (
        ("truck_cost", _price_trucks(company, walk, periods)),
        ("storage_overflow_cost", _price_overflow(company, walk)),
        *_count_orders(ship, lost, periods).items(),
    ):
        parts.append(_add_up(name, np.arange(periods), np.full(periods, ALL_SKUS), whole))
    rows = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return rows.sort_values(["measure", "period", "cluster"], ignore_index=True)


def _add_up(name: str, period: Any, cluster: Any, values: Any) -> pd.DataFrame:
    frame = pd.DataFrame({"period": period, "cluster": cluster, "value": values})
    summed = frame.groupby(["period", "cluster"])["value"].sum().reset_index()
    return summed.assign(measure=name).astype({"period": "int64", "cluster": "int64"})


def _price_trucks(company: Company, walk: Walk, periods: int) -> Floats:
    """Fixed cost of the trucks that transfers fill, by period."""
    lanes = company.transfer_lanes
    volume = walk.transfers["units"] * company.volume[walk.transfers["sku"].to_numpy(dtype=int)]
    filled = volume.groupby([walk.transfers["period"], walk.transfers["lane"]]).sum()
    lane = filled.index.get_level_values("lane").to_numpy(dtype="int64")
    trucks = np.ceil(filled.to_numpy() / lanes["truck_capacity_m3"].to_numpy()[lane] - 1e-9)
    cost = np.zeros(periods)
    at = filled.index.get_level_values("period").to_numpy(dtype="int64")
    np.add.at(cost, at, np.maximum(trucks, 0) * lanes["fixed_cost"].to_numpy()[lane])
    return cost


def _price_overflow(company: Company, walk: Walk) -> Floats:
    """Cost of stock above the storage capacity at the end of each period."""
    filled = walk.stock @ company.volume
    over: Floats = np.maximum(filled - company.storage, 0.0).sum(axis=1) * company.overflow_cost
    return over


def _count_orders(ship: pd.DataFrame, lost: pd.DataFrame, periods: int) -> dict[str, Floats]:
    """Orders, those that are shipped from more than one centre, those with a loss; by period."""
    sent = ship.groupby(["period", "order"])["fc"].nunique()
    short = lost.groupby(["period", "order"]).size()

    def count(index: "pd.Index[Any]") -> Floats:
        counted = np.bincount(index.get_level_values(0).astype(int), minlength=periods)
        return counted.astype("float64")

    return {
        "orders": count(sent.index.union(short.index)),
        "split_orders": count(sent.index[sent > 1]),
        "short_orders": count(short.index),
    }
