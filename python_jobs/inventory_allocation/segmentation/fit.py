"""Fit segments: how many, on which features, and where their centres are."""

import hashlib

import numpy as np
import pandas as pd

from inventory_allocation.one_thread import one_thread
from inventory_allocation.segmentation.collinearity import drop_collinear_features
from inventory_allocation.segmentation.contest import hold_contest
from inventory_allocation.segmentation.continuity import match_segments
from inventory_allocation.segmentation.features import fit_scaling, scale_customers
from inventory_allocation.segmentation.kmeans import Labels, assign, fit_centers
from inventory_allocation.segmentation.names import name_segments
from inventory_allocation.segmentation.settings import SegmentSettings
from inventory_allocation.segmentation.stored_fits import (
    Fit,
    find_attempt,
    find_fit_in_force,
    read_as_of,
    read_fit,
    select_fitted,
    version_of,
)
from inventory_allocation.segmentation.sweep import choose_segment_count, sweep

__all__ = ["fit_segments", "sweep_segments"]

ALL = "all"
SWEEP_TYPES = {
    "fitted_on": "datetime64[us]",
    "settings": "string",
    "segment_count": "int64",
    "feature": "string",
    "metric": "string",
    "value": "float64",
    "is_chosen": "bool",
    "verdict": "string",
}
CENTER_TYPES = {
    "fitted_on": "datetime64[us]",
    "settings": "string",
    "segment_id": "int64",
    "segment": "string",
    "position": "int64",
    "feature": "string",
    "feature_column": "string",
    "center": "float64",
    "mean": "float64",
    "deviation": "float64",
    "is_accepted": "bool",
    "score": "float64",
    "champion_version": "string",
    "champion_score": "float64",
    "verdict": "string",
    "data_hash": "string",
}


