"""One row per fit, number of segments or feature, and measure: what was tried, what was chosen."""

from inventory_allocation.frames import read_this, to_pandas
from inventory_allocation.segmentation import SegmentSettings, sweep_segments


def model(dbt, session):
    """Choose features and the number of segments when a fit is due; add rows for it."""
    dbt.config(materialized="incremental")
    settings = SegmentSettings.from_frame(to_pandas(dbt.ref("int_customers__segment_parameters")))
    customers = to_pandas(dbt.ref("int_customers__segment_input"))
    events = to_pandas(dbt.ref("stg_operations__model_events"))
    return sweep_segments(customers, read_this(dbt, session), settings, events)
