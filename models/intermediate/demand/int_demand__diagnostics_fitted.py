"""One row per level, class of demand and test: what the errors of the backtest say."""

from inventory_allocation.forecasting import diagnose
from inventory_allocation.frames import to_pandas


def model(dbt, session):
    """Test the errors of int_demand__forecast_fitted."""
    dbt.config(materialized="table")
    periods = to_pandas(dbt.ref("int_demand__forecast_fitted"))
    return diagnose(periods, dbt.config.meta_get("period"))
