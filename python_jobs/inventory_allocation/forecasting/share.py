"""Sharing the forecast of a pooled series out to its members."""

import numpy as np
import pandas as pd
from scipy.stats import nbinom

from inventory_allocation.forecasting.settings import QUANTILE_COLUMNS, QUANTILES
from inventory_allocation.frames import require_columns

__all__ = ["share_out"]

KEY = ["segment", "sku", "region_id", "period_start"]


def share_out(forecasts: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Share forecasts of modelled series out to segment, SKU and region.

    A member's mean is its share of the pool's. Its quantiles are those of a negative binomial:
    if the pool's demand is negative binomial with size k, and each unit belongs to the member
    with probability `share`, the member's demand is negative binomial with the same k (binomial
    thinning; Johnson, Kemp and Kotz, Univariate Discrete Distributions, section 5.8). The size
    follows from the pool's mean and its 95 % interval. A member that is its whole pool keeps the
    pool's quantiles.

    Args:
        forecasts: From `forecast_panel`.
        members: Columns segment, sku, region_id, series_id, share (adding up to 1 by series).

    Returns:
        One row per segment, SKU, region and period, sorted: mean, quantiles, model.

    Raises:
        InputError: A column is missing.
    """
    names = ["segment", "sku", "region_id", "series_id", "share"]
    require_columns(members, names, "int_demand__assign_model_series")
    shared = (
        members[names]
        .astype({"series_id": "string"})
        .merge(forecasts.astype({"series_id": "string"}), on="series_id")
    )
    share = shared["share"].to_numpy(dtype="float64")
    pool_mean = np.maximum(shared["mean"].to_numpy(dtype="float64"), 1e-6)
    spread = (shared["q0_975"] - shared["q0_025"]).to_numpy(dtype="float64")
    variance = np.maximum((spread / 3.92) ** 2, pool_mean * 1.001)
    size = pool_mean**2 / (variance - pool_mean)
    mean = share * pool_mean
    is_whole = share > 1 - 1e-9
    for name, level in zip(QUANTILE_COLUMNS, QUANTILES, strict=True):
        thinned = nbinom.ppf(level, size, size / (size + mean))
        shared[name] = np.where(is_whole, shared[name].to_numpy(dtype="float64"), thinned)
    shared["mean"] = share * shared["mean"].to_numpy(dtype="float64")
    ordered = shared.sort_values(KEY, kind="stable").reset_index(drop=True)
    # Typed even when empty, so that a warehouse gets text columns.
    ordered = ordered.astype(dict.fromkeys(["segment", "sku", "region_id", "model"], "string"))
    return ordered[[*KEY, "mean", *QUANTILE_COLUMNS, "model"]]
