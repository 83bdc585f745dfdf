"""An earlier plan, read from the warehouse for the next one to start from."""

import json

import pandas as pd

from inventory_allocation.allocation import EarlierPlan
from inventory_allocation.frames import to_pandas
from inventory_allocation.warehouse import DbtProject, Warehouse

__all__ = ["read_earlier_plan", "read_start"]


def _query(
    project: DbtProject, warehouse: Warehouse, table: str, columns: str, run_id: str
) -> pd.DataFrame:
    relation = project.source_node("planning", table).relation_name
    return to_pandas(warehouse.query(f"select {columns} from {relation} where run_id = '{run_id}'"))


def read_earlier_plan(project: DbtProject, warehouse: Warehouse, run_id: str) -> EarlierPlan:
    """Read what the next plan can take over of a run that is there."""

    def query(table: str, columns: str) -> pd.DataFrame:
        return _query(project, warehouse, table, columns, run_id)

    used = query("plan_kpis", "key, value, metric")
    used = used[used["metric"] == "is_in_use"]
    return EarlierPlan(
        run_id=run_id,
        transfers=query("plan_transfers", "from_fc_id, to_fc_id, sku, period_start, units"),
        orders=query("plan_orders", "supplier_id, fc_id, sku, period_start, units"),
        constraints=query(
            "plan_constraints", "constraint_type, constraint_key, period_start, shadow_price"
        ),
        unused_centers=list(used.loc[used["value"] == 0, "key"]),
    )


def read_start(project: DbtProject, warehouse: Warehouse, run_id: str) -> str | None:
    """The run that a run started from, None where it started from none."""
    found = _query(project, warehouse, "plan_runs", "parameters", run_id)
    start: str | None = json.loads(found["parameters"].iloc[0]).get("start_from")
    return start
