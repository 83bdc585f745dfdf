"""One row per segment, SKU, region and period ahead: mean and quantiles of demand."""

from inventory_allocation.forecasting import share_out
from inventory_allocation.frames import to_pandas


def model(dbt, session):
    """Share the forecasts of modelled series out to their members."""
    dbt.config(materialized="table")
    return share_out(to_pandas(dbt.ref("int_demand__share_input")))
