"""Planning an experiment: how many units it needs, and who gets which variant."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.experiments import (
    ExperimentSettings,
    SamplePlan,
    assign_units,
    measure_assignment,
    plan_sample_size,
)
from inventory_allocation.frames import to_pandas
from inventory_allocation.warehouse import DbtProject, Warehouse

__all__ = [
    "METRICS",
    "ExperimentPlan",
    "describe_plan",
    "plan_experiment",
    "read_as_of",
    "read_unit_file",
    "read_unit_history",
]

METRICS = {
    "orders": "sum({orders})",
    "units": "sum({units})",
    "revenue": "sum({revenue})",
    "late_share": "1.0 * sum({late_lines}) / nullif(sum({timed_lines}), 0)",
    "shipping_cost_per_unit": "1.0 * sum({shipping_cost}) / nullif(sum({shipped_units}), 0)",
}
VARIANTS = ("control", "treatment")


@dataclass(frozen=True)
class ExperimentPlan:
    """A plan.

    Attributes:
        sample: How many units are needed, and what those at hand would find.
        assignment: Rows for raw.experiments, one per unit.
        balance: Standardized mean differences of the variants before the start, by covariate.
    """

    sample: SamplePlan
    assignment: pd.DataFrame
    balance: pd.DataFrame


def read_as_of(project: DbtProject, warehouse: Warehouse) -> pd.Timestamp:
    """The last day that the models know."""
    relation = project.model_relation("int_calendar__determine_as_of")
    return pd.Timestamp(
        to_pandas(warehouse.query(f"select as_of from {relation}"))["as_of"].iloc[0]
    )


def read_unit_history(
    project: DbtProject,
    warehouse: Warehouse,
    unit_type: str,
    metric: str,
    days: int,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Read what each unit did in the last days up to as_of, and in as many days before.

    Returns:
        One row per unit: unit_id, the metric, orders and revenue, and each with `_before`.

    Raises:
        InputError: No unit of this type has a history.
    """
    relation = project.model_relation("int_experiments__measure_days")
    edges = [as_of - pd.Timedelta(days=days * number) for number in (0, 1, 2)]
    columns = ["orders", "units", "revenue", "timed_lines", "late_lines", "shipped_units",
               "shipping_cost"]  # fmt: skip
    wanted = {name: METRICS[name] for name in dict.fromkeys([metric, "orders", "revenue"])}
    parts = []
    for suffix, last, first in (("", edges[0], edges[1]), ("_before", edges[1], edges[2])):
        inside = (
            f"ordered_date > date '{first:%Y-%m-%d}' and ordered_date <= date '{last:%Y-%m-%d}'"
        )
        chosen = {name: f"case when {inside} then {name} else 0 end" for name in columns}
        parts += [f"{text.format(**chosen)} as {name}{suffix}" for name, text in wanted.items()]
    history: pd.DataFrame = to_pandas(
        warehouse.query(
            f"select unit_id, {', '.join(parts)} from {relation} "
            f"where unit_type = '{unit_type}' group by unit_id order by unit_id"
        )
    )
    if history.empty:
        raise InputError(
            f"no {unit_type} has a history in {relation}: run `dbt build` first, or name the units "
            "with --units"
        )
    return history


def read_unit_file(path: Path, metric: str) -> pd.DataFrame:
    """Read units from a CSV file: unit_id and, as far as known, numbers from before the start.

    A column named as the metric is what a unit did lately, one with `_before` what it did before
    that; all other numbers are balanced too.

    Raises:
        InputError: The file isn't there, can't be read or lacks unit_id.
    """
    try:
        units = pd.read_csv(path, dtype={"unit_id": "string"})
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as CSV: {error}") from error
    if "unit_id" not in units:
        raise InputError(f"{path} lacks column unit_id; it has {', '.join(units.columns)}")
    if units["unit_id"].isna().any() or units["unit_id"].duplicated().any():
        raise InputError(f"{path} has a unit_id twice or empty: each unit needs one row")
    missing = {name: np.nan for name in (metric, f"{metric}_before") if name not in units}
    return units.assign(**missing)


