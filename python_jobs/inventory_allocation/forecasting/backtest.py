"""Rolling backtest: forecasts from past origins beside what came true."""

import numpy as np
import pandas as pd

from inventory_allocation.forecasting.intervals import add_quantiles, residual_quantiles
from inventory_allocation.forecasting.models import forecast_all
from inventory_allocation.forecasting.noise_floor import poisson_mape_floor
from inventory_allocation.forecasting.panel import (
    Matrix,
    Panel,
    build_panel,
    classify_demand,
    measure_scale,
)
from inventory_allocation.forecasting.selection import select_models, selected_model
from inventory_allocation.forecasting.settings import ForecastSettings

__all__ = ["backtest_panel"]

DTYPES = {
    "cutoff": "datetime64[us]",
    "model": "string",
    "series_id": "string",
    "model_level": "string",
    "sku": "string",
    "demand_class": "string",
    "period_start": "datetime64[us]",
    "horizon": "int64",
    "forecast": "float64",
    "q0_025": "float64",
    "q0_5": "float64",
    "q0_975": "float64",
    "actual": "float64",
    "is_stockout": "bool",
    "is_selected": "bool",
    "scale": "float64",
    "naive_error": "float64",
    "naive_squared_error": "float64",
    "training_units": "float64",
    "noise_floor": "float64",
}
INTERVAL = {"q0_025": 0.025, "q0_5": 0.5, "q0_975": 0.975}
MIN_TRAINING_PERIODS = 8


def cutoff_lengths(period_count: int, settings: ForecastSettings) -> list[int]:
    """Periods known at each origin, oldest first; those that leave too little are dropped."""
    newest = period_count - settings.forecast_periods
    lengths = [
        newest - number * settings.backtest_step_periods
        for number in range(settings.backtest_cutoffs)
    ]
    return sorted(length for length in lengths if length >= MIN_TRAINING_PERIODS)


def _naive_changes(units: Matrix, lag: int) -> Matrix:
    """The scale of MASE and RMSSE: errors of the seasonal naive within the training part.

    Of the naive for a series that doesn't know a season, and what it sold for one of one period.
    """
    change = np.full(units.shape, np.nan)
    change[:, lag:] = units[:, lag:] - units[:, :-lag]
    last = np.full(units.shape, np.nan)
    last[:, 1:] = np.diff(units, axis=1)
    for fallback in (last, units):
        change = np.where(np.isnan(change).all(axis=1, keepdims=True), fallback, change)
    return change


def _backtest_cutoff(panel: Panel, length: int, settings: ForecastSettings) -> pd.DataFrame:
    """Forecasts of every model from one origin, long, with what came true."""
    training = panel.until(length)
    rows = pd.Index(panel.series["series_id"]).get_indexer(training.series["series_id"])
    window = slice(length, length + settings.forecast_periods)
    actual = panel.units[rows, window]
    season = settings.season_length
    change = _naive_changes(training.units, season if length > season + 4 else 1)
    steps = settings.forecast_periods
    columns = {
        "series_id": np.repeat(training.series["series_id"].to_numpy(), steps),
        "model_level": np.repeat(training.series["model_level"].to_numpy(), steps),
        "sku": np.repeat(training.series["sku"].to_numpy(), steps),
        "demand_class": np.repeat(classify_demand(training.units), steps),
        "period_start": np.tile(panel.periods[window].to_numpy(), len(rows)),
        "horizon": np.tile(np.arange(1, steps + 1), len(rows)),
        "actual": actual.ravel(),
        "is_stockout": panel.is_stockout[rows, window].ravel(),
        "scale": np.repeat(measure_scale(training.units, season), steps),
        "naive_error": np.repeat(np.nanmean(np.abs(change), axis=1), steps),
        "naive_squared_error": np.repeat(np.nanmean(change**2, axis=1), steps),
        "training_units": np.repeat(np.nansum(training.units, axis=1), steps),
    }
    frames = [
        pd.DataFrame({**columns, "model": model, "forecast": means.ravel()})
        for model, means in forecast_all(training, settings).items()
    ]
    return pd.concat(frames, ignore_index=True).assign(cutoff=panel.periods[length - 1])


def _calibrate(backtests: pd.DataFrame) -> pd.DataFrame:
    """Intervals and selection for each origin from the other origins only."""
    parts = []
    for cutoff, part in backtests.groupby("cutoff"):
        others = backtests[backtests["cutoff"] != cutoff]
        table = residual_quantiles(others, tuple(INTERVAL.values()))
        winners = select_models(others)
        chosen = selected_model(winners, part["demand_class"])
        parts.append(
            add_quantiles(part.reset_index(drop=True), table, INTERVAL).assign(
                is_selected=(part["model"] == chosen).to_numpy()
            )
        )
    return pd.concat(parts, ignore_index=True)


def backtest_panel(frame: pd.DataFrame, settings: ForecastSettings) -> pd.DataFrame:
    """Backtest every model from rolling origins.

    Args:
        frame: The long panel (see `build_panel`), rows in any order.
        settings: Settings.

    Returns:
        One row per cutoff (first date of the last known period), model, series and period:
        forecast, 95 % interval and median, actual, whether the model is the selected one of its
        demand class, the scale of the residuals, the in-sample error of the seasonal naive
        (for MASE and RMSSE), units known at the cutoff and the MAPE floor of a Poisson count.
        Interval and selection at a cutoff come from the other cutoffs. Sorted by key; empty,
        with its types, where the history is too short.
    """
    panel = build_panel(frame, settings)
    lengths = cutoff_lengths(len(panel.periods), settings)
    if not lengths:
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in DTYPES.items()})
    backtests = pd.concat(
        [_backtest_cutoff(panel, length, settings) for length in lengths], ignore_index=True
    )
    backtests = _calibrate(backtests)
    backtests["noise_floor"] = poisson_mape_floor(
        np.maximum(backtests["forecast"].to_numpy(), 0.05)
    )
    ordered = backtests.sort_values(["cutoff", "model", "series_id", "period_start"])
    return ordered.reset_index(drop=True).astype(DTYPES)[list(DTYPES)]
