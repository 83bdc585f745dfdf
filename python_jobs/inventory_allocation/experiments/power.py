"""Power of a t test, by the noncentral t distribution (Cohen 1988)."""

import numpy as np
from scipy.special import nctdtrinc
from scipy.stats import nct
from scipy.stats import t as t_distribution

from inventory_allocation.experiments.settings import ExperimentSettings
from inventory_allocation.statistics.two_groups import Comparison

__all__ = ["minimum_detectable_effect", "power_of", "power_to_detect"]


def power_of(noncentrality: float, degrees: float, alpha: float) -> float:
    """Chance that a two-sided t test rejects.

    Args:
        noncentrality: True effect in standard errors.
        degrees: Degrees of freedom.
        alpha: Significance level.
    """
    critical = t_distribution.isf(alpha / 2, degrees)
    # Both tails as upper ones: the library gives NaN for a lower one that is tiny.
    tails = nct.sf(critical, degrees, np.array([noncentrality, -noncentrality]))
    return float(np.sum(tails))


def power_to_detect(comparison: Comparison, settings: ExperimentSettings) -> float:
    """Power to find the smallest effect worth finding, with these units and this variance.

    It is not the power at the observed effect: that is a function of the p-value and says nothing
    more (Hoenig and Heisey 2001).

    Args:
        comparison: With standard error and degrees of freedom; Welch-Satterthwaite's for Welch.
        settings: minimum_effect is a share of the control mean.

    Returns:
        Power from alpha to 1; NaN without a standard error or when the control mean is 0.
    """
    effect = settings.minimum_effect * abs(comparison.control_mean)
    if np.isnan(comparison.standard_error) or effect == 0:
        return np.nan
    return power_of(effect / comparison.standard_error, comparison.degrees, settings.alpha)


def minimum_detectable_effect(comparison: Comparison, settings: ExperimentSettings) -> float:
    """Smallest true effect that is found with a chance of power_target, in units of the metric.

    Args:
        comparison: With standard error and degrees of freedom.
        settings: Power and significance level.

    Returns:
        The effect, above 0, without the chance to find it on the wrong side, which is below one
        in 10,000; NaN without a standard error.
    """
    if np.isnan(comparison.standard_error):
        return np.nan
    critical = t_distribution.isf(settings.alpha / 2, comparison.degrees)
    noncentrality = nctdtrinc(comparison.degrees, 1 - settings.power_target, critical)
    return float(noncentrality) * comparison.standard_error
