"""How good the segments are, for each number of segments."""

import pandas as pd

from inventory_allocation.segmentation.features import build_matrix, sort_customers
from inventory_allocation.segmentation.kmeans import choose_segment_count, sweep_segment_counts

__all__ = ["validate_segments"]


def validate_segments(features: pd.DataFrame, min_customers: int, seed: int) -> pd.DataFrame:
    """Sweep the number of segments.

    Args:
        features: As for `fit_segments`.
        min_customers: With fewer customers there is nothing to validate.
        seed: Seed of the fits.

    Returns:
        One row per number of segments and metric (silhouette on a sample of 5,000, stability:
        adjusted Rand index over bootstrap fits, smallest_share): segment_count, metric, value and
        verdict, `chosen` or `not chosen`. Empty, with its types, for too few customers.
    """
    customers = sort_customers(features)
    measures = {}
    if len(customers) >= max(min_customers, 1):
        measures = sweep_segment_counts(build_matrix(customers), seed)
    chosen = choose_segment_count(measures)
    rows = [
        (count, metric, value, "chosen" if count == chosen else "not chosen")
        for count, found in measures.items()
        for metric, value in found.items()
    ]
    frame = pd.DataFrame(rows, columns=["segment_count", "metric", "value", "verdict"])
    return frame.astype(
        {"segment_count": "int64", "metric": "string", "value": "float64", "verdict": "string"}
    )
