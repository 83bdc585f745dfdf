"""One row per cutoff, model, modelled series and period: the forecast and what came true."""

from inventory_allocation.forecasting import ForecastSettings, backtest_panel
from inventory_allocation.frames import to_pandas


def model(dbt, session):
    """Backtest every model on the panel of int_demand__forecast_input."""
    dbt.config(materialized="table")
    panel = to_pandas(dbt.ref("int_demand__forecast_input"))
    settings = ForecastSettings(
        period=dbt.config.meta_get("period"),
        forecast_periods=dbt.config.meta_get("forecast_periods"),
        backtest_cutoffs=dbt.config.meta_get("backtest_cutoffs"),
        backtest_step_periods=dbt.config.meta_get("backtest_step_periods"),
        seed=dbt.config.meta_get("seed"),
    )
    return backtest_panel(panel, settings)
