"""CUPED: taking out of a metric what was known of each unit before the start."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from inventory_allocation.statistics.two_groups import (
    ROUNDING,
    Comparison,
    Values,
    add_t_test,
    compare_welch,
    pooled_deviation,
)

__all__ = ["CupedAdjustment", "adjust_by_before", "compare_cuped"]


@dataclass(frozen=True)
class CupedAdjustment:
    """A metric less what the window before predicts of it.

    Attributes:
        raw: The metric, shape (units,).
        values: The adjusted metric.
        before: The same metric before the start, less its mean; 0 where it was not measured.
        variants: Variant of each unit.
        spread: Sum of squares of `before` within the variants.
        degrees: Units less variants.
    """

    raw: Values
    values: Values
    before: Values
    variants: npt.NDArray[Any]
    spread: float
    degrees: int


def _within(values: Values, variants: npt.NDArray[Any]) -> Values:
    """Values less the mean of their variant."""
    _, codes, sizes = np.unique(variants, return_inverse=True, return_counts=True)
    within: Values = values - (np.bincount(codes, values) / sizes)[codes]
    return within


def adjust_by_before(
    raw: Values, before: Values, variants: npt.NDArray[Any]
) -> CupedAdjustment | None:
    """Subtract theta * (before - mean(before)) from a metric (Deng et al. 2013).

    Theta is pooled over all variants, from deviations within them, so the effect itself does not
    enter it. A unit that was not measured before is not adjusted.

    Args:
        raw: The metric by unit, without NaN, shape (units,).
        before: The same metric in the window before; NaN where not measured.
        variants: Variant of each unit.

    Returns:
        The adjustment; None when `before` is missing or constant, or the units are too few.
    """
    degrees = len(raw) - len(np.unique(variants))
    measured = np.isfinite(before)
    if degrees < 2 or not measured.any():
        return None
    centred = np.where(measured, before - before[measured].mean(), 0.0)
    within = _within(centred, variants)
    spread = float((within**2).sum())
    if spread <= (ROUNDING * np.abs(before[measured]).max()) ** 2 * len(raw):
        return None
    theta = float((within * _within(raw, variants)).sum()) / spread
    return CupedAdjustment(raw, raw - theta * centred, centred, variants, spread, degrees)


def compare_cuped(
    adjustment: CupedAdjustment, treated: str, control: str, alpha: float
) -> Comparison:
    """Welch's test on adjusted values, widened for theta being estimated.

    Taken as known, theta makes the test reject too often in small experiments: 8 % instead of
    5 % with 4 units in each variant. As in analysis of covariance, theta costs a degree of
    freedom, and its error counts for as much as the variants differed before the start. With
    hundreds of units this is Welch's test.

    Args:
        adjustment: From `adjust_by_before`.
        treated: Variant under test.
        control: Variant to compare with.
        alpha: Significance level.

    Returns:
        The comparison, with adjusted means; Cohen's d in deviations of the raw metric.
    """
    is_treated, is_control = adjustment.variants == treated, adjustment.variants == control
    adjusted = adjustment.values
    naive = compare_welch(adjusted[is_treated], adjusted[is_control], alpha)
    deviation = pooled_deviation(adjustment.raw[is_treated], adjustment.raw[is_control])
    known = replace(naive, cohens_d=naive.effect / deviation)
    if np.isnan(naive.standard_error):
        return known
    residuals = _within(adjusted, adjustment.variants)
    left = adjustment.degrees - 1
    gap = adjustment.before[is_treated].mean() - adjustment.before[is_control].mean()
    theta_variance = (residuals**2).sum() / left / adjustment.spread
    welch_variance = naive.standard_error**2 * adjustment.degrees / left
    error = np.sqrt(welch_variance + gap**2 * theta_variance)
    return add_t_test(known, float(error), naive.degrees * left / adjustment.degrees, alpha)
