"""The forecasting models. A new one is a file in `models` and a line here."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.forecasting.history import History
from inventory_allocation.forecasting.models.arima import forecast_arima
from inventory_allocation.forecasting.models.autoregression import fit_autoregression
from inventory_allocation.forecasting.models.croston import (
    forecast_croston,
    forecast_sba,
    forecast_tsb,
)
from inventory_allocation.forecasting.models.exponential_smoothing import (
    forecast_smoothing,
    forecast_smoothing_own_season,
    forecast_smoothing_season,
)
from inventory_allocation.forecasting.models.gradient_boosting import fit_gradient_boosting
from inventory_allocation.forecasting.models.holt_winters import (
    forecast_holt_winters,
    forecast_holt_winters_additive,
)
from inventory_allocation.forecasting.models.prophet import forecast_prophet
from inventory_allocation.forecasting.models.random_forest import fit_random_forest
from inventory_allocation.forecasting.models.seasonal_naive import forecast_seasonal_naive
from inventory_allocation.forecasting.models.theta import forecast_theta
from inventory_allocation.forecasting.training import TrainingRows

__all__ = [
    "AGGREGATE",
    "BASE",
    "GLOBAL",
    "NODE_START_WEIGHTS",
    "START_WEIGHTS",
    "STATISTICAL",
    "Aggregate",
    "forecast_statistical",
]

Matrix = npt.NDArray[np.float64]
Predict = Callable[[npt.NDArray[np.float32], npt.NDArray[np.float64]], npt.NDArray[np.float64]]

# Models of each series from its own past: from what is known to means of shape (series, steps), or
# None where too little is known.
STATISTICAL: dict[str, Callable[[History], Matrix | None]] = {
    "seasonal_naive": forecast_seasonal_naive,
    "smoothing": forecast_smoothing,
    "smoothing_season": forecast_smoothing_season,
    "smoothing_own_season": forecast_smoothing_own_season,
    "holt_winters": forecast_holt_winters,
    "holt_winters_additive": forecast_holt_winters_additive,
    "theta": forecast_theta,
    "arima": forecast_arima,
    "croston": forecast_croston,
    "sba": forecast_sba,
    "tsb": forecast_tsb,
}

# Models of what series add up to, too slow for all series: the dates of the periods and the country
# whose holidays count come with the history.
AGGREGATE: dict[str, Callable[[History, pd.DatetimeIndex, str | None], Matrix]] = {
    "prophet": forecast_prophet,
}

# Models that learn from all series at once, to correct what the statistical ones say together.
GLOBAL: dict[str, Callable[[TrainingRows, int], Predict]] = {
    "gradient_boosting": fit_gradient_boosting,
    "random_forest": fit_random_forest,
    "autoregression": fit_autoregression,
}

# Units below are none: the square of less underflows in Postgres.
SMALLEST = 1e-9
# The statistical models together.
BASE = "statistical"

# Weights in the ensemble before a backtest says otherwise, in proportion.
START_WEIGHTS: dict[str, float] = {
    "gradient_boosting": 4.0,
    BASE: 2.0,
    "random_forest": 2.0,
    "autoregression": 1.0,
}
# The same for sums of series: they are few, and global models have less to learn from.
NODE_START_WEIGHTS: dict[str, float] = {
    "gradient_boosting": 2.0,
    BASE: 4.0,
    "random_forest": 2.0,
    "autoregression": 0.5,
}


@dataclass(frozen=True)
class Aggregate:
    """Models of what series add up to, and what they need.

    Attributes:
        models: Names in AGGREGATE.
        dates: First date of each period known and ahead.
        country: Code of the country whose holidays count.
    """

    models: tuple[str, ...] = ()
    dates: pd.DatetimeIndex = field(default_factory=lambda: pd.DatetimeIndex([]))
    country: str | None = None


def forecast_statistical(
    history: History, left_out: Collection[str] = (), aggregate: Aggregate | None = None
) -> dict[str, Matrix]:
    """Means of every statistical model that has what it needs, between 0 and the ceiling."""
    ceiling = history.ceiling[:, None]
    aggregate = aggregate or Aggregate()
    found = {
        name: forecast(history) for name, forecast in STATISTICAL.items() if name not in left_out
    }
    found |= {
        name: AGGREGATE[name](history, aggregate.dates, aggregate.country)
        for name in aggregate.models
        if name not in left_out
    }
    return {
        # NaN isn't larger either.
        name: np.clip(np.where(means > SMALLEST, means, 0.0), 0.0, ceiling)
        for name, means in found.items()
        if means is not None
    }
