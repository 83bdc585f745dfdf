"""Comparisons of groups: Welch's tests, effect sizes, corrections for many tests at once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = [
    "Comparison",
    "cohens_d",
    "compare_groups",
    "compare_two",
    "correct_p_values",
]

Sample = npt.NDArray[np.float64]
NAN = float("nan")


class Comparison(NamedTuple):
    """A test of two samples: the difference of the means, its interval and its p value."""

    difference: float
    lower: float
    upper: float
    p_value: float
    cohens_d: float


class GroupComparison(NamedTuple):
    """Tests of several samples: Welch's analysis of variance and Kruskal and Wallis's."""

    welch_statistic: float
    welch_p_value: float
    eta_squared: float
    kruskal_statistic: float
    kruskal_p_value: float
    epsilon_squared: float


def cohens_d(first: Sample, second: Sample) -> float:
    """Difference of the means over the pooled standard deviation (Cohen 1988).

    NaN when a sample has fewer than two values or nothing varies.
    """
    if min(len(first), len(second)) < 2:
        return NAN
    degrees = len(first) + len(second) - 2
    pooled = (
        (len(first) - 1) * first.var(ddof=1) + (len(second) - 1) * second.var(ddof=1)
    ) / degrees
    return float((first.mean() - second.mean()) / np.sqrt(pooled)) if pooled > 0 else NAN


def compare_two(first: Sample, second: Sample, confidence: float = 0.95) -> Comparison:
    """Two-sided Welch test of two means, with interval.

    Args:
        first: Values of one group, finite.
        second: Values of the other.
        confidence: Confidence of the interval.

    Returns:
        First less second. Interval, p value and d are NaN when a group has fewer than two values
        or neither varies.
    """
    from scipy.stats import ttest_ind

    if min(len(first), len(second)) == 0:
        return Comparison(NAN, NAN, NAN, NAN, NAN)
    difference = float(first.mean() - second.mean())
    if min(len(first), len(second)) < 2 or first.var() + second.var() <= 0:
        return Comparison(difference, NAN, NAN, NAN, NAN)
    result = ttest_ind(first, second, equal_var=False)
    interval = result.confidence_interval(confidence)
    return Comparison(
        difference,
        float(interval.low),
        float(interval.high),
        float(result.pvalue),
        cohens_d(first, second),
    )


def compare_groups(groups: Sequence[Sample]) -> GroupComparison:
    """Test whether several groups differ.

    Args:
        groups: Values of each group, finite.

    Returns:
        Welch's analysis of variance (Welch 1951) with eta squared, and the Kruskal-Wallis test with
        epsilon squared, H / (n - 1) (Tomczak and Tomczak 2014). Groups with fewer than two values
        are left out; with fewer than two groups left all is NaN, and Welch's test also when a
        group doesn't vary.
    """
    from scipy.stats import kruskal
    from statsmodels.stats.oneway import anova_oneway

    groups = [group for group in groups if len(group) > 1]
    if len(groups) < 2:
        return GroupComparison(NAN, NAN, NAN, NAN, NAN, NAN)
    values = np.concatenate(groups)
    total = float(((values - values.mean()) ** 2).sum())
    if total <= 0:
        return GroupComparison(NAN, NAN, NAN, NAN, NAN, NAN)
    between = sum(len(group) * (group.mean() - values.mean()) ** 2 for group in groups)
    welch, welch_p = NAN, NAN
    if all(group.var() > 0 for group in groups):
        found = anova_oneway(groups, use_var="unequal")
        welch, welch_p = float(found.statistic), float(found.pvalue)
    ranks = kruskal(*groups)
    return GroupComparison(
        welch,
        welch_p,
        float(between / total),
        float(ranks.statistic),
        float(ranks.pvalue),
        float(ranks.statistic / (len(values) - 1)),
    )


def correct_p_values(p_values: Sequence[float]) -> tuple[Sample, Sample]:
    """Correct the p values of a family of tests.

    Args:
        p_values: Raw p values; NaN is no test and stays NaN.

    Returns:
        Corrected by Bonferroni and by Holm (1979), in the order given.
    """
    from statsmodels.stats.multitest import multipletests

    raw = np.asarray(p_values, dtype="float64")
    bonferroni, holm = np.full(len(raw), NAN), np.full(len(raw), NAN)
    known = np.isfinite(raw)
    if known.any():
        bonferroni[known] = multipletests(raw[known], method="bonferroni")[1]
        holm[known] = multipletests(raw[known], method="holm")[1]
    return bonferroni, holm
