"""What is known of units before the start, as numbers for a model."""

import numpy as np
import pandas as pd
from scipy.stats import skew

from inventory_allocation.statistics.two_groups import Values, is_flat

__all__ = ["MISSING", "add_missing_indicators", "scale_covariates"]

MISSING = "_is_missing"
# Skewness of an exponential distribution is 2, of a normal one 0.
SKEWED = 1.0


def add_missing_indicators(covariates: pd.DataFrame) -> pd.DataFrame:
    """Add a column of 0 and 1 for each covariate that some units lack.

    Args:
        covariates: Numbers, one row per unit, null where not known.

    Returns:
        The covariates that some unit has, then `<covariate>_is_missing`; of indicators that say
        the same, the first only.
    """
    known = covariates.astype("float64").dropna(axis="columns", how="all")
    lacking = known.isna().loc[:, known.isna().any()]
    distinct: list[str] = []
    for name in lacking.columns:
        if not any(lacking[name].equals(lacking[other]) for other in distinct):
            distinct.append(name)
    return known.assign(
        **{f"{name}{MISSING}": lacking[name].to_numpy(dtype="float64") for name in distinct}
    )


def scale_covariates(covariates: pd.DataFrame, is_unskewed: bool) -> Values:
    """Scale covariates for a model: no nulls, mean 0 and deviation 1.

    A null becomes the median, beside an indicator that it was null.

    Args:
        covariates: Numbers, one row per unit, null where not known.
        is_unskewed: Whether a covariate without negative values and with a skewness above 1
            becomes log(1 + x).

    Returns:
        Matrix of shape (units, columns), without columns that are constant; perhaps none.
    """
    columns = []
    for name, series in add_missing_indicators(covariates).items():
        values = series.fillna(series.median()).to_numpy()
        if is_flat(values):
            continue
        is_amount = is_unskewed and not str(name).endswith(MISSING)
        if is_amount and values.min() >= 0 and skew(values) > SKEWED:
            values = np.log1p(values)
        columns.append((values - values.mean()) / values.std())
    return np.column_stack(columns) if columns else np.empty((len(covariates), 0))
