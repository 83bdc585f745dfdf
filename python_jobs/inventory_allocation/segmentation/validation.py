"""How good the segments are: every check in one table."""

import pandas as pd

from inventory_allocation.one_thread import one_thread
from inventory_allocation.segmentation.features import scale_customers
from inventory_allocation.segmentation.kmeans import Labels, Matrix, assign
from inventory_allocation.segmentation.outcomes import Outcomes, compare_outcomes
from inventory_allocation.segmentation.quarters import measure_quarters
from inventory_allocation.segmentation.settings import SegmentSettings
from inventory_allocation.segmentation.silhouettes import (
    bootstrap_mean,
    compare_with_shuffled,
    sample_silhouettes,
)
from inventory_allocation.segmentation.stored_fits import (
    Fit,
    find_attempt,
    find_fit_in_force,
    read_as_of,
    read_fit,
    select_fitted,
    version_of,
)
from inventory_allocation.segmentation.sweep import measure_stability
from inventory_allocation.segmentation.validation_rows import ALL, Row, make_row, to_frame
from inventory_allocation.segmentation.verdict import judge, judge_nothing

__all__ = ["validate_segments"]


def _sweep_rows(sweep: pd.DataFrame) -> list[Row]:
    return [
        make_row(
            "collinearity" if row["metric"] == "vif" else "sweep",
            row["metric"],
            row["value"],
            row["verdict"],
            segment_count=row["segment_count"],
            feature=row["feature"],
        )
        for row in sweep.to_dict("records")
    ]


def _silhouette_rows(matrix: Matrix, labels: Labels, names: list[str], seed: int) -> list[Row]:
    values, found = sample_silhouettes(matrix, labels, seed)
    rows = []
    for number, name in [(-1, ALL), *enumerate(names)]:
        mean, lower, upper = bootstrap_mean(values if number < 0 else values[found == number], seed)
        verdict = (
            "not measured"
            if mean != mean
            else "separated"
            if lower > 0
            else "not separated from its neighbours"
        )
        rows.append(
            make_row(
                "silhouette", "silhouette", mean, verdict, segment=name, lower=lower, upper=upper
            )
        )
    return rows


def _compare_all_snapshots(
    snapshots: list[pd.DataFrame], fit: Fit, settings: SegmentSettings
) -> tuple[list[Row], Outcomes | None]:
    """Outcomes after each snapshot, the newest first; pairs only for the newest."""
    found = [compare_outcomes(frame, fit, settings) for frame in reversed(snapshots)]
    rows = [
        row
        for number, outcomes in enumerate(found)
        for row in outcomes.rows
        if number == 0 or row["check_name"] == "outcome"
    ]
    return rows, found[0] if found else None


@one_thread()
def validate_segments(
    customers: pd.DataFrame,
    history: pd.DataFrame,
    sweeps: pd.DataFrame,
    centers: pd.DataFrame,
    settings: SegmentSettings,
    events: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Check the fit in force.

    Args:
        customers: As for `sweep_segments`.
        history: The same columns at earlier snapshots, with snapshots_back (1 the newest),
            next_spend and next_purchase_days: what followed each of them.
        sweeps: All that `sweep_segments` returned so far.
        centers: All that `fit_segments` returned so far.
        settings: Settings.
        events: What happened to fits, as `stg_operations__model_events`.

    Returns:
        One row per check, snapshot, number of segments, segment, other segment, feature and metric,
        with value, interval, p values raw and corrected, effect size and a verdict in words. The
        row of check `verdict` says whether to trust the segments; it is there for any input.

    Raises:
        InputError: A column is missing.
    """
    as_of = read_as_of(customers)
    in_force = find_fit_in_force(centers, as_of, settings, events)
    fit = read_fit(in_force)
    rows = _sweep_rows(
        find_attempt(sweeps, as_of, settings)
        if in_force.empty
        else sweeps[version_of(sweeps) == version_of(in_force).iloc[0]]
    )
    fitted = select_fitted(customers, settings)
    count = 0 if fit is None else len(fit.centers)
    if fit is None or fitted.empty:
        few = f"fewer than {settings.min_customers} customers with a history"
        rows.append(judge_nothing(few if fitted.empty else "the customers are all alike"))
    else:
        snapshots = [frame for _, frame in sorted(history.groupby("snapshots_back"), reverse=True)]
        matrix = scale_customers(fitted, fit.scaling)
        labels, _, _ = assign(matrix, fit.centers)
        stability = measure_stability(matrix, labels, count, settings.seed, settings.bootstraps)
        null = compare_with_shuffled(
            matrix, fit.scaling, count, settings.permutations, settings.bootstraps, settings.seed
        )
        outcome_rows, outcomes = _compare_all_snapshots(snapshots, fit, settings)
        rows += _silhouette_rows(matrix, labels, fit.names, settings.seed)
        rows += [
            make_row("stability", "adjusted_rand_index", stability, "mean over bootstrap fits"),
            make_row(
                "permutation",
                "silhouette",
                null.silhouette,
                "of a sample, fitted like the shuffled copies",
                p_value=null.p_value,
            ),
            make_row("permutation", "shuffled_silhouette", null.shuffled_mean, "mean of copies"),
            make_row(
                "permutation", "shuffled_silhouette_p99", null.shuffled_p99, "99th percentile"
            ),
            make_row(
                "permutation",
                "shuffled_stability",
                null.shuffled_stability,
                "adjusted Rand index of copies",
            ),
        ]
        rows += outcome_rows
        rows += measure_quarters([*snapshots, customers], fit, settings)
        rows.append(judge(null, stability, outcomes))
    for row in rows:
        if row["check_name"] != "sweep" and row["segment_count"] == 0:
            row["segment_count"] = count
        if row["snapshot_date"] is pd.NaT:
            row["snapshot_date"] = as_of
    return to_frame(rows)
