"""One row per fit, segment and feature: the centres that customers are assigned to."""

from inventory_allocation.frames import read_this, to_pandas
from inventory_allocation.segmentation import SegmentSettings, fit_segments


def model(dbt, session):
    """Fit centres for a new sweep; add rows for it."""
    dbt.config(materialized="incremental")
    settings = SegmentSettings.from_frame(to_pandas(dbt.ref("int_customers__segment_parameters")))
    customers = to_pandas(dbt.ref("int_customers__segment_input"))
    sweeps = to_pandas(dbt.ref("int_customers__segment_sweep_fitted"))
    return fit_segments(customers, sweeps, read_this(dbt, session), settings)
