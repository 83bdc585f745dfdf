"""Findings of an experiment as rows of the result table."""

from collections.abc import Callable
from typing import Any

import numpy as np

from inventory_allocation.experiments.balance import is_sample_ratio_right, sample_ratio_p_value
from inventory_allocation.experiments.methods import Finding
from inventory_allocation.experiments.power import minimum_detectable_effect, power_to_detect
from inventory_allocation.experiments.settings import ExperimentSettings
from inventory_allocation.experiments.split import Experiment
from inventory_allocation.experiments.verdicts import (
    NOTHING_TO_COMPARE,
    describe_comparison,
    describe_sample_ratio,
)
from inventory_allocation.statistics.corrections import correct_bonferroni, correct_holm
from inventory_allocation.statistics.two_groups import Values

__all__ = ["tabulate"]


def _corrected(findings: list[Finding], correct: Callable[[Values], Values]) -> list[float]:
    """Adjusted p-values of findings, each within its method."""
    p_values = np.array([finding.comparison.p_value for finding in findings])
    methods = np.array([finding.method for finding in findings])
    adjusted = np.full(len(findings), np.nan)
    for method in np.unique(methods):
        adjusted[methods == method] = correct(p_values[methods == method])
    return adjusted.tolist()


def _row(experiment: Experiment, finding: Finding, settings: ExperimentSettings) -> dict[str, Any]:
    comparison = finding.comparison
    control_mean = comparison.control_mean
    return {
        "experiment_id": experiment.experiment_id,
        "unit_type": experiment.unit_type,
        "assignment": experiment.assignment,
        "variant": finding.variant,
        "control_variant": experiment.control if experiment.variants else None,
        "metric": finding.metric,
        "method": finding.method,
        "analysis_unit": experiment.analysis_unit,
        "treated_units": comparison.treated_units,
        "control_units": comparison.control_units,
        "treated_mean": comparison.treated_mean,
        "control_mean": control_mean,
        "effect": comparison.effect,
        "effect_lower": comparison.effect_lower,
        "effect_upper": comparison.effect_upper,
        "relative_effect": comparison.effect / control_mean if control_mean else np.nan,
        "bootstrap_lower": finding.bootstrap[0],
        "bootstrap_upper": finding.bootstrap[1],
        "p_value": comparison.p_value,
        "cohens_d": comparison.cohens_d,
        "power": power_to_detect(comparison, settings),
        "minimum_detectable_effect": minimum_detectable_effect(comparison, settings),
        "sensitivity_gamma": finding.gamma,
    }


def _mismatch(experiment: Experiment) -> str | None:
    """The verdict on an experiment whose sizes are not what was meant; else None."""
    if experiment.assignment == "observational" or not experiment.variants:
        return None
    p_value = sample_ratio_p_value(experiment.units["variant"])
    is_right = is_sample_ratio_right(p_value)
    return None if is_right else describe_sample_ratio(p_value, is_right)


def tabulate(
    experiment: Experiment, findings: list[Finding], settings: ExperimentSettings
) -> list[dict[str, Any]]:
    """Add corrections, power and verdicts to the findings of one experiment.

    Args:
        experiment: The experiment.
        findings: All of its findings: the family that corrections count, each within its method.
        settings: Levels.

    Returns:
        Rows with the columns of `RESULT_TYPES`, in the order of the findings.
    """
    mismatch = _mismatch(experiment)
    bonferroni = _corrected(findings, correct_bonferroni)
    holm = _corrected(findings, correct_holm)
    rows = []
    for finding, p_bonferroni, p_holm in zip(findings, bonferroni, holm, strict=True):
        row = _row(experiment, finding, settings)
        words = describe_comparison(
            finding.metric,
            finding.variant,
            finding.comparison,
            p_holm,
            row["minimum_detectable_effect"],
            settings,
        )
        sentence = "; ".join(part for part in (words, finding.caveat) if part)
        if not experiment.variants:
            sentence = NOTHING_TO_COMPARE
        rows.append(
            row
            | {
                "p_bonferroni": p_bonferroni,
                "p_holm": p_holm,
                "verdict": mismatch or sentence,
            }
        )
    return rows
