"""What-if: a plan from changed inputs, beside the plan in force."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from inventory_allocation.allocation import SolveSettings
from inventory_allocation.allocation.scenario import apply_changes, parse_change
from inventory_allocation.errors import InputError
from inventory_allocation.frames import to_pandas
from inventory_allocation.jobs.allocate import (
    hash_inputs,
    identify_run,
    make_draft,
    publish_draft,
    read_inputs,
)
from inventory_allocation.jobs.earlier_plan import read_earlier_plan
from inventory_allocation.jobs.plan_life import read_states
from inventory_allocation.warehouse import DbtProject, Warehouse

__all__ = ["Comparison", "read_scenario_file", "run_what_if"]

FIGURES = ("cost", "fill_rate", "share_within_sla", "shipping_cost_per_unit", "trucks")


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


def _compare(base: pd.DataFrame, scenario: pd.DataFrame) -> pd.DataFrame:
    totals = [
        frame[frame["level"] == "total"].set_index("metric")["value"] for frame in (base, scenario)
    ]
    table = pd.concat(totals, axis=1, keys=["in_force", "scenario"]).fillna(0.0)
    table = table.assign(change=table["scenario"] - table["in_force"])
    is_cost = table.index.str.startswith("cost_") & (table["change"].abs() > 0.005)
    order = [*FIGURES[:1], *sorted(table.index[is_cost]), *FIGURES[1:]]
    return table.loc[order].rename_axis("figure").reset_index()


def run_what_if(
    project: DbtProject, warehouse: Warehouse, settings: SolveSettings, changes: list[str]
) -> Comparison:
    """Plan from changed inputs and compare with the plan in force, which stays in force.

    The search starts from the plan in force, and the scenario is published as a run of its own with
    status `scenario`. The same changes of the same inputs are planned once.

    Raises:
        InputError: A change can't be read or made, or there is no plan in force.
        InventoryAllocationError: No plan was found, or the checker refused it.
    """
    parsed = [parse_change(text) for text in changes]
    if not parsed:
        raise InputError("nothing is changed: give --set or a file")
    inputs = read_inputs(project, warehouse)
    changed = apply_changes(inputs, parsed)

    def source(name: str) -> str:
        return str(project.source_node("planning", name).relation_name)

    def query(sql: str) -> pd.DataFrame:
        return to_pandas(warehouse.query(sql))

    # Not int_allocation__choose_current_run: it is as old as the last build of the plan marts.
    states = read_states(project, warehouse)
    in_force = states[states["state"] == "in_force"]
    if in_force.empty:
        raise InputError(
            "there is no plan in force: make one with `inventory-allocation allocate --approve`"
        )
    scenario = tuple(change.text for change in parsed)
    base = in_force.iloc[0]
    run_id, input_hash = identify_run(changed, settings, scenario, base["run_id"])
    if not warehouse.has_run(source("plan_runs"), run_id):
        earlier = read_earlier_plan(project, warehouse, base["run_id"])
        draft = make_draft(changed, settings, run_id, input_hash, scenario, earlier)
        publish_draft(project, warehouse, run_id, draft)

    def figures(run: str) -> pd.DataFrame:
        return query(
            f"select metric, level, value from {source('plan_kpis')} where run_id = '{run}'"
        )

    gap = query(f"select gap from {source('plan_runs')} where run_id = '{run_id}'")["gap"].iloc[0]
    return Comparison(
        run_id=run_id,
        base_run_id=str(base["run_id"]),
        figures=_compare(figures(str(base["run_id"])), figures(run_id)),
        gap=float(gap),
        base_gap=float(base["gap"]),
        are_inputs_the_same=hash_inputs(inputs) == base["input_hash"],
    )
