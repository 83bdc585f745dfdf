"""One row per experiment, variant, metric and method: the effect, and what it is worth."""

from inventory_allocation.experiments import ExperimentSettings, analyze_experiments
from inventory_allocation.frames import to_pandas


def model(dbt, session):
    """Analyse the experiments of int_experiments__input."""
    dbt.config(materialized="table")
    settings = ExperimentSettings(
        seed=dbt.config.meta_get("seed"),
        alpha=dbt.config.meta_get("experiment_alpha"),
        power_target=dbt.config.meta_get("experiment_power"),
        minimum_effect=dbt.config.meta_get("experiment_minimum_effect"),
    )
    return analyze_experiments(to_pandas(dbt.ref("int_experiments__input")), settings)