def plan_experiment(
    experiment_id: str,
    unit_type: str,
    units: pd.DataFrame,
    metric: str,
    started_on: pd.Timestamp,
    days: int,
    settings: ExperimentSettings,
    only_needed: bool,
) -> ExperimentPlan:
    """Size an experiment with two variants and assign its units.

    Args:
        experiment_id: Name of the experiment.
        unit_type: fc, customer or region.
        units: One row per unit: unit_id, the metric in the last days and, with `_before`, in as
            many days before; other numbers are balanced too.
        metric: What the experiment shall move.
        started_on: First day.
        days: Days that it runs.
        settings: Smallest effect worth finding, power, significance level and seed.
        only_needed: Assign no more units than are enough, drawn at random.

    Returns:
        The plan.

    Raises:
        InputError: There are fewer than two units.
    """
    sample = plan_sample_size(
        units[metric].astype("float64").to_numpy(),
        units[f"{metric}_before"].astype("float64").to_numpy(),
        settings,
    )
    units = units.sort_values("unit_id", ignore_index=True)
    needed = sample.units_needed_cuped or sample.units_needed
    if needed and needed < len(units) and only_needed:
        rng = np.random.default_rng(settings.seed)
        units = units.iloc[np.sort(rng.choice(len(units), needed, replace=False))]
        units = units.reset_index(drop=True)
    if len(units) < len(VARIANTS):
        raise InputError(f"{len(units)} unit of type {unit_type}: an experiment needs two or more")
    covariates = units.select_dtypes("number").dropna(axis="columns", how="all").astype("float64")
    known = covariates if len(covariates.columns) else None
    ids = units["unit_id"].astype("string").tolist()
    assigned = assign_units(ids, known, VARIANTS, settings.seed)
    balance = pd.DataFrame() if known is None else measure_assignment(assigned, ids, known)
    last_day = started_on + pd.Timedelta(days=days - 1)
    assignment = pd.DataFrame(
        {
            "experiment_id": experiment_id,
            "unit_type": unit_type,
            "unit_id": assigned["unit_id"],
            "variant": assigned["variant"],
            "started_on": f"{started_on:%Y-%m-%d}",
            "ended_on": f"{last_day:%Y-%m-%d}",
            "assignment": "randomised",
        }
    )
    return ExperimentPlan(sample, assignment, balance)


def describe_plan(plan: ExperimentPlan, metric: str, settings: ExperimentSettings) -> list[str]:
    """Say in words what was planned."""
    sample = plan.sample
    sizes = plan.assignment["variant"].value_counts().sort_index()
    lines = [f"{sample.units_at_hand:,} units with a history of {metric}"]
    if sample.mean is not None and sample.standard_deviation is not None:
        known = f", correlation {sample.correlation:.2f}" if sample.correlation else ""
        lines.append(
            f"{metric} of a unit: mean {sample.mean:,.4g}, standard deviation "
            f"{sample.standard_deviation:,.4g}{known} with the window before"
        )
    for how, needed, effect in (
        ("without adjustment", sample.units_needed, sample.minimum_detectable_effect),
        ("with CUPED", sample.units_needed_cuped, sample.minimum_detectable_effect_cuped),
    ):
        if needed and effect is not None and sample.mean:
            lines.append(
                f"{how}: {needed:,} units find a change of {settings.minimum_effect:.0%} with "
                f"{settings.power_target:.0%} power; the {sample.units_at_hand:,} units at hand "
                f"find {effect / abs(sample.mean):.1%}"
            )
    lines.append("assigned: " + ", ".join(f"{n:,} {name}" for name, n in sizes.items()))
    if len(plan.balance):
        worst = plan.balance["standardized_mean_difference"].abs().max()
        lines.append(f"largest difference before the start: {worst:.2f} standard deviations")
    return lines
