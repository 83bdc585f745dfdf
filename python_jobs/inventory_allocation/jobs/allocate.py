"""The allocation job: read the inputs, make a plan, check it, publish it."""

import hashlib
import json
import resource
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from inventory_allocation import __version__
from inventory_allocation.allocation import (
    AllocationInputs,
    EarlierPlan,
    Plan,
    SolveSettings,
    allocate,
)
from inventory_allocation.errors import InputError, InventoryAllocationError
from inventory_allocation.frames import to_arrow, to_pandas
from inventory_allocation.jobs.earlier_plan import read_earlier_plan, read_start
from inventory_allocation.jobs.plan_life import (
    approve_run,
    event_rows,
    read_states,
    record_event,
    remove_old_runs,
    roll_back,
)
from inventory_allocation.warehouse import DbtProject, Warehouse

__all__ = [
    "MODELS",
    "Draft",
    "PublishedPlan",
    "describe_plan",
    "drop_refused",
    "hash_inputs",
    "identify_run",
    "make_draft",
    "publish_draft",
    "read_inputs",
    "round_floats",
    "run_allocation",
]

HASHED_DIGITS = 12
MODELS = {
    "parameters": "int_allocation__parameters",
    "periods": "int_allocation__periods",
    "centers": "dim_fulfillment_centers",
    "lanes": "int_allocation__lanes",
    "transfer_lanes": "int_allocation__transfer_lanes",
    "products": "int_allocation__price_products",
    "demand": "int_allocation__demand",
    "stock": "int_allocation__stock",
    "inbound": "int_allocation__inbound",
    "suppliers": "int_allocation__suppliers",
    "cover": "int_allocation__cover",
    "overrides": "int_allocation__check_plan_overrides",
    "plan_in_force": "int_allocation__plan_in_force",
    "sku_pairs": "int_allocation__pair_skus",
}


@dataclass(frozen=True)
class PublishedPlan:
    """A plan that is in the warehouse.

    Attributes:
        run_id: Hash of inputs, configuration and code version.
        plan: The plan; None when the same run was there already.
        is_draft: Whether it waits for someone to approve it.
        removed: Runs that were older than var plan_retention_days.
    """

    run_id: str
    plan: Plan | None
    is_draft: bool = False
    removed: tuple[str, ...] = ()


def round_floats(frame: pd.DataFrame) -> pd.DataFrame:
    """Round floats to the 12 digits that the hash of the inputs sees.

    Warehouses hand over the same decimal as doubles that differ in the last bit, and from there a
    search for whole trucks and packs can end at another plan.
    """
    rounded = frame.copy()
    for column in frame.select_dtypes("float").columns:
        codes, distinct = pd.factorize(frame[column], use_na_sentinel=False)
        values = np.array([float(f"{value:.{HASHED_DIGITS}g}") for value in distinct], dtype=float)
        rounded[column] = values[codes] if len(distinct) else frame[column]
    return rounded


