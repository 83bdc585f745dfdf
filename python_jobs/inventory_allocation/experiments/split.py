"""From the rows of the input to one object per experiment."""

from dataclasses import dataclass

import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.experiments.clusters import to_analysis_units
from inventory_allocation.experiments.columns import COVARIATES, INPUT, METRICS
from inventory_allocation.frames import require_columns

__all__ = ["Experiment", "choose_control", "split_experiments"]

TABLE = "int_experiments__input"
ASSIGNMENTS = ("randomised", "observational")


@dataclass(frozen=True)
class Experiment:
    """One experiment.

    Attributes:
        experiment_id: Name of the experiment.
        unit_type: fc, customer or region.
        assignment: randomised or observational.
        analysis_unit: unit or cluster (see `to_analysis_units`).
        control: Variant that the others are compared with.
        variants: The other variants, sorted.
        units: Variant, metrics and covariates by unit of analysis, sorted.
    """

    experiment_id: str
    unit_type: str
    assignment: str
    analysis_unit: str
    control: str
    variants: tuple[str, ...]
    units: pd.DataFrame

    def select(self, variant: str) -> pd.DataFrame:
        """Units of analysis of a variant."""
        return self.units[self.units["variant"] == variant].reset_index(drop=True)


def choose_control(variants: list[str]) -> str:
    """The variant named control, in any case, else the first in alphabetical order."""
    ordered = sorted(variants)
    return next((name for name in ordered if name.lower() == "control"), ordered[0])


def split_experiments(units: pd.DataFrame) -> list[Experiment]:
    """Split the input into experiments, sorted, so that the order of the rows never matters.

    Args:
        units: Rows of int_experiments__input, one per experiment and unit, in any order.

    Raises:
        InputError: A column is missing, a unit appears twice in an experiment, or an assignment
            is neither randomised nor observational.
    """
    require_columns(units, INPUT, TABLE)
    keys = ["experiment_id", "unit_id"]
    repeated = units.loc[units.duplicated(keys), keys]
    if len(repeated):
        first = repeated.sort_values(keys).iloc[0]
        raise InputError(
            f"table {TABLE}: experiment {first['experiment_id']} has more than one row of unit "
            f"{first['unit_id']}; a unit can be in one variant only"
        )
    unknown = set(units["assignment"]) - set(ASSIGNMENTS)
    if unknown:
        raise InputError(
            f"table {TABLE}, column assignment: {sorted(map(str, unknown))} is neither "
            "randomised nor observational"
        )
    numbers = [*METRICS, *COVARIATES]
    ordered = units.sort_values(keys).reset_index(drop=True)
    ordered[numbers] = ordered[numbers].astype("float64")
    return [_build(str(name), rows) for name, rows in ordered.groupby("experiment_id")]


def _build(experiment_id: str, rows: pd.DataFrame) -> Experiment:
    analysis_units, analysis_unit = to_analysis_units(rows)
    names = sorted(set(rows["variant"].astype(str)))
    control = choose_control(names)
    return Experiment(
        experiment_id,
        str(rows["unit_type"].iloc[0]),
        str(rows["assignment"].iloc[0]),
        analysis_unit,
        control,
        tuple(name for name in names if name != control),
        analysis_units,
    )
