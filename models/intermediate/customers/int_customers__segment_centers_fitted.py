"""One row per fit, segment and feature: the centres that customers are assigned to."""

from inventory_allocation.frames import read_this, to_pandas
from inventory_allocation.segmentation import SegmentSettings, fit_segments


def model(dbt, session):
    """Fit centres for a new sweep, let them compete with those in force; add rows for them."""
    dbt.config(materialized="incremental", on_schema_change="append_new_columns")
    settings = SegmentSettings.from_frame(to_pandas(dbt.ref("int_customers__segment_parameters")))
    customers = to_pandas(dbt.ref("int_customers__segment_input"))
    history = to_pandas(dbt.ref("int_customers__segment_history_input"))
    sweeps = to_pandas(dbt.ref("int_customers__segment_sweep_fitted"))
    events = to_pandas(dbt.ref("stg_operations__model_events"))
    return fit_segments(customers, history, sweeps, read_this(dbt, session), settings, events)
