"""A segment for every customer, from the centres of the fit in force."""

import numpy as np
import pandas as pd

from inventory_allocation.one_thread import one_thread
from inventory_allocation.segmentation.features import scale_customers, sort_customers
from inventory_allocation.segmentation.kmeans import assign
from inventory_allocation.segmentation.names import THIN_HISTORY, UNASSIGNED
from inventory_allocation.segmentation.settings import SegmentSettings
from inventory_allocation.segmentation.stored_fits import (
    find_fit_in_force,
    read_as_of,
    read_fit,
    version_of,
)

__all__ = ["THIN_HISTORY_ID", "UNASSIGNED_ID", "assign_segments"]

UNASSIGNED_ID = 0
THIN_HISTORY_ID = -1
TYPES = {
    "customer_id": "string",
    "segment_id": "int64",
    "segment": "string",
    "distance": "float64",
    "silhouette": "float64",
    "fitted_on": "datetime64[us]",
    "version": "string",
}


@one_thread()
def assign_segments(
    customers: pd.DataFrame,
    centers: pd.DataFrame,
    settings: SegmentSettings,
    events: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Assign customers to the nearest centre of the fit in force.

    Args:
        customers: As for `sweep_segments`; also those who came after the fit.
        centers: All that `fit_segments` returned so far.
        settings: Settings.
        events: What happened to fits, as `stg_operations__model_events`.

    Returns:
        One row per customer, sorted: customer_id, segment_id, segment, distance to the centre (in
        scaled features), the simplified silhouette, (b - a) / max(a, b) with a and b the distances
        to the own and the nearest other centre (Hruschka et al. 2006), fitted_on and version of
        the fit. Customers with fewer purchase days than the settings ask for are `thin history`, id
        -1. With no fit all are `unassigned`, id 0. For both, the rest is missing.

    Raises:
        InputError: A column is missing.
    """
    customers = sort_customers(customers)
    in_force = find_fit_in_force(centers, read_as_of(customers), settings, events)
    fit = read_fit(in_force)
    result = pd.DataFrame(
        {
            "customer_id": customers["customer_id"],
            "segment_id": UNASSIGNED_ID,
            "segment": UNASSIGNED,
            "distance": np.nan,
            "silhouette": np.nan,
            "fitted_on": pd.NaT,
            "version": None,
        }
    ).astype(TYPES)
    if fit is None:
        return result
    nearest, own, other = assign(scale_customers(customers, fit.scaling), fit.centers)
    has_history = customers["purchase_days"].to_numpy("int64") >= settings.min_purchase_days
    silhouette = (other - own) / np.maximum(np.maximum(own, other), 1e-12)
    names = np.array(fit.names, dtype=object)[nearest]
    return result.assign(
        segment_id=np.where(has_history, np.array(fit.segment_ids)[nearest], THIN_HISTORY_ID),
        segment=np.where(has_history, names, THIN_HISTORY),
        distance=np.where(has_history, own, np.nan),
        silhouette=np.where(has_history & np.isfinite(silhouette), silhouette, np.nan),
        fitted_on=pd.Series(in_force["fitted_on"].iloc[0], index=result.index).where(has_history),
        version=pd.Series(version_of(in_force).iloc[0], index=result.index).where(has_history),
    ).astype(TYPES)
