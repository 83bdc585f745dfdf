"""One row per check and entity: what it found of sales, forecasts and the plan."""

from inventory_allocation.frames import to_pandas
from inventory_allocation.monitoring import MonitoringSettings, check_periods


def model(dbt, session):
    """Check what came in the last complete period, and what was forecast and planned of it."""
    dbt.config(materialized="table")
    parameters = to_pandas(dbt.ref("int_monitoring__parameters"))
    return check_periods(
        parameters,
        periods=to_pandas(dbt.ref("int_monitoring__count_periods")),
        forecasts=to_pandas(dbt.ref("int_monitoring__compare_forecasts")),
        lanes=to_pandas(dbt.ref("int_monitoring__compare_lanes")),
        settings=MonitoringSettings.from_frame(parameters),
    )
