"""One row per experiment, variant and check: whether the groups were alike before the start."""

from inventory_allocation.experiments import ExperimentSettings, check_balance
from inventory_allocation.frames import to_pandas


def model(dbt, session):
    """Check the experiments of int_experiments__input."""
    dbt.config(materialized="table")
    settings = ExperimentSettings(
        seed=dbt.config.meta_get("seed"),
        alpha=dbt.config.meta_get("experiment_alpha"),
        power_target=dbt.config.meta_get("experiment_power"),
        minimum_effect=dbt.config.meta_get("experiment_minimum_effect"),
    )
    return check_balance(to_pandas(dbt.ref("int_experiments__input")), settings)
