"""Theta (Assimakopoulos and Nikolopoulos 2000), one series at a time, by statsforecast."""

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.panel import Panel
from inventory_allocation.forecasting.settings import ForecastSettings

__all__ = ["forecast_theta"]

MIN_PERIODS = 8


def forecast_theta(panel: Panel, settings: ForecastSettings) -> npt.NDArray[np.float64]:
    """Forecast each series by Theta; one shorter than eight periods by its mean.

    A yearly season is used where two whole seasons are known and the series passes the method's
    own test of seasonality.
    """
    from statsforecast.models import Theta

    demand = panel.demand()
    means = np.empty((len(demand), settings.forecast_periods))
    for row, values in enumerate(demand):
        known = values[~np.isnan(values)]
        if len(known) < MIN_PERIODS or known.std() == 0:
            means[row] = known.mean()
            continue
        season = settings.season_length if len(known) >= 2 * settings.season_length else 1
        model = Theta(season_length=season)
        means[row] = model.forecast(y=known, h=settings.forecast_periods)["mean"]
    return np.where(np.isfinite(means), means, np.nanmean(demand, axis=1, keepdims=True))
