"""The methods that compare a metric between two variants."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from inventory_allocation.experiments.balance import MAX_SMD, matched_differences
from inventory_allocation.experiments.bootstrap import bootstrap_interval
from inventory_allocation.experiments.cuped import adjust_by_before, compare_cuped
from inventory_allocation.experiments.matched_pairs import adjust_differences, compare_pairs
from inventory_allocation.experiments.matching import Matching
from inventory_allocation.experiments.sensitivity import sensitivity_gamma
from inventory_allocation.experiments.settings import ExperimentSettings
from inventory_allocation.experiments.split import Experiment
from inventory_allocation.experiments.verdicts import CONFOUNDED, describe_matching
from inventory_allocation.statistics.two_groups import Comparison, Values, compare_welch

__all__ = [
    "Finding",
    "compare_groups",
    "compare_matched",
    "compare_with_before",
    "measure_alone",
    "most_unbalanced",
]

# What the groups as they are give, by assignment.
METHODS = {"randomised": "welch", "observational": "naive"}


@dataclass(frozen=True)
class Finding:
    """What a method found on a metric of a variant.

    Attributes:
        variant: Variant under test.
        metric: Name of the metric.
        method: welch, cuped, naive or matched.
        comparison: The difference and its test.
        bootstrap: Lower and upper end of the bootstrap interval.
        gamma: See `sensitivity_gamma`; NaN unless matched.
        caveat: To be said beside the verdict; empty when there is none.
    """

    variant: str
    metric: str
    method: str
    comparison: Comparison
    bootstrap: tuple[float, float]
    gamma: float = np.nan
    caveat: str = ""


def _measured(units: pd.DataFrame, metric: str) -> Values:
    values: Values = units[metric].to_numpy(dtype="float64")
    return values[np.isfinite(values)]


def measure_alone(experiment: Experiment, metric: str, settings: ExperimentSettings) -> Finding:
    """Mean of the only variant of an experiment."""
    values = _measured(experiment.units, metric)
    comparison = compare_welch(values, values[:0], settings.alpha)
    method = METHODS[experiment.assignment]
    return Finding(experiment.control, metric, method, comparison, (np.nan, np.nan))


def compare_groups(
    experiment: Experiment, variant: str, metric: str, settings: ExperimentSettings
) -> Finding:
    """Compare the units of two variants as they are: welch if randomised, else naive."""
    treated = _measured(experiment.select(variant), metric)
    control = _measured(experiment.select(experiment.control), metric)
    method = METHODS[experiment.assignment]
    return Finding(
        variant,
        metric,
        method,
        compare_welch(treated, control, settings.alpha),
        bootstrap_interval((treated, control), settings),
        caveat=CONFOUNDED if method == "naive" else "",
    )


def compare_with_before(
    experiment: Experiment, variant: str, metric: str, settings: ExperimentSettings
) -> Finding | None:
    """Compare after CUPED; None when there is no window before, or too few units for it."""
    units = experiment.units[np.isfinite(experiment.units[metric])]
    variants = units["variant"].to_numpy(dtype=object)
    raw, before = units[metric].to_numpy(), units[f"{metric}_before"].to_numpy()
    adjustment = adjust_by_before(raw, before, variants)
    if adjustment is None:
        return None
    comparison = compare_cuped(adjustment, variant, experiment.control, settings.alpha)
    if np.isnan(comparison.p_value):
        return None
    groups = tuple(adjustment.values[variants == name] for name in (variant, experiment.control))
    return Finding(variant, metric, "cuped", comparison, bootstrap_interval(groups, settings))


def most_unbalanced(matching: Matching) -> str | None:
    """The covariate that differs most between matched units; None when all are balanced."""
    size = matched_differences(matching)["standardized_mean_difference"].abs().fillna(np.inf)
    return None if (size < MAX_SMD).all() else str(size.idxmax())


def compare_matched(
    matching: Matching,
    unbalanced: str | None,
    variant: str,
    metric: str,
    settings: ExperimentSettings,
) -> Finding:
    """Compare matched pairs; a pair with a null metric is left out of that metric."""
    treated = matching.treated[metric].to_numpy()[matching.treated_rows]
    control = matching.control[metric].to_numpy()[matching.control_rows]
    kept = np.isfinite(treated) & np.isfinite(control)
    treated, control = treated[kept], control[kept]
    differences = adjust_differences(
        treated, control, matching.treated_covariates[kept], matching.control_covariates[kept]
    )
    gamma = sensitivity_gamma(differences, settings.alpha)
    return Finding(
        variant,
        metric,
        "matched",
        compare_pairs(treated, control, differences, settings.alpha),
        bootstrap_interval((differences,), settings),
        gamma,
        describe_matching(matching.matched_share, unbalanced, gamma),
    )
