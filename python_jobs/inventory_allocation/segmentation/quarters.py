"""Whether segments hold over time: who changes segment, what drifts from quarter to quarter."""

from itertools import pairwise

import numpy as np
import pandas as pd

from inventory_allocation.segmentation.features import scale_customers, sort_customers
from inventory_allocation.segmentation.kmeans import assign
from inventory_allocation.segmentation.names import THIN_HISTORY
from inventory_allocation.segmentation.settings import SegmentSettings
from inventory_allocation.segmentation.stored_fits import Fit
from inventory_allocation.segmentation.validation_rows import Row, make_row

__all__ = ["measure_quarters"]

MAX_DRIFT = 0.05


def _describe(customers: pd.DataFrame, fit: Fit, settings: SegmentSettings) -> pd.DataFrame:
    """Segment and distance of each customer at one snapshot, by the centres in force."""
    customers = sort_customers(customers)
    nearest, own, other = assign(scale_customers(customers, fit.scaling), fit.centers)
    has_history = customers["purchase_days"].to_numpy("int64") >= settings.min_purchase_days
    names = np.array([*fit.names, THIN_HISTORY], dtype=object)
    return pd.DataFrame(
        {
            "customer_id": customers["customer_id"],
            "segment": names[np.where(has_history, nearest, len(fit.names))],
            "mean_distance": np.where(has_history, own, np.nan),
            "simplified_silhouette": np.where(
                has_history & np.isfinite(other), (other - own) / np.maximum(other, 1e-12), np.nan
            ),
            "mean_monetary": customers["monetary"].to_numpy("float64"),
        }
    )


def _drift(name: str, before: float, after: float, date: pd.Timestamp, **where: str) -> Row:
    drift = after / before - 1 if before else float("nan")
    verdict = (
        "not measured"
        if not np.isfinite(drift)
        else f"under {MAX_DRIFT:.0%}"
        if abs(drift) < MAX_DRIFT
        else f"flagged: moved by {drift:+.0%}"
    )
    return make_row("quarter", f"{name}_drift", drift, verdict, snapshot_date=date, **where)


def measure_quarters(
    snapshots: list[pd.DataFrame], fit: Fit, settings: SegmentSettings
) -> list[Row]:
    """Compare each snapshot with the one before it, by the centres in force.

    Args:
        snapshots: Features at each snapshot, the oldest first.
        fit: The fit in force.
        settings: Settings.

    Returns:
        For each pair of snapshots: customers_changed (share of the customers known at both who
        change segment); drift of distance to the centre and of the simplified silhouette; and for
        each segment the drift of its share of customers and of its mean revenue. A drift is
        relative; from 5 % on it is flagged.
    """
    rows: list[Row] = []
    described = [
        (pd.Timestamp(frame["snapshot_date"].iloc[0]), _describe(frame, fit, settings))
        for frame in snapshots
        if len(frame)
    ]
    for (_, before), (date, after) in pairwise(described):
        both = before.merge(after, on="customer_id", suffixes=("_before", ""))
        if both.empty:
            continue
        changed = float((both["segment_before"] != both["segment"]).mean())
        rows.append(
            make_row(
                "quarter",
                "customers_changed",
                changed,
                f"{changed:.0%} of the customers known at both dates changed segment",
                snapshot_date=date,
            )
        )
        rows += [
            _drift(name, before[name].mean(), after[name].mean(), date)
            for name in ("mean_distance", "simplified_silhouette")
        ]
        shares = [frame["segment"].value_counts(normalize=True) for frame in (before, after)]
        revenue = [frame.groupby("segment")["mean_monetary"].mean() for frame in (before, after)]
        for segment in sorted(set(fit.names) & set(shares[0].index) & set(shares[1].index)):
            for name, (old, new) in (("share", shares), ("mean_monetary", revenue)):
                rows.append(_drift(name, old[segment], new[segment], date, segment=segment))
    return rows
