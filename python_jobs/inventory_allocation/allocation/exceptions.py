"""plan_exceptions: what a planner should look at."""

import pandas as pd

from inventory_allocation.allocation.cost import price_shipments
from inventory_allocation.allocation.inputs import AllocationInputs, Network
from inventory_allocation.allocation.overrides import VERDICTS, overridden_units
from inventory_allocation.allocation.plan import Flows
from inventory_allocation.allocation.stock_targets import shortfall_steps

__all__ = ["describe_price_order", "list_missed", "table_exceptions"]

COLUMNS = ["severity", "rule", "entity", "value", "threshold", "suggested_action"]
MIN_UNMET_UNITS = 1.0
MISSED_UNITS = 1e-4
Rows = list[tuple[str, str, str, float | None, float | None, str]]


def _network_rows(inputs: AllocationInputs, network: Network) -> Rows:
    rows: Rows = []
    for region in sorted(set(range(len(network.regions))) - set(network.lanes["region"])):
        action = "add a lane to the region, or coordinates of both ends when table lanes is empty"
        rows.append(("error", "region_without_lane", network.regions[region], 0.0, 1.0, action))
    # The network leaves out lanes to regions without demand; those count here.
    for fc in sorted(set(network.fcs) - set(inputs.lanes["fc_id"].astype(str))):
        action = "add a lane from the centre, or remove the centre"
        rows.append(("warning", "centre_without_lane", fc, 0.0, 1.0, action))
    prices = network.parameters
    late = float(prices["late_cost_per_unit"])
    service = float(prices["service_shortfall_cost_per_unit"])
    cheapest = float(network.demand["unmet_cost"].min())
    if not late < service:
        action = "set var late_cost_per_unit below service_shortfall_cost_per_unit"
        rows.append(("warning", "penalty_order", "late before service", late, service, action))
    if cheapest <= 0:
        action = "give prices or unmet costs: some demand costs nothing when it is not served"
        rows.append(("warning", "penalty_order", "unmet demand is free", cheapest, 0.0, action))
    return rows


def _demand_rows(demand: pd.DataFrame) -> Rows:
    rows: Rows = []
    lost = demand[demand["unmet_units"] > 0].assign(fix=lambda frame: frame["fix"].fillna(""))
    by_sku = lost.groupby("sku").agg(
        units=("unmet_units", "sum"), cost=("unmet_cost", "sum"), fix=("fix", "max")
    )
    for sku, row in by_sku[by_sku["units"] >= MIN_UNMET_UNITS].iterrows():
        rows.append(
            ("warning", "unmet_demand", str(sku), row["units"], MIN_UNMET_UNITS, row["fix"])
        )
    return rows


def _constraint_rows(constraints: pd.DataFrame) -> Rows:
    rows: Rows = []
    capacity = constraints[constraints["constraint_type"].str.endswith("capacity")]
    binding = capacity[capacity["shadow_price"] > 0]
    for (kind, key), part in binding.groupby(["constraint_type", "constraint_key"]):
        one = "m3" if part["unit"].eq("m3").all() else "unit"
        action = (
            f"binding in {len(part)} periods: one {one} more saves up to "
            f"{part['shadow_price'].max():.2f}"
        )
        used = float(part["used_quantity"].max())
        limit = float(part["limit_quantity"].max())
        rows.append(("warning", f"{kind}_binding", str(key), used, limit, action))
    for kind in ("service_target", "sla_target"):
        missed = constraints[
            (constraints["constraint_type"] == kind) & (constraints["slack_quantity"] < -1e-6)
        ]
        for key, part in missed.groupby("constraint_key"):
            action = "see the binding reasons in plan_demand, or lower the target"
            used, limit = float(part["used_quantity"].sum()), float(part["limit_quantity"].sum())
            rows.append(("warning", f"{kind}_missed", str(key), used, limit, action))
    return rows


def describe_price_order(network: Network) -> str:
    """What a plan gives up first where not all can be had, with the prices of a unit."""
    prices = network.parameters
    unmet = network.demand["unmet_cost"]
    missing = network.stock_targets["price"]
    steps = shortfall_steps(str(prices["stock_target_mode"]))[:, 1]
    least, most = missing.min() * steps.min(), missing.max() * steps.max()
    parts = [
        ("stock target", float(least), f" to {most:,.2f}" if most > least else ""),
        ("arrival within the SLA", float(prices["late_cost_per_unit"]), ""),
        ("service target", float(prices["service_shortfall_cost_per_unit"]), ""),
        ("serving demand", float(unmet.min()), f" to {unmet.max():,.2f}"),
        ("override", float(prices["override_cost_per_unit"]), ""),
    ]
    if float(prices["change_cost_per_unit"]) > 0:
        parts.append(("plan in force", float(prices["change_cost_per_unit"]), ""))
    if missing.empty:
        parts = parts[1:]
    order = sorted(parts, key=lambda part: part[1])
    return ", ".join(f"{name} {price:,.2f}{upto}" for name, price, upto in order)


def list_missed(network: Network, flows: Flows) -> pd.DataFrame:
    """Overrides that the plan is off, with the units that it moves and those that it misses."""
    ship = price_shipments(network, flows.ship)
    kept = overridden_units(network.overrides, ship, flows.transfer)
    return kept[kept["missed_units"] > MISSED_UNITS]


def _override_rows(network: Network, missed: pd.DataFrame, conflicts: dict[str, str]) -> Rows:
    rows: Rows = []
    refused = network.overrides[network.overrides["verdict"] != "planned"]
    for override, verdict in zip(refused["override_id"], refused["verdict"], strict=True):
        rows.append(
            ("warning", "override_not_planned", override, None, None, VERDICTS[str(verdict)])
        )
    for _, row in missed.iterrows():
        asked = row["lower"] if row["units"] < row["lower"] else row["upper"]
        action = "whole packs, or what all SKUs share, don't allow it: see plan_constraints"
        if row["override_id"] in conflicts:
            action = f"can't hold together with: {conflicts[row['override_id']]}"
        rows.append(("warning", "override_missed", row["override_id"], row["units"], asked, action))
    return rows


def table_exceptions(
    inputs: AllocationInputs,
    network: Network,
    missed: pd.DataFrame,
    conflicts: dict[str, str],
    demand: pd.DataFrame,
    constraints: pd.DataFrame,
) -> pd.DataFrame:
    """Collect the exceptions of a plan, sorted by severity, rule and entity.

    Args:
        inputs: What the plan was made from.
        network: The same in numbers.
        missed: From `list_missed`.
        conflicts: By override_id, the limits that contradict it; from `find_conflicts`.
        demand: Table plan_demand.
        constraints: Table plan_constraints.
    """
    rows = _network_rows(inputs, network) + _demand_rows(demand) + _constraint_rows(constraints)
    rows += _override_rows(network, missed, conflicts)
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"value": "float64", "threshold": "float64"})
    order = {"error": 0, "warning": 1, "info": 2}
    frame = frame.sort_values(
        ["severity", "rule", "entity"],
        key=lambda column: column.map(order) if column.name == "severity" else column,
    )
    return frame.reset_index(drop=True)
