"""From a long panel to long forecasts, with the backtest that they rest on."""

from dataclasses import dataclass

import pandas as pd

from inventory_allocation.forecasting.engine.ensemble import combine
from inventory_allocation.forecasting.engine.origins import Origins
from inventory_allocation.forecasting.engine.panel import read_panel
from inventory_allocation.forecasting.engine.settings import EngineSettings
from inventory_allocation.forecasting.engine.tables import (
    list_backtests,
    list_forecasts,
    list_lead_times,
    list_weights,
    quantile_name,
)

__all__ = ["Forecasts", "forecast"]


@dataclass(frozen=True)
class Forecasts:
    """What `forecast` gives, all frames sorted by key.

    Attributes:
        forecasts: series_id, period_start, horizon, mean, quantiles, demand_class.
        lead_times: series_id, horizon, mean and quantiles of demand summed from the first period
            ahead to the horizon.
        backtests: cutoff, model, series_id, period_start, horizon, demand_class, forecast, actual;
            for the ensemble also quantiles, null at origins before which nothing had come true.
        weights: demand_class, band, model, weight; and the trust in the total's own forecast.
        repairs: series_id, reason, rows, remedy: what was wrong with the panel.
    """

    forecasts: pd.DataFrame
    lead_times: pd.DataFrame
    backtests: pd.DataFrame
    weights: pd.DataFrame
    repairs: pd.DataFrame


def forecast(
    frame: pd.DataFrame, settings: EngineSettings, backtests: pd.DataFrame | None = None
) -> Forecasts:
    """Forecast every series of a panel, and say how such forecasts did in the past.

    Pure: no file, no clock, one thread; the same rows in any order give the same bytes.

    Args:
        frame: Columns series_id, period_start, units and optionally is_stockout; see `read_panel`
            for what happens to rows that break the rules.
        settings: Settings.
        backtests: The backtests of an earlier call with this panel and these settings, all
            members reported, rows in any order; without them they are computed, which takes most
            of the time.

    Raises:
        InputError: A column is missing, or the backtests are of another panel.
    """
    panel = read_panel(frame, settings)
    if panel.units.size == 0:
        quantiles = [quantile_name(level) for level in settings.levels]
        columns = ["series_id", "period_start", "horizon", "mean", *quantiles, "demand_class"]
        none = pd.DataFrame()
        return Forecasts(pd.DataFrame(columns=columns), none, none, none, panel.repairs)
    origins = Origins.of(panel, settings)
    past = origins.compute_past() if backtests is None else origins.restore_past(backtests)
    last = origins.last()
    *before, now = combine([*past, last], settings.levels)
    return Forecasts(
        list_forecasts(panel, last, now, settings),
        list_lead_times(panel, last, now, settings),
        list_backtests(panel, past, before, settings),
        list_weights(now),
        panel.repairs,
    )
