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
    "MODEL_NAME",
    "Fit",
    "find_attempt",
    "find_fit_in_force",
    "read_as_of",
    "read_fit",
    "select_fitted",
    "version_of",
]

MODEL_NAME = "segments"
"""Name of the model in the registry, and in what happened to its fits."""


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


def version_of(fits: pd.DataFrame) -> "pd.Series[str]":
    """Version of the fit of each row: its day, and the beginning of the hash of its settings."""
    day = pd.to_datetime(fits["fitted_on"]).dt.strftime("%Y-%m-%d")
    return day + "-" + fits["settings"].astype(str).str[:8]


def find_attempt(
    fits: pd.DataFrame | None,
    as_of: pd.Timestamp,
    settings: SegmentSettings,
    events: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Rows of the newest attempt up to a day with these settings; none when a fit is due.

    Args:
        fits: Rows of all fits, with `fitted_on` and `settings`; None when there is no table yet.
        as_of: The day.
        settings: Settings that the fit must have been made with.
        events: What happened to fits, as `stg_operations__model_events`: one that was asked for
            since, on data of a later day, is due.

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
    last = fitted_on[usable].max()
    asked = _select_events(events, "refit_requested", as_of)["as_of"].max()
    is_asked_for = last < as_of and last <= asked
    newest: pd.DataFrame = fits[usable & (fitted_on == last) & (not is_asked_for)]
    return newest


def _select_events(events: pd.DataFrame | None, event: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """Events of one kind up to a day, in the order in which they happened."""
    if events is None or events.empty:
        return pd.DataFrame({"version": [], "as_of": pd.to_datetime([]), "loaded_at": []})
    days = pd.to_datetime(events["as_of"])
    is_one = events["model_name"].eq(MODEL_NAME) & events["event"].eq(event) & (days <= as_of)
    return events[is_one].assign(as_of=days[is_one]).sort_values("loaded_at")


def find_fit_in_force(
    fits: pd.DataFrame | None,
    as_of: pd.Timestamp,
    settings: SegmentSettings | None,
    events: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Rows of the fit that holds on a day.

    The newest one up to it that was accepted; after a rollback since then, the one rolled back to.

    Args:
        fits: All that `fit_segments` returned so far; None when there is no table yet.
        as_of: The day.
        settings: Settings that the fit must have been made with; None for any.
        events: What happened to fits, as `stg_operations__model_events`.

    Returns:
        Its rows; none when there is none.
    """
    if fits is None or fits.empty:
        return pd.DataFrame(columns=["fitted_on", "settings"])
    fitted_on = pd.to_datetime(fits["fitted_on"])
    # What was fitted before there were contests was in force.
    is_accepted = fits.get("is_accepted", pd.Series(True, fits.index))
    is_usable = is_accepted.astype("boolean").fillna(True).astype(bool)
    is_usable &= fitted_on <= as_of
    if settings is not None:
        is_usable &= fits["settings"] == settings.fingerprint
    usable: pd.DataFrame = fits[is_usable]
    if usable.empty:
        return usable
    accepted_on = fitted_on[is_usable].max()
    newest = usable[fitted_on[is_usable] == accepted_on]
    newest = newest[newest["settings"] == newest["settings"].max()]
    versions = version_of(usable)
    rollbacks = _select_events(events, "rolled_back", as_of)
    is_later = rollbacks["as_of"] >= accepted_on
    targets = rollbacks.loc[is_later & rollbacks["version"].isin(set(versions)), "version"]
    holds: pd.DataFrame = usable[versions == targets.iloc[-1]] if len(targets) else newest
    return holds


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
