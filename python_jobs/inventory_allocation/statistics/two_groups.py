"""Two groups of values: their difference, its interval and its size."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.stats import t as t_distribution

__all__ = ["Comparison", "Values", "add_t_test", "compare_welch", "is_flat", "pooled_deviation"]

Values = npt.NDArray[np.float64]

# Below this share of the values' size a deviation is rounding.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Comparison:
    """Difference of the means of a treated and a control group, in units of the metric.

    NaN stands for what cannot be said. Without a standard error there is no interval, no p-value
    and no power.

    Attributes:
        treated_units: Values, clusters or pairs of the treated.
        control_units: The same of the control.
        treated_mean: Mean of the treated.
        control_mean: Mean of the control.
        effect: treated_mean - control_mean.
        standard_error: Of the effect.
        degrees: Degrees of freedom of the t distribution.
        effect_lower: Lower end of the interval at level 1 - alpha.
        effect_upper: Upper end.
        p_value: Two-sided.
        cohens_d: Effect in pooled standard deviations of the raw metric.
    """

    treated_units: int
    control_units: int
    treated_mean: float = np.nan
    control_mean: float = np.nan
    effect: float = np.nan
    standard_error: float = np.nan
    degrees: float = np.nan
    effect_lower: float = np.nan
    effect_upper: float = np.nan
    p_value: float = np.nan
    cohens_d: float = np.nan


def is_flat(values: Values) -> bool:
    """Whether all values are the same up to rounding."""
    return bool(np.ptp(values) <= ROUNDING * np.abs(values).max())


def pooled_deviation(treated: Values, control: Values) -> float:
    """Pooled standard deviation of two groups.

    NaN with an empty group, with fewer than 3 values in all, or when neither group varies.
    """
    degrees = len(treated) + len(control) - 2
    if not len(treated) or not len(control) or degrees < 1:
        return np.nan
    if is_flat(treated) and is_flat(control):
        return np.nan
    squares = sum(((values - values.mean()) ** 2).sum() for values in (treated, control))
    return float(np.sqrt(squares / degrees))


def add_t_test(
    comparison: Comparison, standard_error: float, degrees: float, alpha: float
) -> Comparison:
    """Add interval and p-value of a t distribution around the effect.

    Args:
        comparison: With its effect.
        standard_error: Of the effect, above 0.
        degrees: Degrees of freedom, above 0.
        alpha: Significance level.
    """
    reach = float(t_distribution.isf(alpha / 2, degrees)) * standard_error
    return replace(
        comparison,
        standard_error=standard_error,
        degrees=degrees,
        effect_lower=comparison.effect - reach,
        effect_upper=comparison.effect + reach,
        p_value=float(2 * t_distribution.sf(abs(comparison.effect) / standard_error, degrees)),
    )


def compare_welch(treated: Values, control: Values, alpha: float) -> Comparison:
    """Welch's t test, with the degrees of freedom of Satterthwaite (Welch 1947).

    Args:
        treated: Values of the treated, without NaN.
        control: Values of the control, without NaN.
        alpha: Significance level.

    Returns:
        The comparison; without a test when a group has fewer than 2 values or neither varies.
    """
    means = [float(group.mean()) if len(group) else np.nan for group in (treated, control)]
    effect = means[0] - means[1]
    deviation = pooled_deviation(treated, control)
    known = Comparison(
        len(treated), len(control), means[0], means[1], effect, cohens_d=effect / deviation
    )
    if min(len(treated), len(control)) < 2 or np.isnan(deviation):
        return known
    parts = [float(group.var(ddof=1)) / len(group) for group in (treated, control)]
    # Not scipy's ttest_ind, which warns of lost precision when one of the groups is constant.
    degrees = sum(parts) ** 2 / sum(
        part**2 / (len(group) - 1) for part, group in zip(parts, (treated, control), strict=True)
    )
    return add_t_test(known, float(np.sqrt(sum(parts))), degrees, alpha)
