"""Was the experiment sound: balance before the start, balance after matching, sample ratio."""

import numpy as np
import pandas as pd

from inventory_allocation.experiments.balance import (
    MAX_SMD,
    is_sample_ratio_right,
    matched_differences,
    pooled_spread,
    sample_ratio_p_value,
    split_covariates,
    standardized_differences,
)
from inventory_allocation.experiments.columns import COVARIATES
from inventory_allocation.experiments.matching import match_variants
from inventory_allocation.experiments.settings import ExperimentSettings
from inventory_allocation.experiments.split import Experiment, split_experiments
from inventory_allocation.experiments.tables import BALANCE_TYPES
from inventory_allocation.experiments.verdicts import describe_covariate, describe_sample_ratio
from inventory_allocation.one_thread import one_thread
from inventory_allocation.statistics.corrections import correct_holm
from inventory_allocation.statistics.two_groups import compare_welch

__all__ = ["check_balance"]


def _judged(
    check: str, differences: pd.DataFrame, p_values: "pd.Series[float]", alpha: float
) -> pd.DataFrame:
    """Rows of one check; a covariate without a p-value is judged by its difference."""
    scaled = differences["standardized_mean_difference"]
    p_holm = correct_holm(np.asarray(p_values, dtype="float64"))
    is_balanced = np.where(np.isnan(p_holm), scaled.abs() < MAX_SMD, p_holm >= alpha)
    return differences.assign(
        check_name=check,
        covariate=differences.index,
        p_value=p_values,
        is_balanced=is_balanced,
        verdict=list(map(describe_covariate, is_balanced, scaled, p_holm)),
    )


def _check_variant(
    experiment: Experiment, variant: str, settings: ExperimentSettings
) -> list[pd.DataFrame]:
    """Rows of one variant against the control."""
    units, control_units = experiment.select(variant), experiment.select(experiment.control)
    treated, control = split_covariates(units[COVARIATES], control_units[COVARIATES])
    differences = standardized_differences(treated, control, pooled_spread(treated, control))
    no_test = pd.Series(np.nan, differences.index)
    if experiment.assignment == "observational":
        matched = matched_differences(match_variants(units, control_units, settings.seed))
        return [
            _judged("balance", differences, no_test, settings.alpha),
            _judged("balance_matched", matched, no_test, settings.alpha),
        ]
    p_values = no_test.copy()
    for name in differences.index:
        first, second = (group[name].dropna().to_numpy() for group in (treated, control))
        p_values[name] = compare_welch(first, second, settings.alpha).p_value
    ratio = sample_ratio_p_value(experiment.units["variant"])
    is_right = is_sample_ratio_right(ratio)
    sizes = {
        "check_name": "sample_ratio",
        "covariate": "units",
        "treated_mean": len(treated),
        "control_mean": len(control),
        "p_value": ratio,
        "is_balanced": is_right,
        "verdict": describe_sample_ratio(ratio, is_right),
    }
    return [_judged("balance", differences, p_values, settings.alpha), pd.DataFrame([sizes])]


@one_thread()
def check_balance(units: pd.DataFrame, settings: ExperimentSettings) -> pd.DataFrame:
    """Check whether the groups of each experiment can be compared.

    Args:
        units: As for `analyze_experiments`.
        settings: Significance level, and the seed of the matching, which is the one that
            `analyze_experiments` uses.

    Returns:
        Rows of fct_experiment_balance by experiment, variant, check_name and covariate. Covariates
        are the metrics before the start, tenure and recency, and `<covariate>_is_missing` where
        some units lack one (of indicators that say the same, the first only).

        balance: all units of analysis. Randomised: p_value of Welch's test, is_balanced when it
        is at least alpha after Holm over the covariates of the variant. Observational, or where
        there is no test: is_balanced when the standardized mean difference is below 0.1.
        balance_matched, observational only: the matched units, by the difference.
        sample_ratio, randomised only: the sizes in the columns of means; p_value of a chi-square
        test of all variants' sizes against equal shares, is_balanced when at least 0.001.

        No rows for an experiment of one variant, or for a covariate that no unit has.

    Raises:
        InputError: A column is missing, a unit appears twice in an experiment, or an assignment
            is unknown.
    """
    frames = [
        frame.assign(
            experiment_id=experiment.experiment_id,
            variant=variant,
            control_variant=experiment.control,
        )
        for experiment in split_experiments(units)
        for variant in experiment.variants
        for frame in _check_variant(experiment, variant, settings)
    ]
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    return rows.reindex(columns=list(BALANCE_TYPES)).astype(BALANCE_TYPES)
