"""The life of a plan: a draft until it is approved, in force, superseded, in force again, removed.

What happens to a run is a row in `planning.plan_events`; nothing is ever changed there. The model
`int_allocation__state_runs` says what that makes of each run.
"""

from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa

from inventory_allocation.errors import InputError
from inventory_allocation.frames import to_arrow, to_pandas
from inventory_allocation.jobs.events import find_user, next_moment
from inventory_allocation.warehouse import DbtProject, Warehouse

__all__ = [
    "approve_run",
    "event_rows",
    "find_run",
    "read_states",
    "record_event",
    "remove_old_runs",
    "roll_back",
]

STATES = "int_allocation__state_runs"
WITHOUT_PLAN = ("failed", "removed")


def event_rows(
    project: DbtProject, warehouse: Warehouse, run_id: str, event: str, note: str | None = None
) -> pd.DataFrame:
    """A row of plan_events: what happens to a run now, by who runs this."""
    return pd.DataFrame(
        {
            "run_id": [run_id],
            "event": [event],
            "note": [note],
            "created_by": [find_user()],
            "loaded_at": [next_moment(project, warehouse, "planning", "plan_events")],
        }
    )


def _events_table(project: DbtProject) -> tuple[str, pa.Schema]:
    relation = str(project.source_node("planning", "plan_events").relation_name)
    return relation, project.source_schema("planning", "plan_events")


def record_event(
    project: DbtProject, warehouse: Warehouse, run_id: str, event: str, note: str | None = None
) -> None:
    """Write what happens to a run."""
    relation, schema = _events_table(project)
    rows = event_rows(project, warehouse, run_id, event, note)
    warehouse.append(relation, to_arrow(rows, schema))


def read_states(project: DbtProject, warehouse: Warehouse) -> pd.DataFrame:
    """Every run with its state, as it is now, newest first; columns as `rpt_plan_runs`."""
    states = to_pandas(warehouse.query(f"select * from {project.model_relation(STATES)}"))
    return states.sort_values(["loaded_at", "run_id"], ascending=[False, True], ignore_index=True)


def find_run(states: pd.DataFrame, run_id: str) -> "pd.Series[str]":
    """The run of an id, or of the beginning of one.

    Raises:
        InputError: No run, or more than one, begins so.
    """
    found = states[states["run_id"].str.startswith(run_id)]
    exact = found[found["run_id"] == run_id]
    if len(exact) == 1:
        found = exact
    if len(found) != 1:
        some = "several runs begin" if len(found) else "no run begins"
        raise InputError(f"{some} with {run_id}: `inventory-allocation runs` lists them")
    return found.iloc[0]


def _require_plan(run: "pd.Series[str]") -> None:
    if run["state"] in WITHOUT_PLAN:
        raise InputError(f"run {run['run_id']} has no plan: it is {run['state']}")
    if run["state"] == "scenario":
        raise InputError(
            f"run {run['run_id']} is a what-if, made from changed inputs: change the inputs "
            "themselves and `inventory-allocation allocate`"
        )


def approve_run(
    project: DbtProject, warehouse: Warehouse, run_id: str, note: str | None = None
) -> tuple[str, bool]:
    """Put a draft in force.

    Returns:
        Its whole run id, and False where it was in force already.

    Raises:
        InputError: There is no such run, it has no plan, is a what-if, or was in force before.
    """
    run = find_run(read_states(project, warehouse), run_id)
    _require_plan(run)
    if run["state"] == "superseded":
        raise InputError(
            f"plan {run['run_id']} was in force before: `inventory-allocation rollback "
            f"{run['run_id']}` puts it in force again"
        )
    if run["state"] == "in_force":
        return run["run_id"], False
    record_event(project, warehouse, run["run_id"], "approved", note)
    return run["run_id"], True


def roll_back(
    project: DbtProject, warehouse: Warehouse, run_id: str | None = None, note: str | None = None
) -> str:
    """Put a plan in force again that was so before; by default the one before the present.

    Raises:
        InputError: There is no such plan, or it was never in force.
    """
    states = read_states(project, warehouse)
    if run_id is None:
        before = states[states["state"] == "superseded"].sort_values("approved_at")
        if before.empty:
            raise InputError("no plan was in force before this one")
        run = before.iloc[-1]
    else:
        run = find_run(states, run_id)
        _require_plan(run)
        if run["state"] == "in_force":
            raise InputError(f"plan {run['run_id']} is in force")
        if run["state"] == "draft":
            raise InputError(
                f"plan {run['run_id']} was never in force: `inventory-allocation approve "
                f"{run['run_id']}` puts it so"
            )
    record_event(project, warehouse, run["run_id"], "rolled_back", note)
    return str(run["run_id"])


def remove_old_runs(project: DbtProject, warehouse: Warehouse) -> list[str]:
    """Remove plans and what-ifs older than var plan_retention_days; their events stay.

    The plan in force and the one before it are kept whatever their age.
    """
    days = project.model_meta(STATES)["plan_retention_days"]
    if days is None:
        return []
    states = read_states(project, warehouse)
    superseded = states[states["state"] == "superseded"].sort_values("approved_at")
    is_kept = states["state"].isin(["in_force", *WITHOUT_PLAN]) | states["run_id"].isin(
        superseded["run_id"].tail(1)
    )
    now = datetime.now(UTC).replace(tzinfo=None)
    is_old = states["loaded_at"] < now - pd.Timedelta(days=float(days))
    old = states.loc[is_old & ~is_kept, "run_id"].to_list()
    if not old:
        return []
    for run_id in old:
        record_event(project, warehouse, run_id, "removed", f"older than {days} days")
    names = set(project.source_tables("planning")) - {"plan_events", "plan_runs"}
    # The run itself last: a removal that is cut short is done again.
    tables = [*sorted(names), "plan_runs"]
    relations = [str(project.source_node("planning", name).relation_name) for name in tables]
    warehouse.remove_runs(relations, old)
    return old
