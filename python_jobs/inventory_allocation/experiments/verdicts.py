"""What a result says, in words."""

import numpy as np

from inventory_allocation.experiments.sensitivity import MAX_GAMMA
from inventory_allocation.experiments.settings import ExperimentSettings
from inventory_allocation.statistics.two_groups import Comparison

__all__ = [
    "CONFOUNDED",
    "NOTHING_TO_COMPARE",
    "describe_comparison",
    "describe_covariate",
    "describe_matching",
    "describe_sample_ratio",
]

NOTHING_TO_COMPARE = "nothing to compare: the experiment has one variant"
CONFOUNDED = "confounded unless proven otherwise: the groups were not assigned at random"


def _number(value: float) -> str:
    """Three digits, without an exponent."""
    return f"{float(f'{value:.3g}'):,.12g}"


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"


def _p_value(value: float) -> str:
    return f"p {value:.4f}" if value >= 0.0001 else "p below 0.0001"


def describe_comparison(
    metric: str,
    variant: str,
    comparison: Comparison,
    p_holm: float,
    minimum_detectable_effect: float,
    settings: ExperimentSettings,
) -> str:
    """Say what a comparison shows.

    Args:
        metric: Name of the metric.
        variant: Variant under test.
        comparison: Its result.
        p_holm: P-value after Holm.
        minimum_detectable_effect: In units of the metric.
        settings: Significance level and power target.

    Returns:
        A sentence. An effect is named when its p-value is below alpha before corrections; the
        sentence then says whether it holds after Holm.
    """
    sizes = comparison.treated_units, comparison.control_units
    if min(sizes) == 0:
        return f"nothing to compare: no {metric} measured under one variant or both"
    if min(sizes) < 2:
        return f"too few units: {sizes[0]} treated and {sizes[1]} control; each needs 2"
    if np.isnan(comparison.p_value):
        return f"no test: {metric} does not vary"
    if comparison.p_value >= settings.alpha:
        return (
            f"no difference shown; effects above {_number(minimum_detectable_effect)} would have "
            f"been found with {_percent(settings.power_target)} power"
        )
    is_higher = comparison.effect > 0
    ends = comparison.effect_lower, comparison.effect_upper
    lower, upper = ends if is_higher else (-ends[1], -ends[0])
    return (
        f"{metric} is {'higher' if is_higher else 'lower'} under {variant} by "
        f"{_number(abs(comparison.effect))} ({_percent(1 - settings.alpha)} interval "
        f"{_number(lower)} to {_number(upper)}); "
        f"{'holds' if p_holm < settings.alpha else 'does not hold'} after Holm"
    )


def describe_matching(matched_share: float, unbalanced: str | None, gamma: float) -> str:
    """Say how far a matched result can be trusted.

    Args:
        matched_share: Share of the treated that found a match.
        unbalanced: The covariate that differs most after matching; None when all are balanced.
        gamma: See `sensitivity_gamma`; NaN without pairs.
    """
    words = f"{_percent(matched_share)} of the treated found a match"
    if np.isnan(gamma):
        return words
    balance = "balance reached" if unbalanced is None else f"balance not reached: {unbalanced}"
    if gamma == 1:
        bias = "chance alone could explain it (gamma 1)"
    elif gamma >= MAX_GAMMA:
        bias = f"withstands a hidden bias of gamma {MAX_GAMMA:.0f}"
    else:
        bias = f"a hidden bias of gamma {gamma:.3g} could explain it"
    return f"{words}; {balance}; {bias}"


def describe_sample_ratio(p_value: float, is_balanced: bool) -> str:
    """Say whether the sizes of the variants are what was meant."""
    if is_balanced:
        return f"sizes as meant: equal shares ({_p_value(p_value)})"
    return f"not to be trusted: sample-ratio mismatch ({_p_value(p_value)})"


def describe_covariate(is_balanced: bool, difference: float, p_holm: float) -> str:
    """Say whether a covariate was alike before the start.

    Args:
        is_balanced: The verdict.
        difference: Standardized mean difference; NaN where it cannot be said.
        p_holm: P-value after Holm; NaN where the difference itself decides.
    """
    if np.isnan(difference) and np.isnan(p_holm):
        return "cannot be judged: too few units, or no spread"
    size = f"{difference:.2f} deviations"
    evidence = size if np.isnan(p_holm) else f"{size}, {_p_value(p_holm)} after Holm"
    return f"{'alike' if is_balanced else 'not alike'} before the start ({evidence})"
