"""The features that make segments: what is measured, on which scale, with which weight."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.frames import require_columns

__all__ = ["FEATURES", "QUARTER_SHARES", "RFM", "build_matrix", "sort_customers"]

RFM = ["recency_days", "frequency", "monetary"]
QUARTER_SHARES = ["q1_share", "q2_share", "q3_share", "q4_share"]
FEATURES = [*RFM, *QUARTER_SHARES]

# The four shares of the year count as one feature together: 4 * 0.5 ** 2 = 1.
QUARTER_WEIGHT = 0.5


def sort_customers(features: pd.DataFrame) -> pd.DataFrame:
    """Sort by customer, so that the order of the rows never matters.

    Raises:
        InputError: A feature is missing.
    """
    require_columns(features, ["customer_id", *FEATURES], "int_customers__segment_input")
    return features.sort_values("customer_id", kind="stable").reset_index(drop=True)


def build_matrix(customers: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Scale the features: log of 1 + x for RFM, then mean 0 and deviation 1 for all.

    Args:
        customers: One row per customer, sorted; a negative monetary value counts as 0.

    Returns:
        Matrix of shape (customers, features). A constant feature is 0.
    """
    values = customers[FEATURES].astype("float64").to_numpy(copy=True)
    values[:, : len(RFM)] = np.log1p(np.maximum(values[:, : len(RFM)], 0.0))
    deviation = values.std(axis=0)
    scaled: npt.NDArray[np.float64] = (values - values.mean(axis=0)) / np.where(
        deviation > 1e-12, deviation, 1.0
    )
    scaled[:, len(RFM) :] *= QUARTER_WEIGHT
    return scaled
