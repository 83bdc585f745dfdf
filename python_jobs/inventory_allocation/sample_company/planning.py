"""What a planner needs besides demand: capacities, suppliers, stock, open orders, signals."""

import numpy as np
import pandas as pd

from inventory_allocation.sample_company.clock import (
    DAY,
    SNAPSHOT_WEEKS,
    WEEKS,
    FloatArray,
    IntArray,
    monday,
    stream,
)
from inventory_allocation.sample_company.fulfilment import Fulfilment
from inventory_allocation.sample_company.network import Network
from inventory_allocation.sample_company.products import Products
from inventory_allocation.sample_company.scales import Scale
from inventory_allocation.sample_company.shape import Shape

PEAK_WEEKS = 8
PEAK_ROOM = 1.15
TIGHT_ROOM = 0.9
"""The busiest centre lacks a shift: its capacity is below its regions' demand of today."""
PLAN_WEEKS = 4
LIMITED_LANE_SHARE = 0.2
RESERVED_SHARE = 0.03


def tight_centre(home_demand: IntArray) -> int:
    """Position of the centre with most demand in the last weeks; shape (WEEKS, centres)."""
    return int(home_demand[-PLAN_WEEKS:].sum(axis=0).argmax())


def centre_rows(
    network: Network, fulfilment: Fulfilment, home_demand: IntArray, seed: int
) -> pd.DataFrame:
    """Contract rows of `fulfillment_centers`, with capacities that are tight in peak weeks.

    Args:
        network: Places.
        fulfilment: Stock and deliveries of the history.
        home_demand: Units wanted by week and home centre; shape (WEEKS, centres).
        seed: Seed of the company.
    """
    rng = stream(seed, "centres")
    count = len(network.centres)
    outbound = PEAK_ROOM * _peak(home_demand[-SNAPSHOT_WEEKS:])
    busy = tight_centre(home_demand)
    outbound[busy] = TIGHT_ROOM * home_demand[-PLAN_WEEKS:, busy].mean()
    received = fulfilment.received.sum(axis=2)
    inbound = np.maximum(1.5 * _peak(received[:WEEKS]), 1.1 * received[WEEKS:].max(axis=0))
    return network.centres.assign(
        storage_capacity_m3=np.ceil(1.15 * fulfilment.filled_m3.max(axis=0)),
        outbound_capacity_units=np.ceil(outbound / 5) * 5,
        inbound_capacity_units=np.ceil(inbound / 10) * 10,
        handling_cost_per_unit=np.round(rng.uniform(0.4, 0.9, count), 2),
        fixed_cost_per_period=np.round(400 + 1.5 * outbound, -1),
    )


def lane_rows(network: Network, region_demand: IntArray, seed: int) -> pd.DataFrame:
    """Contract rows of `lanes`; some carry a limited number of units a week.

    Args:
        network: Places and lanes.
        region_demand: Units wanted by week and region; shape (WEEKS, regions).
        seed: Seed of the company.
    """
    rng = stream(seed, "lanes")
    limit = np.tile(_peak(region_demand[-SNAPSHOT_WEEKS:]), len(network.centres))
    limit = np.ceil(limit * rng.uniform(0.6, 1.2, len(limit)))
    limited = rng.random(len(limit)) < LIMITED_LANE_SHARE
    return network.lanes.assign(capacity_units=np.where(limited, limit, np.nan))


