"""Exponential smoothing with no season, the season of all series, and each series' own."""

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.history import History
from inventory_allocation.forecasting.smoothing import smooth

__all__ = ["forecast_smoothing", "forecast_smoothing_own_season", "forecast_smoothing_season"]

Matrix = npt.NDArray[np.float64]


def forecast_smoothing(history: History) -> Matrix:
    """Forecast by simple and damped-trend smoothing, without a season."""
    return smooth(history.units, history.steps)


def forecast_smoothing_season(history: History) -> Matrix:
    """Smooth after the season pooled over all series is taken out, if one is known."""
    periods = np.arange(history.length + history.steps)
    return smooth(history.units, history.steps, history.seasons.of_all(periods))


def forecast_smoothing_own_season(history: History) -> Matrix:
    """Smooth after each series' own season, shrunk towards the pooled one, is taken out.

    With less than two seasons the own season is the pooled one.
    """
    periods = np.arange(history.length + history.steps)
    return smooth(history.units, history.steps, history.seasons.of_each(periods))
