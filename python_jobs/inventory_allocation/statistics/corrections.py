"""Corrections for looking at many comparisons at once."""

import numpy as np

from inventory_allocation.statistics.two_groups import Values

__all__ = ["correct_bonferroni", "correct_holm"]

# Not statsmodels' multipletests, which collects garbage at each call: 0.1 s beside these.


def correct_bonferroni(p_values: Values) -> Values:
    """Adjust the p-values of one family by Bonferroni: times the number of tests, at most 1.

    Args:
        p_values: Of all comparisons of the family; NaN for one without a test, which stays NaN
            and does not count.
    """
    adjusted: Values = np.minimum(p_values * np.isfinite(p_values).sum(), 1.0)
    return adjusted


def correct_holm(p_values: Values) -> Values:
    """Adjust the p-values of one family by Holm (1979).

    The smallest is multiplied by the number of tests, the next by one less, and so on; none may
    fall below the one before. Like Bonferroni's it keeps the chance of any false alarm at alpha,
    however the tests depend on each other, and it finds more.

    Args:
        p_values: As for `correct_bonferroni`.
    """
    tests = int(np.isfinite(p_values).sum())
    order = np.argsort(p_values)[:tests]
    adjusted = np.full(len(p_values), np.nan)
    adjusted[order] = np.minimum(
        np.maximum.accumulate(p_values[order] * np.arange(tests, 0, -1)), 1.0
    )
    return adjusted