@one_thread()
def sweep_segments(
    customers: pd.DataFrame,
    fits: pd.DataFrame | None,
    settings: SegmentSettings,
    events: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Choose features and the number of segments, if a fit is due.

    Args:
        customers: One row per customer with snapshot_date, customer_id, purchase_days and the
            columns of the features. Any order of rows.
        fits: What this function returned before, all of it; None the first time.
        settings: Settings.
        events: What happened to fits, as `stg_operations__model_events`.

    Returns:
        Rows of the new fit: for each feature its variance inflation factor (metric `vif`); for
        each number of segments `silhouette`, `stability` and `smallest_share`. `is_chosen` says
        what the fit uses. No rows, with their types, when no fit is due or there are too few
        customers.

    Raises:
        InputError: A column is missing.
    """
    fitted = select_fitted(customers, settings)
    rows: list[tuple[int, str, str, float, bool, str]] = []
    as_of = read_as_of(customers)
    if len(fitted) and find_attempt(fits, as_of, settings, events).empty:
        scaling = fit_scaling(fitted, settings.features)
        constant = [name for name in settings.features if name not in scaling.features]
        rows += [
            (0, name, "vif", float("nan"), False, "left out: the same for all customers")
            for name in constant
        ]
        scaling, factors = drop_collinear_features(scale_customers(fitted, scaling), scaling)
        rows += [
            (0, name, "vif", value, verdict == "kept", verdict)
            for name, value, verdict in factors.itertuples(index=False)
        ]
        candidates = (
            sweep(scale_customers(fitted, scaling), settings.seed, settings.bootstraps)
            if scaling.columns
            else []
        )
        chosen = choose_segment_count(candidates)
        if settings.segment_count:
            chosen = min(
                settings.segment_count, max((item.count for item in candidates), default=1)
            )
        for item in candidates:
            is_chosen = item.count == chosen
            how = "by var segment_count" if settings.segment_count else "by rule"
            verdict = f"chosen {how}" if is_chosen else "sound" if item.is_sound else "not sound"
            for metric in ("silhouette", "stability", "smallest_share"):
                value = getattr(item, metric)
                rows.append((item.count, ALL, metric, value, is_chosen, verdict))
    names = list(SWEEP_TYPES)[2:]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(fitted_on=as_of, settings=settings.fingerprint).astype(SWEEP_TYPES)[
        list(SWEEP_TYPES)
    ]


def _number_segments(
    fitted: pd.DataFrame, labels: Labels, last: Fit | None, highest_id: int
) -> tuple[Labels, dict[int, str]]:
    """Ids and names: those of the last fit's segments where they match, else new ones.

    New ids follow on the highest one of any fit, by falling mean spending.
    """
    spending = fitted["monetary"].astype("float64").groupby(labels).mean()
    by_spending = sorted(spending.index, key=lambda label: (-spending[label], label))
    matched = match_segments(labels, last.label(fitted)) if last else {}
    names = dict(zip(last.segment_ids, last.names, strict=True)) if last else {}
    following = highest_id + 1
    ids = dict(matched)
    for label in by_spending:
        if label not in ids:
            ids[label] = following
            following += 1
    numbered = np.array([ids[label] for label in labels], dtype=np.int64)
    kept = {segment_id: names[segment_id] for segment_id in matched.values()}
    return numbered, name_segments(fitted.assign(segment_id=numbered), kept)


@one_thread()
def fit_segments(
    customers: pd.DataFrame,
    history: pd.DataFrame,
    sweeps: pd.DataFrame,
    fits: pd.DataFrame | None,
    settings: SegmentSettings,
    events: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Fit the centres of the segments, if that wasn't done yet for the newest sweep.

    The new fit takes over if it wins the contest with the one in force, see `hold_contest`.

    Args:
        customers: As for `sweep_segments`.
        history: As for `score_fit`.
        sweeps: All that `sweep_segments` returned so far.
        fits: What this function returned before, all of it; None the first time.
        settings: Settings.
        events: What happened to fits, as `stg_operations__model_events`.

    Returns:
        One row per segment and column of a feature: its centre on the scaled feature, and the mean
        and deviation that scale it; and of the whole fit is_accepted, score, champion_version,
        champion_score, verdict (see `Contest`), data_hash. Ids and names are those of the fit in
        force where the segments match (see `match_segments`). No rows, with their types, when there
        is nothing to fit.

    Raises:
        InputError: A column is missing.
    """
    empty = pd.DataFrame(columns=list(CENTER_TYPES)).astype(CENTER_TYPES)
    as_of = read_as_of(customers)
    newest_sweep = find_attempt(sweeps, as_of, settings)
    newest_fit = find_attempt(fits, as_of, settings)
    # A build may have failed between the two.
    is_done = len(newest_fit) and newest_fit["fitted_on"].max() >= newest_sweep["fitted_on"].max()
    if newest_sweep.empty or is_done:
        return empty
    chosen = newest_sweep[newest_sweep["is_chosen"].astype(bool)]
    kept = set(chosen.loc[chosen["metric"] == "vif", "feature"])
    counts = chosen.loc[chosen["metric"] == "silhouette", "segment_count"]
    fitted = select_fitted(customers, settings)
    if counts.empty or fitted.empty:
        return empty
    scaling = fit_scaling(fitted, [name for name in settings.features if name in kept])
    matrix = scale_customers(fitted, scaling)
    centers = fit_centers(matrix, int(counts.iloc[0]), settings.seed)
    labels, _, _ = assign(matrix, centers)
    last = read_fit(find_fit_in_force(fits, as_of, None, events))
    highest_id = 0 if fits is None or fits.empty else int(fits["segment_id"].max())
    numbered, names = _number_segments(fitted, labels, last, highest_id)
    rows = []
    for label, center in enumerate(centers):
        members = numbered[labels == label]
        if len(members) == 0:
            continue
        segment_id = int(members[0])
        for position, value in enumerate(center):
            rows.append(
                (
                    segment_id,
                    names[segment_id],
                    position,
                    scaling.features[position],
                    scaling.columns[position],
                    value,
                    scaling.mean[position],
                    scaling.deviation[position],
                )
            )
    frame = pd.DataFrame(rows, columns=list(CENTER_TYPES)[2:10])
    frame = frame.assign(fitted_on=as_of, settings=settings.fingerprint)
    in_force = find_fit_in_force(fits, as_of, settings, events)
    contest = hold_contest(history, _as_fit(frame), read_fit(in_force), settings)
    frame = frame.assign(
        **contest._asdict(),
        champion_version=None if in_force.empty else version_of(in_force).iloc[0],
        data_hash=_hash_rows(fitted),
    ).astype(CENTER_TYPES)
    return frame.sort_values(["segment_id", "position"], ignore_index=True)[list(CENTER_TYPES)]


def _as_fit(frame: pd.DataFrame) -> Fit:
    fit = read_fit(frame)
    assert fit is not None
    return fit


def _hash_rows(customers: pd.DataFrame) -> str:
    """A hash of what was fitted: of equal rows it is equal, on one warehouse."""
    rows = pd.util.hash_pandas_object(customers[sorted(customers.columns)], index=False)
    return hashlib.sha256(rows.to_numpy().tobytes()).hexdigest()[:16]
