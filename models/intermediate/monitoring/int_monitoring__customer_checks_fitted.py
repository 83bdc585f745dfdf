"""One row per check and entity: what it found of customers and their segments."""

from inventory_allocation.frames import to_pandas
from inventory_allocation.monitoring import MonitoringSettings, check_customers
from inventory_allocation.segmentation import SegmentSettings


def model(dbt, session):
    """Compare customers with what they were."""
    dbt.config(materialized="table")
    parameters = to_pandas(dbt.ref("int_monitoring__parameters"))
    segments = to_pandas(dbt.ref("int_customers__segment_parameters"))
    return check_customers(
        parameters,
        customers=to_pandas(dbt.ref("int_customers__segment_input")),
        earlier_customers=to_pandas(dbt.ref("int_customers__segment_history_input")),
        centers=to_pandas(dbt.ref("int_customers__segment_centers_fitted")),
        settings=MonitoringSettings.from_frame(parameters),
        segment_settings=SegmentSettings.from_frame(segments),
        events=to_pandas(dbt.ref("stg_operations__model_events")),
    )
