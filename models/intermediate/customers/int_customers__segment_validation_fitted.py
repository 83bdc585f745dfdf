"""One row per number of segments and measure: how good the segments are."""

from inventory_allocation.frames import to_pandas
from inventory_allocation.segmentation import validate_segments


def model(dbt, session):
    """Sweep the number of segments on the features of int_customers__segment_input."""
    dbt.config(materialized="table")
    features = to_pandas(dbt.ref("int_customers__segment_input"))
    return validate_segments(
        features,
        min_customers=dbt.config.meta_get("segment_min_customers"),
        seed=dbt.config.meta_get("seed"),
    )
