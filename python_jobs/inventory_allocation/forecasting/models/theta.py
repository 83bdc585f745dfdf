"""Theta (Assimakopoulos and Nikolopoulos 2000), for all series at once."""

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.history import History
from inventory_allocation.forecasting.smoothing import FLAT_GRID, smooth

__all__ = ["forecast_theta"]

MIN_PERIODS = 8


def forecast_theta(history: History) -> npt.NDArray[np.float64]:
    """Forecast by simple smoothing with half the slope of the straight line through the series.

    That is what Theta amounts to (Hyndman and Billah 2003). The season, own or else pooled, is
    taken out first.
    """
    periods = np.arange(history.length + history.steps)
    season = history.seasons.of_each(periods)
    units = history.units / season[:, : history.length]
    flat = smooth(units, history.steps, grid=FLAT_GRID)
    known = ~np.isnan(units)
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    time = np.arange(history.length)
    time = np.where(known, time - (known * time).sum(axis=1, keepdims=True) / count, 0.0)
    sales = np.where(known, units, 0.0)
    slope = (time * sales).sum(axis=1) / np.maximum((time**2).sum(axis=1), 1e-9)
    slope = np.where(history.known_periods < MIN_PERIODS, 0.0, slope)
    line = 0.5 * slope[:, None] * np.arange(1, history.steps + 1)
    return np.maximum(flat + line, 0.0) * season[:, history.length :]
