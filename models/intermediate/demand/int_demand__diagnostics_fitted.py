"""One row per level, class of demand and test, or signal: what the backtest's errors say."""

import pandas as pd

from inventory_allocation.forecasting import ForecastSettings, check_signals, diagnose
from inventory_allocation.frames import to_pandas


def model(dbt, session):
    """Test the errors of int_demand__forecast_fitted, and the signals it was given."""
    dbt.config(materialized="table")
    periods = to_pandas(dbt.ref("int_demand__forecast_fitted"))
    panel = to_pandas(dbt.ref("int_demand__forecast_input"))
    signals = to_pandas(dbt.ref("int_demand__forecast_signals"))
    period = dbt.config.meta_get("period")
    settings = ForecastSettings(period, dbt.config.meta_get("forecast_periods"))
    found = [diagnose(periods, period), check_signals(panel, signals, settings)]
    return pd.concat(found, ignore_index=True)
