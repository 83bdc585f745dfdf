"""Several groups of values: whether they differ, and by how much of the variance."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from inventory_allocation.statistics.two_groups import Values

__all__ = ["GroupComparison", "compare_groups"]

NAN = float("nan")


class GroupComparison(NamedTuple):
    """Tests of several samples: Welch's analysis of variance and Kruskal and Wallis's."""

    welch_statistic: float
    welch_p_value: float
    eta_squared: float
    kruskal_statistic: float
    kruskal_p_value: float
    epsilon_squared: float


def compare_groups(groups: Sequence[Values]) -> GroupComparison:
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
