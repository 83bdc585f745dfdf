"""Drift of what is measured of customers, and of the segments that they fall into."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from inventory_allocation.monitoring.findings import Finding
from inventory_allocation.monitoring.settings import MonitoringSettings

__all__ = ["check_features", "check_segments", "population_stability_index"]

BINS = 10
# Fewer customers than this say little about a distribution.
FEWEST = 100
Vector = npt.NDArray[np.float64]


def population_stability_index(reference: Vector, current: Vector) -> float:
    """Population stability index of two vectors of counts, each of the same classes.

    The sum of (p - q) ln(p / q) over classes, each count raised by a half so that none is 0
    (Siddiqi 2006, Credit Risk Scorecards; the symmetric Kullback-Leibler divergence). Below 0.1 is
    commonly read as no shift, above 0.25 as a large one.
    """
    raised = [counts + 0.5 for counts in (reference, current)]
    q, p = (counts / counts.sum() for counts in raised)
    return float(((p - q) * np.log(p / q)).sum())


def _count_in_bins(reference: Vector, current: Vector) -> tuple[Vector, Vector]:
    """Counts in classes between quantiles of the reference; equal quantiles make one class."""
    edges = np.unique(np.quantile(reference, np.linspace(0, 1, BINS + 1)[1:-1]))
    both = [
        np.bincount(edges.searchsorted(v, side="left"), minlength=len(edges) + 1)
        for v in (reference, current)
    ]
    return both[0].astype(float), both[1].astype(float)


def check_features(
    references: list[pd.DataFrame],
    current: pd.DataFrame,
    features: list[str],
    period_start: pd.Timestamp,
    settings: MonitoringSettings,
) -> list[Finding]:
    """Compare each feature of customers with what it was, a quarter and a year ago.

    An alarm needs both: a population stability index over the limit, and a two-sample
    Kolmogorov-Smirnov test that is significant after Bonferroni's correction. What was so at one
    of the earlier moments is the season.

    Args:
        references: Customers as they were at earlier moments, a column per feature.
        current: Customers now.
        features: Names of columns.
        period_start: Period of the findings.
        settings: Limits.
    """
    findings = []
    for feature in features:
        new = current[feature].dropna().to_numpy(dtype="float64")
        olds = [frame[feature].dropna().to_numpy(dtype="float64") for frame in references]
        olds = [old for old in olds if min(len(old), len(new)) >= FEWEST]
        if not olds:
            findings.append(Finding("feature_drift", feature, period_start, "unknown"))
            continue
        indexes = [population_stability_index(*_count_in_bins(old, new)) for old in olds]
        nearest = int(np.argmin(indexes))
        index, old = indexes[nearest], olds[nearest]
        p_value = float(stats.ks_2samp(old, new).pvalue)
        is_alarm = index > settings.drift_limit and p_value * len(features) < settings.significance
        findings.append(
            Finding(
                "feature_drift",
                feature,
                period_start,
                "warning" if is_alarm else "ok",
                index,
                0.0,
                settings.drift_limit,
                p_value,
                f"customers differ in {feature} from a while ago: median {np.median(new):.4g}, "
                f"before {np.median(old):.4g}",
                "look at what changed; the next run fits segments again (segment_refit_on_drift)",
            )
        )
    return findings


def check_segments(
    references: "list[pd.Series[str]]",
    current: "pd.Series[str]",
    period_start: pd.Timestamp,
    settings: MonitoringSettings,
) -> list[Finding]:
    """Compare how customers fall into segments, by the same centres, with how they did.

    Chi-squared of the table of counts, backed by the population stability index, against the
    earlier moment that is most alike.

    Args:
        references: Segment of each customer as it was at earlier moments.
        current: Segment of each customer now.
        period_start: Period of the finding.
        settings: Limits.
    """
    olds = [old for old in references if min(len(old), len(current)) >= FEWEST]
    names = sorted(set(current).union(*olds))
    if not olds or len(names) < 2:
        return [Finding("segment_drift", "all", period_start, "unknown")]
    new, *before = (
        np.array([(segment == name).sum() for name in names], dtype="float64")
        for segment in (current, *olds)
    )
    indexes = [population_stability_index(old, new) for old in before]
    index, old = min(indexes), before[int(np.argmin(indexes))]
    p_value = float(stats.chi2_contingency(np.array([old, new])).pvalue)
    shares = pd.Series(new / new.sum() - old / old.sum(), index=names)
    moved = str(shares.abs().idxmax())
    is_alarm = index > settings.drift_limit and p_value < settings.significance
    return [
        Finding(
            "segment_drift",
            "all",
            period_start,
            "warning" if is_alarm else "ok",
            index,
            0.0,
            settings.drift_limit,
            p_value,
            f"the share of segment {moved} changed by {shares[moved]:+.1%} of customers",
            "look at dim_segments; the next run fits segments again (segment_refit_on_drift)",
        )
    ]