def supplier_rows(scale: Scale, network: Network, products: Products, seed: int) -> pd.DataFrame:
    """Contract rows of `suppliers`: one or two for each SKU and centre."""
    rng = stream(seed, "suppliers")
    centres, skus = scale.centres, scale.skus
    first = rng.integers(0, scale.suppliers, skus)
    second = (first + rng.integers(1, scale.suppliers, skus)) % scale.suppliers
    has_second = rng.random((centres, skus)) < 0.4
    sku = np.concatenate([np.tile(np.arange(skus), centres), np.nonzero(has_second)[1]])
    centre = np.concatenate([np.repeat(np.arange(centres), skus), np.nonzero(has_second)[0]])
    is_second = np.arange(len(sku)) >= centres * skus
    supplier = np.where(is_second, second[sku], first[sku])

    pack = products.frame["pack_size"].to_numpy(dtype=np.int64)[sku]
    cost = products.frame["unit_cost"].to_numpy(dtype=np.float64)[sku]
    slow, fast = rng.integers(10, 22, len(sku)), rng.integers(5, 10, len(sku))
    limited = rng.random(len(sku)) < 0.1
    return pd.DataFrame(
        {
            "supplier_id": [f"S{number + 1:02d}" for number in supplier],
            "fc_id": network.centres["fc_id"].to_numpy()[centre],
            "sku": products.frame["sku"].to_numpy()[sku],
            "cost_per_unit": np.round(cost * np.where(is_second, 1.08, 1.0), 2),
            "lead_time_days": np.where(is_second, fast, slow),
            "min_order_units": pack * rng.integers(1, 5, len(sku)),
            "order_multiple": pack,
            "fixed_cost_per_order": np.where(is_second, 15, 10 * rng.integers(2, 7, len(sku))),
            "capacity_units": np.where(limited, 24.0 * rng.integers(5, 20, len(sku)), np.nan),
        }
    )


def snapshot_rows(
    network: Network, products: Products, fulfilment: Fulfilment, seed: int
) -> pd.DataFrame:
    """Contract rows of `inventory_snapshots`: each Sunday night, for launched SKUs."""
    rng = stream(seed, "snapshots")
    first = WEEKS - SNAPSHOT_WEEKS
    weeks = np.arange(first, WEEKS)
    launched = products.launch_week <= weeks[:, None]
    week, centre, sku = np.nonzero(np.broadcast_to(launched[:, None, :], fulfilment.stock.shape))
    on_hand = fulfilment.stock[week, centre, sku]
    some = (rng.random(len(on_hand)) < RESERVED_SHARE) * rng.integers(1, 4, len(on_hand))
    return pd.DataFrame(
        {
            "snapshot_date": monday(first + week + 1) - DAY,
            "fc_id": network.centres["fc_id"].to_numpy()[centre],
            "sku": products.frame["sku"].to_numpy()[sku],
            "on_hand_units": on_hand,
            "reserved_units": np.minimum(some, on_hand),
        }
    )


def inbound_rows(network: Network, products: Products, fulfilment: Fulfilment) -> pd.DataFrame:
    """Contract rows of `inbound_shipments`: orders still open at the end of the history."""
    rows = receipt_rows(network, products, fulfilment, WEEKS, len(fulfilment.received))
    return rows.rename(columns={"week_start": "expected_date", "received_units": "quantity"})


def receipt_rows(
    network: Network, products: Products, fulfilment: Fulfilment, start: int, stop: int
) -> pd.DataFrame:
    """Units delivered to each centre by week, from week `start` to before `stop`."""
    received = fulfilment.received[start:stop]
    week, centre, sku = np.nonzero(received)
    return pd.DataFrame(
        {
            "week_start": monday(start + week),
            "fc_id": network.centres["fc_id"].to_numpy()[centre],
            "sku": products.frame["sku"].to_numpy()[sku],
            "received_units": received[week, centre, sku],
        }
    )


def signal_rows(products: Products, shape: Shape) -> pd.DataFrame:
    """Contract rows of `external_signals`: the discount of each promoted SKU, day by day."""
    week, sku = np.nonzero(shape.discount)
    day = np.tile(np.arange(7), len(week))
    week, sku = np.repeat(week, 7), np.repeat(sku, 7)
    return pd.DataFrame(
        {
            "signal_date": monday(week) + day * DAY,
            "signal_name": "promotion",
            "region_id": None,
            "sku": products.frame["sku"].to_numpy()[sku],
            "value": shape.discount[week, sku],
            "is_known_ahead": True,
        }
    )


def _peak(units: IntArray) -> FloatArray:
    """Mean of the busiest weeks of each column; units (weeks, columns)."""
    return np.asarray(np.sort(units, axis=0)[-PEAK_WEEKS:].mean(axis=0))