def drop_refused(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Frames of inputs, without the overrides that were refused."""
    overrides = frames["overrides"]
    if "final_rejection_reason" in overrides:
        overrides = overrides[overrides["final_rejection_reason"].isna()]
    return {**frames, "overrides": overrides}


def read_inputs(project: DbtProject, warehouse: Warehouse) -> AllocationInputs:
    """Read the models that the allocation needs; the same rows give the same bits."""
    relations = {name: project.model_relation(model) for name, model in MODELS.items()}
    frames = {
        name: round_floats(to_pandas(rows)) for name, rows in warehouse.read(relations).items()
    }
    return AllocationInputs(**drop_refused(frames))


def hash_inputs(inputs: AllocationInputs) -> str:
    """SHA-256 of the frames, whatever the order of their rows."""
    digest = hashlib.sha256()
    for field in fields(inputs):
        frame = getattr(inputs, field.name)
        ordered = frame[sorted(frame.columns)]
        lines = ordered.to_csv(index=False, float_format=f"%.{HASHED_DIGITS}g").splitlines()
        digest.update(field.name.encode())
        digest.update("\n".join([lines[0], *sorted(lines[1:])]).encode())
    return digest.hexdigest()


def _run_table(
    inputs: AllocationInputs,
    plan: Plan,
    input_hash: str,
    settings: SolveSettings,
    scenario: tuple[str, ...],
    start: str | None,
) -> pd.DataFrame:
    parameters = inputs.parameters.iloc[0]
    solution = plan.solution
    row = {
        "as_of": pd.to_datetime(parameters["as_of"]),
        "horizon_start": pd.to_datetime(parameters["horizon_start"]),
        "horizon_periods": int(parameters["plan_periods"]),
        "period": str(parameters["period"]),
        "status": "scenario" if scenario else "plan",
        "termination_condition": solution.termination_condition,
        "objective": solution.objective,
        "lower_bound": solution.lower_bound,
        "gap": solution.gap,
        "greedy_objective": plan.greedy_objective,
        "solver": solution.solver,
        "route": solution.route,
        "seconds": solution.seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "input_hash": input_hash,
        "parameters": json.dumps(_describe_settings(settings, scenario, start), sort_keys=True),
    }
    return pd.DataFrame([row])


def _describe_settings(
    settings: SolveSettings, scenario: tuple[str, ...], start: str | None
) -> dict[str, object]:
    described: dict[str, object] = asdict(settings)
    # Changes nothing in the plan.
    del described["threads"]
    if scenario:
        described["scenario"] = scenario
    if start is not None:
        described["start_from"] = start
    return described


def identify_run(
    inputs: AllocationInputs,
    settings: SolveSettings,
    scenario: tuple[str, ...] = (),
    start: str | None = None,
) -> tuple[str, str]:
    """Run id, a hash of inputs, settings, run to start from and code version; and of the inputs."""
    input_hash = hash_inputs(inputs)
    described = _describe_settings(settings, scenario, start)
    identity = json.dumps([input_hash, described, __version__], sort_keys=True)
    return hashlib.sha256(identity.encode()).hexdigest()[:16], input_hash


@dataclass(frozen=True)
class Draft:
    """A checked plan that isn't published yet.

    Attributes:
        plan: The plan.
        tables: The `planning` tables by name, with run_id and loaded_at.
    """

    plan: Plan
    tables: dict[str, pd.DataFrame]


def make_draft(
    inputs: AllocationInputs,
    settings: SolveSettings,
    run_id: str,
    input_hash: str,
    scenario: tuple[str, ...] = (),
    earlier: EarlierPlan | None = None,
) -> Draft:
    """Make a plan, or with changes of the inputs a scenario, and check it.

    Args:
        inputs: What to plan from.
        settings: How to solve.
        run_id: From `identify_run`.
        input_hash: The same.
        scenario: Changes of the inputs.
        earlier: A plan to start from.

    Raises:
        InventoryAllocationError: No plan was found, or the checker refused it.
    """
    plan = allocate(inputs, settings, earlier)
    if plan.problems:
        raise InventoryAllocationError(
            "the checker refused the plan, and the plan in force stays: "
            + "; ".join(plan.problems[:3])
        )
    loaded_at = datetime.now(UTC).replace(tzinfo=None)
    start = None if earlier is None else earlier.run_id
    runs = _run_table(inputs, plan, input_hash, settings, scenario, start)
    tables = {"plan_runs": runs, **plan.tables}
    stamped = {
        name: frame.assign(run_id=run_id, loaded_at=loaded_at) for name, frame in tables.items()
    }
    return Draft(plan, stamped)


def publish_draft(project: DbtProject, warehouse: Warehouse, run_id: str, draft: Draft) -> bool:
    """Write the tables of a draft in one transaction; False where the run is there already."""
    rows = {
        str(project.source_node("planning", name).relation_name): to_arrow(
            frame, project.source_schema("planning", name)
        )
        for name, frame in draft.tables.items()
    }
    runs = str(project.source_node("planning", "plan_runs").relation_name)
    return warehouse.publish(runs, run_id, rows)


def _put_in_force(project: DbtProject, warehouse: Warehouse, run_id: str) -> None:
    """Approve a plan that is there, whatever its state."""
    states = read_states(project, warehouse).set_index("run_id")["state"]
    if states[run_id] == "superseded":
        roll_back(project, warehouse, run_id, "planned again from the same inputs")
    else:
        approve_run(project, warehouse, run_id)


def _find_earlier(
    project: DbtProject, warehouse: Warehouse, inputs: AllocationInputs, settings: SolveSettings
) -> tuple[EarlierPlan | None, str | None]:
    """The plan in force, or the run it started from where its inputs are still the same."""
    states = read_states(project, warehouse)
    in_force = states.loc[states["state"] == "in_force", "run_id"]
    if in_force.empty:
        return None, None
    start = read_start(project, warehouse, in_force.iloc[0])
    if identify_run(inputs, settings, start=start)[0] == in_force.iloc[0]:
        return None, start
    return read_earlier_plan(project, warehouse, in_force.iloc[0]), in_force.iloc[0]


def run_allocation(
    project: DbtProject,
    warehouse: Warehouse,
    settings: SolveSettings,
    *,
    approve: bool = False,
    warm_start: bool = False,
) -> PublishedPlan:
    """Make a plan and publish it, in one transaction; then remove plans that are too old.

    The same inputs, settings and code give the same run id, and writing it again changes nothing.

    Args:
        project: The project.
        warehouse: Where its tables are.
        settings: How to solve.
        approve: Put the plan in force, in the same transaction; it stays a draft otherwise.
        warm_start: Start the search from the plan in force, if there is one.

    Raises:
        InputError: A table is missing or wrong.
        InventoryAllocationError: No plan was found, or the checker refused it; nothing is
            written but the failure itself.
    """
    inputs = read_inputs(project, warehouse)
    earlier, start = None, None
    if warm_start:
        earlier, start = _find_earlier(project, warehouse, inputs, settings)
    run_id, input_hash = identify_run(inputs, settings, start=start)
    runs = str(project.source_node("planning", "plan_runs").relation_name)
    plan = None
    if not warehouse.has_run(runs, run_id):
        try:
            draft = make_draft(inputs, settings, run_id, input_hash, earlier=earlier)
        except InputError:
            raise
        except InventoryAllocationError as error:
            record_event(project, warehouse, run_id, "failed", str(error))
            raise
        if approve:
            approval = event_rows(project, warehouse, run_id, "approved")
            draft.tables["plan_events"] = approval
        plan = draft.plan if publish_draft(project, warehouse, run_id, draft) else None
    if approve and plan is None:
        _put_in_force(project, warehouse, run_id)
    removed = remove_old_runs(project, warehouse)
    states = read_states(project, warehouse).set_index("run_id")["state"]
    return PublishedPlan(run_id, plan, states[run_id] == "draft", tuple(removed))


def describe_plan(published: PublishedPlan) -> list[str]:
    """Cost, service, gap and the five constraints that cost most, a line each."""
    end = [f"removed by age: {', '.join(published.removed)}"] if published.removed else []
    if published.is_draft:
        end.append(
            f"it is a draft: `inventory-allocation approve {published.run_id}` puts it in force"
        )
    if published.plan is None:
        return [f"plan {published.run_id} is there already: the inputs have not changed", *end]
    plan = published.plan
    figures = plan.tables["plan_kpis"].query("level == 'total'").set_index("metric")["value"]
    constraints = plan.tables["plan_constraints"]
    worth = constraints["shadow_price"] * constraints["limit_quantity"]
    dearest = constraints.assign(worth=worth)[worth > 0].sort_values(
        ["worth", "constraint_key", "period_start"], ascending=[False, True, True]
    )
    lines = [
        f"plan {published.run_id}: cost {figures['cost']:,.2f} "
        f"(nearest-centre greedy {plan.greedy_objective:,.2f})",
        f"fill rate {figures['fill_rate']:.2%}, within SLA {figures['share_within_sla']:.2%}",
        f"proven gap {plan.solution.gap:.4%}: no plan costs less than "
        f"{plan.solution.lower_bound:,.2f} ({plan.solution.route}, {plan.solution.seconds:.1f} s)",
    ]
    if "expected_cost" in figures:
        lines.append(
            f"over demand scenarios it costs {figures['expected_cost']:,.2f} and fills "
            f"{figures['expected_fill_rate']:.2%}: gap and bound are of that cost"
        )
    if plan.solution.termination_condition != "Optimal":
        lines.append("time ran out: more of it, with --time-limit, may find a better plan")
    lines.append("the five constraints that cost most:")
    lines += [
        f"  {row['period_start']:%Y-%m-%d}: {row['meaning']}"
        for _, row in dearest.head(5).iterrows()
    ]
    return lines + end
