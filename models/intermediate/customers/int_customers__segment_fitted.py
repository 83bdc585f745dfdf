"""One row per customer: the segment whose centre is nearest."""

from inventory_allocation.frames import to_pandas
from inventory_allocation.segmentation import SegmentSettings, assign_segments


def model(dbt, session):
    """Assign the customers of int_customers__segment_input to the centres in force."""
    dbt.config(materialized="table")
    settings = SegmentSettings.from_frame(to_pandas(dbt.ref("int_customers__segment_parameters")))
    customers = to_pandas(dbt.ref("int_customers__segment_input"))
    centers = to_pandas(dbt.ref("int_customers__segment_centers_fitted"))
    events = to_pandas(dbt.ref("stg_operations__model_events"))
    return assign_segments(customers, centers, settings, events)
