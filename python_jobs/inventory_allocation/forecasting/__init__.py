"""Demand forecasts: models, rolling backtest, selection, intervals, sharing out."""

from inventory_allocation.forecasting.backtest import backtest_panel
from inventory_allocation.forecasting.forecast import forecast_panel
from inventory_allocation.forecasting.settings import QUANTILES, ForecastSettings
from inventory_allocation.forecasting.share import share_out

__all__ = ["QUANTILES", "ForecastSettings", "backtest_panel", "forecast_panel", "share_out"]
