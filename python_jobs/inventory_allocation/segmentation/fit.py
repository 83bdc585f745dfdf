"""Fit segments: from features per customer to a segment per customer."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.segmentation.features import FEATURES, build_matrix, sort_customers
from inventory_allocation.segmentation.kmeans import (
    choose_segment_count,
    fit_kmeans,
    sweep_segment_counts,
)
from inventory_allocation.segmentation.names import UNASSIGNED, name_segments

__all__ = ["fit_segments"]

COLUMNS = ["customer_id", "segment_id", "segment", "distance", "silhouette"]


def _unassigned(customers: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": customers["customer_id"].astype("string"),
            "segment_id": np.zeros(len(customers), dtype="int64"),
            "segment": pd.Series([UNASSIGNED] * len(customers), dtype="string"),
            "distance": np.zeros(len(customers)),
            "silhouette": np.zeros(len(customers)),
        }
    )


def _rank_by_spending(
    customers: pd.DataFrame, labels: npt.NDArray[np.int32]
) -> npt.NDArray[np.int64]:
    """Number the segments from 1 by falling mean spending, whatever K-means called them."""
    spending = customers["monetary"].astype("float64").groupby(labels).mean()
    order = sorted(spending.index, key=lambda label: (-spending[label], label))
    rank = {label: number for number, label in enumerate(order, start=1)}
    return np.array([rank[label] for label in labels], dtype="int64")


def fit_segments(
    features: pd.DataFrame, segment_count: int | None, min_customers: int, seed: int
) -> pd.DataFrame:
    """Give each customer a segment by K-means.

    Args:
        features: One row per customer: customer_id, recency_days, frequency, monetary and the
            shares of units by quarter. Any order of rows.
        segment_count: Number of segments; None chooses it (see `choose_segment_count`).
        min_customers: With fewer customers all are `unassigned`.
        seed: Seed of the fit.

    Returns:
        One row per customer, sorted: customer_id, segment_id (from 1, by falling mean spending),
        segment (a name), distance to the centre (in scaled features) and the simplified
        silhouette, (b - a) / max(a, b) with a and b the distances to the own and the nearest
        other centre (Hruschka et al. 2006).

    Raises:
        InputError: A column is missing.
    """
    customers = sort_customers(features)
    if len(customers) < max(min_customers, 1):
        return _unassigned(customers)
    matrix = build_matrix(customers)
    if segment_count is None:
        segment_count = choose_segment_count(sweep_segment_counts(matrix, seed))
    segment_count = min(segment_count, len(np.unique(matrix, axis=0)))
    if segment_count < 2:
        return _unassigned(customers)
    model = fit_kmeans(matrix, segment_count, seed)
    distances = np.sort(
        np.linalg.norm(matrix[:, None, :] - model.cluster_centers_[None, :, :], axis=2), axis=1
    )
    own, other = distances[:, 0], distances[:, 1]
    segment_ids = _rank_by_spending(customers, model.labels_)
    names = name_segments(customers[["customer_id", *FEATURES]].assign(segment_id=segment_ids))
    return pd.DataFrame(
        {
            "customer_id": customers["customer_id"].astype("string"),
            "segment_id": segment_ids,
            "segment": pd.Series([names[i] for i in segment_ids], dtype="string"),
            "distance": own,
            "silhouette": (other - own) / np.maximum(np.maximum(own, other), 1e-12),
        }
    )[COLUMNS]
