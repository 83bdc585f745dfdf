"""Fits as they are kept in tables: which one is in force, and how it labels customers."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from inventory_allocation.frames import require_columns
from inventory_allocation.segmentation.features import (
    INPUT,
    Scaling,
    scale_customers,
    sort_customers,
)
from inventory_allocation.segmentation.kmeans import Labels, Matrix, assign
from inventory_allocation.segmentation.settings import SegmentSettings

__all__ = [
    "Fit",
    "find_fit_in_force",
    "find_last_fit",
    "read_as_of",
    "read_fit",
    "select_fitted",
]


class Fit(NamedTuple):
    """A fit as it is used: scaling, centres of shape (segments, columns), ids and names."""

    scaling: Scaling
    centers: Matrix
    segment_ids: list[int]
    names: list[str]

    def label(self, customers: pd.DataFrame) -> Labels:
        """Segment id of each customer, the nearest centre's."""
        nearest, _, _ = assign(scale_customers(customers, self.scaling), self.centers)
        return np.array(self.segment_ids)[nearest]


def select_fitted(customers: pd.DataFrame, settings: SegmentSettings) -> pd.DataFrame:
    """Customers with enough history to be fitted, sorted; none when they are too few.

    Raises:
        InputError: A column is missing.
    """
    require_columns(customers, ["purchase_days"], INPUT)
    enough = customers["purchase_days"].to_numpy("int64") >= settings.min_purchase_days
    fitted = sort_customers(customers[enough])
    return fitted if len(fitted) >= settings.min_customers else fitted.iloc[:0]


def find_fit_in_force(
    fits: pd.DataFrame | None, as_of: pd.Timestamp, settings: SegmentSettings
) -> pd.DataFrame:
    """Rows of the fit that holds on a day: the newest one up to it, of these settings.

    Args:
        fits: Rows of all fits, with `fitted_on` and `settings`; None when there is no table yet.
        as_of: The day.
        settings: Settings that the fit must have been made with.

    Returns:
        Its rows; none when it is missing, or older than the refit period.
    """
    if fits is None or fits.empty:
        return pd.DataFrame(columns=["fitted_on", "settings"])
    fitted_on = pd.to_datetime(fits["fitted_on"])
    usable = (
        (fits["settings"] == settings.fingerprint)
        & (fitted_on <= as_of)
        & (fitted_on > as_of - pd.Timedelta(days=settings.refit_days))
    )
    newest: pd.DataFrame = fits[usable & (fitted_on == fitted_on[usable].max())]
    return newest


def find_last_fit(fits: pd.DataFrame | None, as_of: pd.Timestamp) -> pd.DataFrame:
    """Rows of the newest fit up to a day, whatever its settings or age."""
    if fits is None or fits.empty:
        return pd.DataFrame()
    earlier = fits[pd.to_datetime(fits["fitted_on"]) <= as_of]
    newest = earlier[earlier["fitted_on"] == earlier["fitted_on"].max()]
    same: pd.DataFrame = newest[newest["settings"] == newest["settings"].max()]
    return same


def read_fit(centers: pd.DataFrame) -> Fit | None:
    """Turn the rows of one fit into what assigns customers; None when there are none."""
    if centers.empty:
        return None
    rows = centers.sort_values(["segment_id", "position"])
    first = rows[rows["segment_id"] == rows["segment_id"].iloc[0]]
    scaling = Scaling(
        tuple(first["feature"]),
        tuple(first["feature_column"]),
        first["mean"].to_numpy("float64"),
        first["deviation"].to_numpy("float64"),
    )
    by_segment = rows.drop_duplicates("segment_id")
    matrix = rows["center"].to_numpy("float64").reshape(len(by_segment), len(first))
    return Fit(scaling, matrix, by_segment["segment_id"].tolist(), by_segment["segment"].tolist())


def read_as_of(customers: pd.DataFrame) -> pd.Timestamp:
    """The day on which the features of customers were measured."""
    if customers.empty:
        return pd.Timestamp(0)
    require_columns(customers, ["snapshot_date"], INPUT)
    return pd.Timestamp(customers["snapshot_date"].iloc[0])
