"""Whether groups were alike before the start, and whether their sizes are what was meant."""

import numpy as np
import pandas as pd
from scipy.stats import chisquare

from inventory_allocation.experiments.columns import COVARIATES
from inventory_allocation.experiments.covariates import add_missing_indicators
from inventory_allocation.experiments.matching import Matching
from inventory_allocation.statistics.two_groups import ROUNDING

__all__ = [
    "MAX_SMD",
    "is_sample_ratio_right",
    "matched_differences",
    "pooled_spread",
    "sample_ratio_p_value",
    "split_covariates",
    "standardized_differences",
]

MAX_SMD = 0.1
MIN_SAMPLE_RATIO_P = 0.001


def split_covariates(
    treated: pd.DataFrame, control: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Covariates of two groups with the indicators of missing ones, the same columns in both."""
    both = add_missing_indicators(pd.concat([treated, control], ignore_index=True))
    return both.iloc[: len(treated)], both.iloc[len(treated) :].reset_index(drop=True)


def pooled_spread(treated: pd.DataFrame, control: pd.DataFrame) -> "pd.Series[float]":
    """Root of the mean variance of two groups, by covariate; 0 when neither varies."""
    spread: pd.Series[float] = np.sqrt((treated.var() + control.var()) / 2)
    return spread.where(spread > ROUNDING * treated.abs().max(), 0.0)


def standardized_differences(
    treated: pd.DataFrame, control: pd.DataFrame, spread: "pd.Series[float]"
) -> pd.DataFrame:
    """Standardized mean differences (Austin 2009).

    Args:
        treated: Covariates of the treated; nulls are left out of means.
        control: The same columns of the control units.
        spread: Deviation to divide by, by covariate. After matching that of before it, so that a
            change is one of the means (Stuart 2010).

    Returns:
        By covariate: treated_mean, control_mean, standardized_mean_difference. The last is 0
        between equal means, and null when a mean is null or nothing varies around unequal ones.
    """
    means = pd.DataFrame({"treated_mean": treated.mean(), "control_mean": control.mean()})
    difference = means["treated_mean"] - means["control_mean"]
    is_same = difference.abs() <= ROUNDING * means.abs().max(axis=1)
    scaled = (difference / spread.where(spread > 0)).where(~is_same, 0.0)
    return means.assign(standardized_mean_difference=scaled)


def matched_differences(matching: Matching) -> pd.DataFrame:
    """Standardized differences of the matched units, in deviations of all units."""
    groups = split_covariates(matching.treated[COVARIATES], matching.control[COVARIATES])
    pairs = groups[0].iloc[matching.treated_rows], groups[1].iloc[matching.control_rows]
    return standardized_differences(*pairs, pooled_spread(*groups))


def sample_ratio_p_value(variants: "pd.Series[str]") -> float:
    """P-value of a chi-square test of the sizes of two or more variants against equal shares.

    Args:
        variants: Variant of each unit of analysis.
    """
    return float(chisquare(variants.value_counts(sort=False)).pvalue)


def is_sample_ratio_right(p_value: float) -> bool:
    """Whether sizes are what was meant: p of at least 0.001, for it is checked every time."""
    return p_value >= MIN_SAMPLE_RATIO_P
