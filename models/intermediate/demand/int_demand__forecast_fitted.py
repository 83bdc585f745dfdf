"""One row per segment, SKU, region and period ahead: mean and quantiles of demand."""

from inventory_allocation.forecasting import ForecastSettings, forecast_panel, share_out
from inventory_allocation.frames import to_pandas


def model(dbt, session):
    """Forecast the modelled series with the models that won the backtest, and share them out."""
    dbt.config(materialized="table")
    panel = to_pandas(dbt.ref("int_demand__forecast_input"))
    backtests = to_pandas(dbt.ref("int_demand__backtest_fitted"))
    members = to_pandas(dbt.ref("int_demand__assign_model_series"))
    settings = ForecastSettings(
        period=dbt.config.meta_get("period"),
        forecast_periods=dbt.config.meta_get("forecast_periods"),
        backtest_cutoffs=dbt.config.meta_get("backtest_cutoffs"),
        backtest_step_periods=dbt.config.meta_get("backtest_step_periods"),
        seed=dbt.config.meta_get("seed"),
    )
    return share_out(forecast_panel(panel, backtests, settings), members)
