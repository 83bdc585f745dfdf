"""Seasonal naive: the same period a season ago."""

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.panel import Panel
from inventory_allocation.forecasting.settings import ForecastSettings

__all__ = ["forecast_seasonal_naive"]


def forecast_seasonal_naive(panel: Panel, settings: ForecastSettings) -> npt.NDArray[np.float64]:
    """Forecast the value a season ago; where there is none, the mean of the last eight periods."""
    length = len(panel.periods)
    means = np.empty((len(panel.units), settings.forecast_periods))
    recent = np.nanmean(panel.units[:, -8:], axis=1)
    for step in range(settings.forecast_periods):
        seasons_back = step // settings.season_length + 1
        column = length + step - seasons_back * settings.season_length
        before = panel.units[:, column] if column >= 0 else np.full(len(panel.units), np.nan)
        means[:, step] = np.where(np.isnan(before), recent, before)
    return means
