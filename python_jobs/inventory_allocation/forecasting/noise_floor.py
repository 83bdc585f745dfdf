"""The error that even a perfect forecast of counts makes."""

from functools import cache

import numpy as np
import numpy.typing as npt

__all__ = ["poisson_mape_floor"]

_GRID = np.concatenate([np.linspace(0.05, 5, 100), np.geomspace(5.1, 2000, 120)])


def _exact_floor(mean: float) -> float:
    from scipy.stats import poisson

    counts = np.arange(1, int(mean + 12 * np.sqrt(mean) + 20))
    weights = poisson.pmf(counts, mean)
    return float((weights * np.abs(counts - mean) / counts).sum() / weights.sum())


@cache
def _floors() -> npt.NDArray[np.float64]:
    return np.array([_exact_floor(mean) for mean in _GRID])


def poisson_mape_floor(means: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Expected absolute percentage error of forecasting a Poisson count by its mean.

    Over periods with a sale, as MAPE is measured. Computed on a grid and interpolated; real
    demand varies more than Poisson, so the true floor is higher.
    """
    found: npt.NDArray[np.float64] = np.interp(means, _GRID, _floors())
    return found
