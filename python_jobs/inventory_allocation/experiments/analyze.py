"""From units to one verdict per experiment, variant, metric and method."""

import pandas as pd

from inventory_allocation.experiments.columns import METRICS
from inventory_allocation.experiments.matching import match_variants
from inventory_allocation.experiments.methods import (
    Finding,
    compare_groups,
    compare_matched,
    compare_with_before,
    measure_alone,
    most_unbalanced,
)
from inventory_allocation.experiments.results import tabulate
from inventory_allocation.experiments.settings import ExperimentSettings
from inventory_allocation.experiments.split import Experiment, split_experiments
from inventory_allocation.experiments.tables import RESULT_TYPES
from inventory_allocation.one_thread import one_thread

__all__ = ["analyze_experiments"]


def _compare_randomised(
    experiment: Experiment, variant: str, settings: ExperimentSettings
) -> list[Finding]:
    findings = []
    for metric in METRICS:
        findings.append(compare_groups(experiment, variant, metric, settings))
        with_before = compare_with_before(experiment, variant, metric, settings)
        findings += [with_before] if with_before else []
    return findings


def _compare_observational(
    experiment: Experiment, variant: str, settings: ExperimentSettings
) -> list[Finding]:
    matching = match_variants(
        experiment.select(variant), experiment.select(experiment.control), settings.seed
    )
    unbalanced = most_unbalanced(matching)
    findings = []
    for metric in METRICS:
        findings.append(compare_groups(experiment, variant, metric, settings))
        findings.append(compare_matched(matching, unbalanced, variant, metric, settings))
    return findings


def _compare(experiment: Experiment, settings: ExperimentSettings) -> list[Finding]:
    if not experiment.variants:
        return [measure_alone(experiment, metric, settings) for metric in METRICS]
    is_randomised = experiment.assignment == "randomised"
    compare = _compare_randomised if is_randomised else _compare_observational
    return [
        finding
        for variant in experiment.variants
        for finding in compare(experiment, variant, settings)
    ]


@one_thread()
def analyze_experiments(units: pd.DataFrame, settings: ExperimentSettings) -> pd.DataFrame:
    """Compare every variant of every experiment with its control.

    Args:
        units: Rows of int_experiments__input, one per experiment and unit, in any order:
            experiment_id, unit_type, assignment (randomised, observational), unit_id, variant,
            cluster_id (null: in no cluster), each metric in the test window and, as
            `<metric>_before`, in a window of the same length before the start, and
            tenure_days_before, recency_days_before. Numbers may be null.
        settings: Levels, smallest effect worth finding, resamples and seed.

    Returns:
        Rows of fct_experiment_results by experiment, variant, metric and method. Units that were
        assigned by cluster are analysed by cluster (see `to_analysis_units`); a unit whose metric
        is null is left out of that metric.

        Randomised: welch, and cuped (see `adjust_by_before`) unless the window before is missing
        or constant. Observational: naive, which is Welch's test of groups that may differ in
        anything, and matched (see `match_variants`), the effect on the treated that found a
        match.

        treated_units and control_units count what was analysed: units, clusters or pairs.
        effect_lower and effect_upper are the interval of the method at level 1 - alpha,
        bootstrap_lower and bootstrap_upper the percentile bootstrap's, which takes the
        adjustment of cuped and matched as known. p_bonferroni and p_holm correct over all
        variants and metrics of an experiment within a method. cohens_d is in deviations of the
        raw metric. power is the chance to find an effect of minimum_effect of the control mean
        with these units, not the power at the observed effect, which only restates the p-value
        (Hoenig and Heisey 2001). sensitivity_gamma is null but for matched.

        What cannot be said is null and the verdict says why. An experiment of one variant has a
        row per metric without a control variant.

    Raises:
        InputError: A column is missing, a unit appears twice in an experiment, or an assignment
            is neither randomised nor observational.
    """
    rows = [
        row
        for experiment in split_experiments(units)
        for row in tabulate(experiment, _compare(experiment, settings), settings)
    ]
    return pd.DataFrame(rows, columns=list(RESULT_TYPES)).astype(RESULT_TYPES)
