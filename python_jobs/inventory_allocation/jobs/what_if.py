"""What-if: a plan from changed inputs, beside the plan in force."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from inventory_allocation.allocation import AllocationInputs, EarlierPlan, SolveSettings
from inventory_allocation.allocation.scenario import apply_changes, parse_change
from inventory_allocation.errors import InputError
from inventory_allocation.frames import to_pandas
from inventory_allocation.jobs.allocate import (
    Draft,
    hash_inputs,
    identify_run,
    make_draft,
    publish_draft,
    read_inputs,
)
from inventory_allocation.jobs.earlier_plan import read_earlier_plan
from inventory_allocation.jobs.plan_life import read_states
from inventory_allocation.warehouse import DbtProject, Warehouse

__all__ = [
    "Base",
    "Comparison",
    "Scenario",
    "change_inputs",
    "compare_scenario",
    "plan_scenario",
    "read_base",
    "read_scenario_file",
    "run_what_if",
]

FIGURES = ("cost", "fill_rate", "share_within_sla", "shipping_cost_per_unit", "trucks")


@dataclass(frozen=True)
class Base:
    """What scenarios are compared with.

    Attributes:
        inputs: The inputs that are there now.
        run_id: The plan in force.
        gap: Its proven gap.
        figures: Its metric, level, value.
        plan: What a search can start from.
        are_inputs_the_same: Whether it was made from these inputs.
    """

    inputs: AllocationInputs
    run_id: str
    gap: float
    figures: pd.DataFrame
    plan: EarlierPlan
    are_inputs_the_same: bool


@dataclass(frozen=True)
class Scenario:
    """Changed inputs.

    Attributes:
        run_id: The run that plans from them.
        changes: The changes as they were written.
        inputs: The inputs.
        input_hash: Their hash.
    """

    run_id: str
    changes: tuple[str, ...]
    inputs: AllocationInputs
    input_hash: str


@dataclass(frozen=True)
class Comparison:
    """A scenario beside the plan in force.

    Attributes:
        run_id: Run of the scenario.
        base_run_id: Run of the plan in force.
        figures: figure, in_force, scenario, change: costs that differ and what planners look at.
        gap: Proven gap of the scenario.
        base_gap: That of the plan in force.
        are_inputs_the_same: Whether the plan in force was made from the inputs that are there now.
    """

    run_id: str
    base_run_id: str
    figures: pd.DataFrame
    gap: float
    base_gap: float
    are_inputs_the_same: bool


def read_scenario_file(path: Path) -> list[str]:
    """Read changes from a YAML file: a list, or a mapping with a list under `set`.

    Raises:
        InputError: The file isn't there or holds something else.
    """
    try:
        content = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    changes = content.get("set") if isinstance(content, dict) else content
    if not isinstance(changes, list) or not all(isinstance(change, str) for change in changes):
        raise InputError(f"{path} holds no list of changes such as `- demand.*.demand_units*1.1`")
    return changes


def _read_figures(project: DbtProject, warehouse: Warehouse, run_id: str) -> pd.DataFrame:
    kpis = project.source_node("planning", "plan_kpis").relation_name
    sql = f"select metric, level, value from {kpis} where run_id = ?"
    return to_pandas(warehouse.query(sql, [run_id]))


def read_base(project: DbtProject, warehouse: Warehouse) -> Base:
    """Read the plan in force, and the inputs that are there now.

    Raises:
        InputError: There is no plan in force.
    """
    inputs = read_inputs(project, warehouse)
    # Not int_allocation__choose_current_run: it is as old as the last build of the plan marts.
    states = read_states(project, warehouse)
    in_force = states[states["state"] == "in_force"]
    if in_force.empty:
        raise InputError(
            "there is no plan in force: make one with `inventory-allocation allocate --approve`"
        )
    run = in_force.iloc[0]
    run_id = str(run["run_id"])
    return Base(
        inputs=inputs,
        run_id=run_id,
        gap=float(run["gap"]),
        figures=_read_figures(project, warehouse, run_id),
        plan=read_earlier_plan(project, warehouse, run_id),
        are_inputs_the_same=hash_inputs(inputs) == run["input_hash"],
    )


def change_inputs(base: Base, settings: SolveSettings, changes: list[str]) -> Scenario:
    """Change the inputs.

    Raises:
        InputError: A change can't be read or made.
    """
    parsed = [parse_change(text) for text in changes]
    if not parsed:
        raise InputError("nothing is changed: give --set or a file")
    inputs = apply_changes(base.inputs, parsed)
    texts = tuple(change.text for change in parsed)
    run_id, input_hash = identify_run(inputs, settings, texts, base.run_id)
    return Scenario(run_id, texts, inputs, input_hash)


def plan_scenario(base: Base, settings: SolveSettings, scenario: Scenario) -> Draft:
    """Plan from changed inputs; the search starts from the plan in force. Nothing is written.

    Raises:
        InventoryAllocationError: No plan was found, or the checker refused it.
    """
    return make_draft(
        scenario.inputs,
        settings,
        scenario.run_id,
        scenario.input_hash,
        scenario.changes,
        base.plan,
    )


def compare_scenario(base: Base, run_id: str, figures: pd.DataFrame, gap: float) -> Comparison:
    """A scenario beside the plan in force.

    Args:
        base: The plan in force.
        run_id: Run of the scenario.
        figures: Its metric, level, value.
        gap: Its proven gap.
    """
    totals = [
        frame[frame["level"] == "total"].set_index("metric")["value"]
        for frame in (base.figures, figures)
    ]
    table = pd.concat(totals, axis=1, keys=["in_force", "scenario"]).fillna(0.0)
    table = table.assign(change=table["scenario"] - table["in_force"])
    is_cost = table.index.str.startswith("cost_") & (table["change"].abs() > 0.005)
    order = [*FIGURES[:1], *sorted(table.index[is_cost]), *FIGURES[1:]]
    rows = table.loc[order].rename_axis("figure").reset_index()
    return Comparison(run_id, base.run_id, rows, gap, base.gap, base.are_inputs_the_same)


def run_what_if(
    project: DbtProject, warehouse: Warehouse, settings: SolveSettings, changes: list[str]
) -> Comparison:
    """Plan from changed inputs and compare with the plan in force, which stays in force.

    The scenario is published as a run of its own with status `scenario`. The same changes of the
    same inputs are planned once.

    Raises:
        InputError: A change can't be read or made, or there is no plan in force.
        InventoryAllocationError: No plan was found, or the checker refused it.
    """
    base = read_base(project, warehouse)
    scenario = change_inputs(base, settings, changes)
    run_id = scenario.run_id
    runs = str(project.source_node("planning", "plan_runs").relation_name)
    if not warehouse.has_run(runs, run_id):
        draft = plan_scenario(base, settings, scenario)
        publish_draft(project, warehouse, run_id, draft)
    gap = to_pandas(warehouse.query(f"select gap from {runs} where run_id = ?", [run_id]))
    figures = _read_figures(project, warehouse, run_id)
    return compare_scenario(base, run_id, figures, float(gap["gap"].iloc[0]))
