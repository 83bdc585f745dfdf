"""How many units an experiment needs, before it starts."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inventory_allocation.errors import InputError
from inventory_allocation.experiments.settings import ExperimentSettings
from inventory_allocation.statistics.two_groups import is_flat

__all__ = ["SamplePlan", "plan_sample_size"]


@dataclass(frozen=True)
class SamplePlan:
    """Units needed and effects found, for two equal variants. None: cannot be said.

    Attributes:
        units_at_hand: Units with a value in both windows.
        mean: Mean of the metric in the last window.
        standard_deviation: Its standard deviation over units.
        correlation: Correlation over units between the two windows.
        units_needed: Units in both variants together to find minimum_effect of the mean.
        units_needed_cuped: The same after CUPED.
        minimum_detectable_effect: Smallest effect found with the units at hand, in units of the
            metric.
        minimum_detectable_effect_cuped: The same after CUPED.
    """

    units_at_hand: int
    mean: float | None
    standard_deviation: float | None
    correlation: float | None
    units_needed: int | None
    units_needed_cuped: int | None
    minimum_detectable_effect: float | None
    minimum_detectable_effect_cuped: float | None


def _units_needed(effect: float, deviation: float, settings: ExperimentSettings) -> int | None:
    from statsmodels.stats.power import TTestIndPower

    if effect == 0 or deviation == 0:
        return None
    size, test = effect / deviation, TTestIndPower()
    # The search of the library fails where the smallest experiment is already enough.
    if test.power(size, 2, settings.alpha) >= settings.power_target:
        return 4
    per_variant = test.solve_power(size, alpha=settings.alpha, power=settings.power_target)
    return 2 * math.ceil(float(per_variant))


def _effect_found(units: int, deviation: float, settings: ExperimentSettings) -> float | None:
    from statsmodels.stats.power import TTestIndPower

    if units < 4:
        return None
    size = TTestIndPower().solve_power(
        nobs1=units // 2, alpha=settings.alpha, power=settings.power_target
    )
    return float(size) * deviation


def plan_sample_size(
    values: npt.ArrayLike, before: npt.ArrayLike, settings: ExperimentSettings
) -> SamplePlan:
    """Plan an experiment from the history of a metric.

    CUPED leaves the share 1 - correlation ** 2 of the variance (Deng et al. 2013). Power is that
    of Student's t test with two equal variants.

    Args:
        values: The metric by unit in the last window, shape (units,).
        before: The metric of the same units in the window before, of the same length.
        settings: Smallest effect worth finding, power and significance level.

    Returns:
        The plan. Units with a null in either window are left out.

    Raises:
        InputError: The two histories are not of the same units.
    """
    last, earlier = np.asarray(values, dtype="float64"), np.asarray(before, dtype="float64")
    if last.shape != earlier.shape or last.ndim != 1:
        raise InputError(f"values and before have shapes {last.shape} and {earlier.shape}")
    kept = np.isfinite(last) & np.isfinite(earlier)
    last, earlier = last[kept], earlier[kept]
    units = len(last)
    if units < 2:
        return SamplePlan(units, float(last[0]) if units else None, *[None] * 6)
    mean = float(last.mean())
    deviation = 0.0 if is_flat(last) else float(last.std(ddof=1))
    correlation = None
    if deviation and not is_flat(earlier):
        correlation = float(np.corrcoef(last, earlier)[0, 1])
    left = deviation * math.sqrt(max(0.0, 1 - (correlation or 0.0) ** 2))
    effect = settings.minimum_effect * abs(mean)
    return SamplePlan(
        units_at_hand=units,
        mean=mean,
        standard_deviation=deviation,
        correlation=correlation,
        units_needed=_units_needed(effect, deviation, settings),
        units_needed_cuped=_units_needed(effect, left, settings),
        minimum_detectable_effect=_effect_found(units, deviation, settings),
        minimum_detectable_effect_cuped=_effect_found(units, left, settings),
    )
