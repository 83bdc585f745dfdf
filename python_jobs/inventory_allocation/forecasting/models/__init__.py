"""The forecasting models. A new one is a file here and a line in MODELS.

A model takes the panel up to a cutoff and gives the mean of the next `forecast_periods` periods,
in units, shape (series, periods). It is seeded, has no state, and uses one thread.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.models.random_forest import forecast_random_forest
from inventory_allocation.forecasting.models.seasonal_naive import forecast_seasonal_naive
from inventory_allocation.forecasting.models.theta import forecast_theta
from inventory_allocation.forecasting.panel import Panel
from inventory_allocation.forecasting.settings import ForecastSettings

__all__ = ["ENSEMBLE", "MODELS", "forecast_all"]

Model = Callable[[Panel, ForecastSettings], npt.NDArray[np.float64]]

MODELS: dict[str, Model] = {
    "seasonal_naive": forecast_seasonal_naive,
    "theta": forecast_theta,
    "random_forest": forecast_random_forest,
}

ENSEMBLE = "ensemble"


def forecast_all(panel: Panel, settings: ForecastSettings) -> dict[str, npt.NDArray[np.float64]]:
    """Forecast with every model, and with the mean of all but the naive one.

    No forecast is below 0, or above three times the most that the series ever sold.
    """
    ceiling = 3 * np.nanmax(panel.units, axis=1, initial=0.0)[:, None]
    means = {name: np.clip(model(panel, settings), 0.0, ceiling) for name, model in MODELS.items()}
    means[ENSEMBLE] = (means["theta"] + means["random_forest"]) / 2
    return means
