"""Percentile bootstrap: an interval that assumes no distribution."""

import numpy as np
from scipy.stats import bootstrap

from inventory_allocation.experiments.settings import ExperimentSettings
from inventory_allocation.statistics.two_groups import Values

__all__ = ["bootstrap_interval"]

# Values resampled at once, to bound the memory.
BATCH_VALUES = 2_000_000


def _effect(treated: Values, *control: Values, axis: int) -> Values:
    """Mean of the treated less that of the control; without a control, mean of differences."""
    means: Values = treated.mean(axis=axis)
    return means - control[0].mean(axis=axis) if control else means


def bootstrap_interval(
    samples: tuple[Values, ...], settings: ExperimentSettings
) -> tuple[float, float]:
    """Percentile bootstrap interval of an effect (Efron and Tibshirani 1993).

    Args:
        samples: Values of the treated and of the control, resampled each within itself; or the
            differences of pairs alone.
        settings: Resamples, level and seed. Every interval starts from the same seed, so one
            experiment does not depend on which others there are.

    Returns:
        Lower and upper end, in units of the metric; NaN when a sample has fewer than 2 values or
        there are no resamples.
    """
    if settings.bootstraps == 0 or min(len(sample) for sample in samples) < 2:
        return np.nan, np.nan
    result = bootstrap(
        samples,
        _effect,
        n_resamples=settings.bootstraps,
        batch=max(1, BATCH_VALUES // sum(len(sample) for sample in samples)),
        confidence_level=1 - settings.alpha,
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(settings.seed),
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)
