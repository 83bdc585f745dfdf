"""Forecasts of the modelled series, by the models that won the backtest."""

import numpy as np
import pandas as pd

from inventory_allocation.forecasting.intervals import add_quantiles, residual_quantiles
from inventory_allocation.forecasting.models import forecast_all
from inventory_allocation.forecasting.panel import build_panel, classify_demand, measure_scale
from inventory_allocation.forecasting.selection import select_models, selected_model
from inventory_allocation.forecasting.settings import (
    QUANTILE_COLUMNS,
    QUANTILES,
    ForecastSettings,
)

__all__ = ["forecast_panel"]

DTYPES = {
    "series_id": "string",
    "model": "string",
    "period_start": "datetime64[us]",
    "horizon": "int64",
    "mean": "float64",
    **dict.fromkeys(QUANTILE_COLUMNS, "float64"),
}


def forecast_panel(
    frame: pd.DataFrame, backtests: pd.DataFrame, settings: ForecastSettings
) -> pd.DataFrame:
    """Forecast each modelled series.

    Args:
        frame: The long panel (see `build_panel`), rows in any order.
        backtests: What `backtest_panel` gave for it; may be empty.
        settings: Settings.

    Returns:
        One row per series and period ahead, sorted: series_id, model, period_start, horizon,
        mean and quantiles, in units. Empty, with its types, for an empty panel.
    """
    panel = build_panel(frame, settings)
    if panel.units.size == 0:
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in DTYPES.items()})
    steps = settings.forecast_periods
    ahead = pd.date_range(panel.periods[-1], periods=steps + 1, freq=settings.frequency)[1:]
    demand_class = pd.Series(classify_demand(panel.units))
    chosen = selected_model(select_models(backtests), demand_class).to_numpy()
    means = forecast_all(panel, settings)
    mean = np.stack([means[model][row] for row, model in enumerate(chosen)])
    forecasts = pd.DataFrame(
        {
            "series_id": np.repeat(panel.series["series_id"].to_numpy(), steps),
            "model": np.repeat(chosen, steps),
            "demand_class": np.repeat(demand_class.to_numpy(), steps),
            "period_start": np.tile(ahead.to_numpy(), len(chosen)),
            "horizon": np.tile(np.arange(1, steps + 1), len(chosen)),
            "forecast": mean.ravel(),
            "scale": np.repeat(measure_scale(panel.units, settings.season_length), steps),
        }
    )
    table = residual_quantiles(backtests, QUANTILES)
    levels = dict(zip(QUANTILE_COLUMNS, QUANTILES, strict=True))
    named = add_quantiles(forecasts, table, levels).rename(columns={"forecast": "mean"})
    return named.astype(DTYPES)[list(DTYPES)]
