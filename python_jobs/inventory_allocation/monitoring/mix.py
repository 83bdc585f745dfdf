"""Whether demand has moved between regions or categories."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from inventory_allocation.monitoring.drift import population_stability_index
from inventory_allocation.monitoring.findings import Finding
from inventory_allocation.monitoring.settings import MonitoringSettings

__all__ = ["check_mix"]

# A period alone says little of few units.
NEWEST_PERIODS = 2
Matrix = npt.NDArray[np.float64]


def _dispersion(units: Matrix) -> float:
    """How much more shares differ between periods than chance makes of single units."""
    total = units.sum()
    expected = units.sum(axis=1, keepdims=True) * units.sum(axis=0) / total
    kept = expected > 0
    freedom = max((units.shape[0] - 1) * (units.shape[1] - 1), 1)
    squares = float(((units - expected)[kept] ** 2 / expected[kept]).sum())
    return max(float(squares / freedom), 1.0)


def _compare(reference: Matrix, current: Matrix) -> tuple[float, float]:
    """Index and p value of the newest periods beside others, both of shape (periods, classes)."""
    table = np.array([reference.sum(axis=0), current.sum(axis=0)])
    index = population_stability_index(table[0], table[1])
    table = table[:, table.sum(axis=0) > 0]
    statistic, _, freedom, _ = stats.chi2_contingency(table)
    return index, float(stats.chi2.sf(statistic / _dispersion(reference), freedom))


def check_mix(
    units: pd.DataFrame, dimension: str, periods_per_year: int, settings: MonitoringSettings
) -> list[Finding]:
    """Compare how demand of the two newest periods divides with the periods before them.

    Chi-squared of the two rows of counts, divided by the dispersion of the periods before, backed
    by the population stability index. What was so a year ago, too, is the season.

    Args:
        units: period_start, entity, units.
        dimension: region or category.
        periods_per_year: Periods in a year.
        settings: Limits.
    """
    wide = units.pivot_table(
        index="period_start", columns="entity", values="units", aggfunc="sum", fill_value=0
    ).sort_index()
    newest = pd.Timestamp(wide.index[-1])
    counts = wide.to_numpy(dtype="float64")
    number = settings.reference_periods
    before, current = counts[:-NEWEST_PERIODS], counts[-NEWEST_PERIODS:]
    reference = before[-number:]
    if len(reference) < number or wide.shape[1] < 2 or min(reference.sum(), current.sum()) == 0:
        return [Finding("demand_drift", dimension, newest, "unknown")]
    index, p_value = _compare(reference, current)
    at = len(before) - periods_per_year
    last_year = counts[max(at - number // 2, 0) : at + NEWEST_PERIODS + number // 2]
    if at >= 0 and last_year.sum() > 0:
        seasonal = _compare(last_year, current)
        index, p_value = min(index, seasonal[0]), max(p_value, seasonal[1])
    shares = [part.sum(axis=0) / part.sum() for part in (reference, current)]
    change = shares[1] - shares[0]
    moved = int(np.abs(change).argmax())
    is_alarm = index > settings.drift_limit and p_value < settings.significance
    return [
        Finding(
            "demand_drift",
            dimension,
            newest,
            "warning" if is_alarm else "ok",
            index,
            0.0,
            settings.drift_limit,
            p_value,
            f"demand moved between values of {dimension}: {wide.columns[moved]} by "
            f"{change[moved]:+.1%} of all units",
            "look whether a promotion, a wrong region or category, or the market is behind it",
        )
    ]
