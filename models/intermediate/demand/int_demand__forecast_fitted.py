"""One row per cutoff, series or sum of series, and period ahead: what was forecast, what came."""

from inventory_allocation.forecasting import ForecastSettings, run_serially
from inventory_allocation.frames import to_pandas


def model(dbt, session):
    """Forecast the panel of int_demand__forecast_input from its end and from past cutoffs."""
    dbt.config(materialized="table")
    panel = to_pandas(dbt.ref("int_demand__forecast_input"))
    signals = to_pandas(dbt.ref("int_demand__forecast_signals"))
    settings = ForecastSettings(
        period=dbt.config.meta_get("period"),
        forecast_periods=dbt.config.meta_get("forecast_periods"),
        backtest_cutoffs=dbt.config.meta_get("backtest_cutoffs"),
        backtest_step_periods=dbt.config.meta_get("backtest_step_periods"),
        hierarchy=("sku_fc", "sku", "category"),
        attributes=("segment", "region_id", "fc_id"),
        retire_after_periods=dbt.config.meta_get("retire_after_periods"),
        global_models=tuple(dbt.config.meta_get("global_models")),
        aggregate_models=tuple(dbt.config.meta_get("aggregate_models")),
        country=dbt.config.meta_get("country"),
        seed=dbt.config.meta_get("seed"),
    )
    return run_serially(panel, settings, signals=signals).periods
