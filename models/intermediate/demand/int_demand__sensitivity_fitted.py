"""One row per scenario: what forecasts of the newest periods depend on."""

from inventory_allocation.forecasting import ForecastSettings, measure_sensitivity
from inventory_allocation.frames import to_pandas


def model(dbt, session):
    """Forecast the newest periods of int_demand__forecast_input, one thing different at a time."""
    dbt.config(materialized="table")
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
    return measure_sensitivity(
        to_pandas(dbt.ref("int_demand__forecast_input")),
        settings,
        signals=to_pandas(dbt.ref("int_demand__forecast_signals")),
        held_out_by="fc_id",
    )
