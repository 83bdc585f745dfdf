"""What segments did next: differences in outcomes that the fit has not seen."""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from inventory_allocation.frames import require_columns
from inventory_allocation.segmentation.continuity import match_segments
from inventory_allocation.segmentation.features import fit_scaling, scale_customers
from inventory_allocation.segmentation.kmeans import Labels, assign, fit_centers
from inventory_allocation.segmentation.settings import SegmentSettings
from inventory_allocation.segmentation.stored_fits import Fit, select_fitted
from inventory_allocation.segmentation.validation_rows import Row, make_row
from inventory_allocation.statistics.corrections import correct_bonferroni, correct_holm
from inventory_allocation.statistics.several_groups import compare_groups
from inventory_allocation.statistics.two_groups import compare_welch

__all__ = ["Outcomes", "compare_outcomes"]

HISTORY = "int_customers__segment_history_input"
OUTCOMES = ("next_spend", "next_repurchase")
MEANING = {"next_spend": "spend", "next_repurchase": "share of customers who buy again"}
SIGNIFICANT = 0.01
ALPHA = 0.05
"""Intervals cover 95 %."""


class Outcomes(NamedTuple):
    """Rows of the tests, and what the verdict needs of them.

    Attributes:
        rows: Rows of the validation table.
        effect: Largest share of variance explained (eta or epsilon squared) of an outcome that
            differs at 1 % after Holm; 0 when none does.
        outcome: That outcome, in words.
        pairs: Pairs of segments tested.
        different_pairs: Pairs that differ in some outcome at 1 % after Holm.
    """

    rows: list[Row]
    effect: float
    outcome: str
    pairs: int
    different_pairs: list[tuple[str, str]]


def _label_at_cutoff(
    customers: pd.DataFrame, fit: Fit, settings: SegmentSettings
) -> tuple[pd.DataFrame, Labels, dict[int, str]]:
    """Fit the segments again on what was known on an earlier day.

    Args:
        customers: Features on that day.
        fit: The fit in force: it gives features and number of segments, and names where its
            segments match (see `match_segments`).
        settings: Settings.

    Returns:
        The customers with enough history, the segment of each, and names by segment.
    """
    fitted = select_fitted(customers, settings)
    scaling = fit_scaling(fitted, list(dict.fromkeys(fit.scaling.features)))
    if fitted.empty or not scaling.columns:
        return fitted.iloc[:0], np.array([], dtype=np.int64), {}
    matrix = scale_customers(fitted, scaling)
    count = min(len(fit.centers), len(np.unique(matrix, axis=0)))
    labels, _, _ = assign(matrix, fit_centers(matrix, count, settings.seed))
    matched = match_segments(labels, fit.label(fitted))
    known = dict(zip(fit.segment_ids, fit.names, strict=True))
    names = {
        int(label): known[matched[label]] if label in matched else f"unmatched {label + 1}"
        for label in np.unique(labels)
    }
    return fitted, labels, names


def _omnibus_rows(
    groups: dict[str, dict[str, np.ndarray]], date: pd.Timestamp, count: int
) -> list[Row]:
    rows = []
    for outcome, by_segment in groups.items():
        found = compare_groups(list(by_segment.values()))
        for metric, value, p_value, effect in (
            ("welch_anova", found.welch_statistic, found.welch_p_value, found.eta_squared),
            ("kruskal_wallis", found.kruskal_statistic, found.kruskal_p_value,
             found.epsilon_squared),
        ):  # fmt: skip
            rows.append(
                make_row("outcome", metric, value, "", snapshot_date=date, segment_count=count,
                         feature=outcome, p_value=p_value, effect_size=effect)
            )  # fmt: skip
    _correct(rows)
    for row in rows:
        row["verdict"] = _say_whether(row, "segments differ", "no difference shown")
    return rows


def _pair_rows(
    groups: dict[str, dict[str, np.ndarray]], date: pd.Timestamp, count: int
) -> list[Row]:
    rows = []
    for outcome, by_segment in groups.items():
        for first, second in combinations(by_segment, 2):
            found = compare_welch(by_segment[first], by_segment[second], ALPHA)
            rows.append(
                make_row("outcome_pair", "welch_t", found.effect, "", snapshot_date=date,
                         segment_count=count, segment=first, other_segment=second, feature=outcome,
                         lower=found.effect_lower, upper=found.effect_upper, p_value=found.p_value,
                         effect_size=found.cohens_d)
            )  # fmt: skip
    _correct(rows)
    for row in rows:
        differs = "higher" if row["value"] > 0 else "lower"
        sentence = f"{MEANING[row['feature']]} {differs} in {row['segment']}"
        row["verdict"] = _say_whether(row, sentence, "no difference shown")
    return rows


def _correct(rows: list[Row]) -> None:
    p_values = np.array([row["p_value"] for row in rows], dtype="float64")
    corrected = zip(rows, correct_bonferroni(p_values), correct_holm(p_values), strict=True)
    for row, by_bonferroni, by_holm in corrected:
        row["p_bonferroni"], row["p_holm"] = float(by_bonferroni), float(by_holm)


def _is_significant(row: Row) -> bool:
    return bool(row["p_holm"] < SIGNIFICANT)


def _say_whether(row: Row, yes: str, no: str) -> str:
    if not np.isfinite(row["p_value"]):
        return "cannot be tested: too few customers, or nothing varies"
    return f"{yes} (Holm)" if _is_significant(row) else f"{no} at 1 % (Holm)"


def compare_outcomes(customers: pd.DataFrame, fit: Fit, settings: SegmentSettings) -> Outcomes:
    """Test whether segments fitted on an earlier day differ in what customers did after it.

    Args:
        customers: One row per customer known on that day: features on it, next_spend (revenue in
            the days after it) and next_purchase_days (days with a purchase in them).
        fit: The fit in force, for features, number of segments and names.
        settings: Settings.

    Returns:
        Welch's analysis of variance and Kruskal-Wallis for each outcome, corrected over these four
        tests; Welch's t for each pair of segments and outcome, corrected over all of them.

    Raises:
        InputError: A column is missing.
    """
    require_columns(customers, ["next_spend", "next_purchase_days"], HISTORY)
    fitted, labels, names = _label_at_cutoff(customers, fit, settings)
    if len(names) < 2:
        return Outcomes([], 0.0, "", 0, [])
    values = {
        "next_spend": fitted["next_spend"].to_numpy("float64"),
        "next_repurchase": (fitted["next_purchase_days"].to_numpy("float64") > 0) * 1.0,
    }
    groups = {
        outcome: {names[label]: values[outcome][labels == label] for label in sorted(names)}
        for outcome in OUTCOMES
    }
    date = pd.Timestamp(fitted["snapshot_date"].iloc[0])
    omnibus = _omnibus_rows(groups, date, len(names))
    pairs = _pair_rows(groups, date, len(names))
    significant = [row for row in omnibus if _is_significant(row)]
    best = max(significant, key=lambda row: row["effect_size"], default=None)
    different = {(row["segment"], row["other_segment"]) for row in pairs if _is_significant(row)}
    return Outcomes(
        omnibus + pairs,
        best["effect_size"] if best else 0.0,
        MEANING[best["feature"]] if best else "",
        len(pairs) // len(OUTCOMES),
        sorted(different),
    )
