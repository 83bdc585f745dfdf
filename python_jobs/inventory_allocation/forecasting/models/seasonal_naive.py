"""Seasonal naive: the same period a season ago."""

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.history import History, mean_of_last

__all__ = ["forecast_seasonal_naive"]

RECENT = 8


def forecast_seasonal_naive(history: History) -> npt.NDArray[np.float64]:
    """Forecast the value a season ago; where there is none, the mean of the last eight periods."""
    seasons_back = np.arange(history.steps) // history.season_length + 1
    columns = history.periods_ahead - seasons_back * history.season_length
    before = history.units[:, np.maximum(columns, 0)]
    recent = mean_of_last(history.units, RECENT)[:, None]
    return np.where((columns >= 0) & ~np.isnan(before), before, recent)
