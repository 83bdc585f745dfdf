"""One row per check and entity: what it found in the last complete period."""

from inventory_allocation.frames import to_pandas
from inventory_allocation.monitoring import MonitoringInputs, MonitoringSettings, run_checks
from inventory_allocation.segmentation import SegmentSettings


def model(dbt, session):
    """Run the checks on what came, what was forecast and what was planned."""
    dbt.config(materialized="table")
    parameters = to_pandas(dbt.ref("int_monitoring__parameters"))
    segments = SegmentSettings.from_frame(to_pandas(dbt.ref("int_customers__segment_parameters")))
    inputs = MonitoringInputs(
        parameters=parameters,
        periods=to_pandas(dbt.ref("int_monitoring__count_periods")),
        forecasts=to_pandas(dbt.ref("int_monitoring__compare_forecasts")),
        lanes=to_pandas(dbt.ref("int_monitoring__compare_lanes")),
        customers=to_pandas(dbt.ref("int_customers__segment_input")),
        earlier_customers=to_pandas(dbt.ref("int_customers__segment_history_input")),
        centers=to_pandas(dbt.ref("int_customers__segment_centers_fitted")),
    )
    return run_checks(inputs, MonitoringSettings.from_frame(parameters), segments)
