"""How much hidden bias a matched result withstands."""

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm, rankdata

from inventory_allocation.statistics.two_groups import Values

__all__ = ["MAX_GAMMA", "sensitivity_gamma", "signed_rank_bound"]

MAX_GAMMA = 10.0


def signed_rank_bound(differences: Values, gamma: float) -> float:
    """Largest one-sided p-value of Wilcoxon's signed-rank test under hidden bias.

    Rosenbaum (2002), section 4.3, normal approximation: within a pair the odds of being the
    treated one are at most gamma. Differences of 0 keep their ranks and count for neither side.

    Args:
        differences: Treated less control of each pair.
        gamma: Odds ratio, at least 1; 1 is no hidden bias.

    Returns:
        Upper bound of the p-value that the treated are higher; 1 when all differences are 0.
    """
    ranks = rankdata(np.abs(differences))
    counted = ranks[differences != 0]
    if not len(counted):
        return 1.0
    chance = gamma / (1 + gamma)
    excess = ranks[differences > 0].sum() - chance * counted.sum()
    return float(norm.sf(excess / np.sqrt(chance * (1 - chance) * (counted**2).sum())))


def sensitivity_gamma(differences: Values, alpha: float) -> float:
    """Smallest hidden bias that could explain a matched effect away.

    Args:
        differences: Treated less control of each pair.
        alpha: Two-sided significance level: the one-sided bound is held against alpha / 2.

    Returns:
        The odds ratio gamma at which the bound of the p-value, in the direction of the mean
        difference, exceeds the level; 1 when it does without any bias, at most 10. NaN without
        pairs.
    """
    if not len(differences):
        return np.nan
    directed = differences * np.sign(differences.mean())

    def excess(gamma: float) -> float:
        return signed_rank_bound(directed, gamma) - alpha / 2

    if excess(1.0) > 0:
        return 1.0
    if excess(MAX_GAMMA) <= 0:
        return MAX_GAMMA
    return float(brentq(excess, 1.0, MAX_GAMMA))
