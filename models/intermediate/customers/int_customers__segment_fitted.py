"""One row per customer: the segment K-means gives it."""

from inventory_allocation.frames import to_pandas
from inventory_allocation.segmentation import fit_segments


def model(dbt, session):
    """Fit segments on the features of int_customers__segment_input."""
    dbt.config(materialized="table")
    features = to_pandas(dbt.ref("int_customers__segment_input"))
    return fit_segments(
        features,
        segment_count=dbt.config.meta_get("segment_count"),
        min_customers=dbt.config.meta_get("segment_min_customers"),
        seed=dbt.config.meta_get("seed"),
    )
