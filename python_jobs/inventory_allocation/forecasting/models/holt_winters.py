"""Holt and Winters' smoothing, for seasons short enough to be learnt as they change."""

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.history import History
from inventory_allocation.forecasting.smoothing import holt_winters

__all__ = ["forecast_holt_winters", "forecast_holt_winters_additive"]

LONGEST_SEASON = 24


def _forecast(history: History, additive: bool) -> npt.NDArray[np.float64] | None:
    if history.season_length > LONGEST_SEASON:
        return None
    return holt_winters(history.units, history.steps, history.seasons.own, additive)


def forecast_holt_winters(history: History) -> npt.NDArray[np.float64] | None:
    """Forecast with a season that multiplies the level."""
    return _forecast(history, additive=False)


def forecast_holt_winters_additive(history: History) -> npt.NDArray[np.float64] | None:
    """Forecast with a season added to the level."""
    return _forecast(history, additive=True)
