"""A company small enough to read: two centres, two regions, two SKUs, 60 weeks."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

LAST_DAY = pd.Timestamp("2026-06-28")
# Vars with which it builds in seconds.
QUICK: dict[str, Any] = {
    "sample_company": False,
    "backtest_cutoffs": 0,
    "forecast_global_models": [],
    "forecast_periods": 4,
    "plan_periods": 2,
    "segment_min_customers": 20,
    "segment_bootstraps": 2,
    "segment_permutations": 9,
}


def make_tiny_company(weeks: int = 60, customers: int = 60) -> dict[str, pd.DataFrame]:
    """Raw tables as frames. Each customer buys every third week; SKU A sells twice as often."""
    rng = np.random.default_rng(3)
    rows = []
    for week in range(weeks):
        monday = LAST_DAY - pd.Timedelta(days=6 + 7 * (weeks - 1 - week))
        for customer in range(customers):
            if (week + customer) % 3 == 0:
                rows.append(
                    {
                        "order_id": f"O{week:03d}-{customer:03d}",
                        "order_line": 1,
                        "ordered_at": monday + pd.Timedelta(days=int(rng.integers(0, 7)), hours=9),
                        "customer_id": f"C{customer:03d}",
                        "sku": "A" if customer % 3 else "B",
                        "quantity": int(rng.integers(1, 4)),
                        "unit_price": 10.0 if customer % 3 else 20.0,
                        "region_id": "north" if customer % 2 else "south",
                    }
                )
    transactions = pd.DataFrame(rows)
    # The last day decides as_of.
    transactions.loc[len(transactions) - 1, "ordered_at"] = LAST_DAY + pd.Timedelta(hours=9)
    return {
        "transactions": transactions,
        "products": pd.DataFrame(
            {"sku": ["A", "B"], "category": "all", "unit_cost": [4.0, 9.0], "pack_size": [6, 1]}
        ),
        "fulfillment_centers": pd.DataFrame(
            {
                "fc_id": ["F1", "F2"],
                "latitude": [48.9, 45.8],
                "longitude": [2.4, 4.8],
                "handling_cost_per_unit": 0.5,
            }
        ),
        "regions": pd.DataFrame(
            {
                "region_id": ["north", "south"],
                "latitude": [50.6, 43.3],
                "longitude": [3.1, 5.4],
                "sla_days": 2,
            }
        ),
        "lanes": pd.DataFrame(
            {
                "fc_id": ["F1", "F1", "F2", "F2"],
                "region_id": ["north", "south", "north", "south"],
                "cost_per_unit": [2.0, 5.0, 5.0, 2.0],
                "transit_days": [1, 3, 3, 1],
            }
        ),
        "transfer_lanes": pd.DataFrame(
            {"from_fc_id": ["F1", "F2"], "to_fc_id": ["F2", "F1"], "cost_per_unit": 0.5}
        ),
        "inventory_snapshots": pd.DataFrame(
            {
                "snapshot_date": LAST_DAY,
                "fc_id": ["F1", "F1", "F2", "F2"],
                "sku": ["A", "B", "A", "B"],
                "on_hand_units": [300, 10, 20, 90],
            }
        ),
    }


def write_company(tables: dict[str, pd.DataFrame], directory: Path) -> Path:
    """Write the frames as CSV files that load-raw reads."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        frame.to_csv(directory / f"{name}.csv", index=False)
    return directory
