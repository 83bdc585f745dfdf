"""Sharing the forecast of a pooled series out to its members."""

import numpy as np
import pandas as pd
from scipy.stats import nbinom

from inventory_allocation.forecasting.settings import QUANTILES, quantile_name
from inventory_allocation.frames import require_columns
from inventory_allocation.one_thread import one_thread

__all__ = ["share_out"]

QUANTILE_COLUMNS = tuple(quantile_name(level) for level in QUANTILES)
KEY = ["segment", "sku", "region_id", "period_start"]


@one_thread()
def share_out(pools: pd.DataFrame) -> pd.DataFrame:
    """Share forecasts of modelled series out to segment, SKU and region.

    A member's mean is its share of the pool's. Its quantiles are those of a negative binomial:
    if the pool's demand is negative binomial with size k, and each unit belongs to the member
    with probability `share`, the member's demand is negative binomial with the same k (binomial
    thinning; Johnson, Kemp and Kotz, Univariate Discrete Distributions, section 5.8). The size
    follows from the pool's mean and its 95 % interval. A member that is its whole pool keeps the
    pool's quantiles.

    Args:
        pools: One row per member and period, in any order: segment, sku, region_id, period_start,
            share of the pool, basis of its forecast, its mean and quantiles.

    Returns:
        One row per segment, SKU, region and period, sorted: mean, quantiles, basis.

    Raises:
        InputError: A column is missing.
    """
    require_columns(
        pools, [*KEY, "share", "basis", "mean", *QUANTILE_COLUMNS], "int_demand__share_input"
    )
    shared = pools.sort_values(KEY, kind="stable", ignore_index=True)
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
    # Typed even when empty, so that a warehouse gets text columns.
    shared = shared.astype(dict.fromkeys(["segment", "sku", "region_id", "basis"], "string"))
    return shared[[*KEY, "mean", *QUANTILE_COLUMNS, "basis"]]
