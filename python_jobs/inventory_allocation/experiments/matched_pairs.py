"""Effect on the treated from matched pairs."""

import numpy as np

from inventory_allocation.statistics.two_groups import (
    Comparison,
    Values,
    add_t_test,
    is_flat,
    pooled_deviation,
)

__all__ = ["adjust_differences", "compare_pairs"]

PAIRS_PER_COVARIATE = 5


def adjust_differences(
    treated: Values, control: Values, treated_covariates: Values, control_covariates: Values
) -> Values:
    """Differences of matched pairs, without what the remaining imbalance explains.

    The outcome is regressed on the covariates among the control units of the pairs, and each
    difference is reduced by what the regression gives for the covariates of its pair (Abadie and
    Imbens 2011). Each difference also carries what its control unit adds to the error of the
    regression: that leaves the mean as it is, and makes the deviation of the differences the one
    of the effect.

    Args:
        treated: Outcome of the treated of each pair, shape (pairs,).
        control: Outcome of the control units.
        treated_covariates: Shape (pairs, columns).
        control_covariates: Shape (pairs, columns).

    Returns:
        Adjusted differences, shape (pairs,); their mean is the effect. Not adjusted with fewer
        than 5 pairs for each covariate.
    """
    if len(control) < PAIRS_PER_COVARIATE * max(control_covariates.shape[1], 1):
        return treated - control
    centred = control_covariates - control_covariates.mean(axis=0)
    inverse = np.linalg.pinv(centred.T @ centred, hermitian=True)
    slopes = inverse @ centred.T @ control
    gap = treated_covariates - control_covariates
    residuals = control - control.mean() - centred @ slopes
    weights = len(control) * centred @ inverse @ gap.mean(axis=0)
    adjusted: Values = treated - control - gap @ slopes - weights * residuals
    return adjusted


def compare_pairs(
    treated: Values, control: Values, differences: Values, alpha: float
) -> Comparison:
    """Test the mean of pair differences by their t distribution.

    Pairs are the units of what is random after matching without replacement, so their
    differences carry the error (Abadie and Spiess 2022).

    Args:
        treated: Outcome of the treated of each pair.
        control: Outcome of the control units.
        differences: Of each pair, adjusted or not.
        alpha: Significance level.

    Returns:
        The comparison; control_mean is what the treated would have had: their mean less the
        effect. Without a test when there are fewer than 2 pairs or the differences do not vary.
    """
    count = len(differences)
    if not count:
        return Comparison(0, 0)
    effect, mean = float(differences.mean()), float(treated.mean())
    known = Comparison(
        count,
        count,
        mean,
        mean - effect,
        effect,
        cohens_d=effect / pooled_deviation(treated, control),
    )
    if count < 2 or is_flat(differences):
        return known
    error = float(differences.std(ddof=1) / np.sqrt(count))
    return add_t_test(known, error, count - 1, alpha)
