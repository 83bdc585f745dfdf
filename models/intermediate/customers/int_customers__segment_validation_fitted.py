"""One row per check of the segments: how good they are, and whether to trust them."""

from inventory_allocation.frames import to_pandas
from inventory_allocation.segmentation import SegmentSettings, validate_segments


def model(dbt, session):
    """Check the fit in force, also on what customers did after earlier days."""
    dbt.config(materialized="table")
    return validate_segments(
        to_pandas(dbt.ref("int_customers__segment_input")),
        to_pandas(dbt.ref("int_customers__segment_history_input")),
        to_pandas(dbt.ref("int_customers__segment_sweep_fitted")),
        to_pandas(dbt.ref("int_customers__segment_centers_fitted")),
        SegmentSettings.from_frame(to_pandas(dbt.ref("int_customers__segment_parameters"))),
        to_pandas(dbt.ref("stg_operations__model_events")),
    )
