"""Transfers and orders of the first periods stay as the plan in force has them, softly."""

import pandas as pd

from inventory_allocation.allocation.constraints.planned_flows import match_columns
from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["FROZEN_PRICE_SHARE", "add_frozen_period"]

# Of what missing an override costs: what a planner decided since is stronger.
FROZEN_PRICE_SHARE = 0.5


def _list_frozen(program: Program, network: Network) -> pd.DataFrame:
    """Flows of the frozen periods that the plan in force covers, those it doesn't have as well."""
    known = network.plan_in_force
    covered = set(known["period"])
    frozen = [t for t in range(int(network.parameters["frozen_periods"])) if t in covered]
    moved = known[(known["kind"] != "shipment") & known["period"].isin(frozen)]
    parts = [moved]
    for kind, key in (("transfer", ["lane", "sku"]), ("order", ["offer", "sku"])):
        keys = program.columns[kind].keys
        others = keys.loc[keys["period"].isin(frozen), [*key, "period"]].astype("int64")
        parts.append(others.assign(kind=kind, units=0.0))
    every = pd.concat([part for part in parts if len(part)] or [moved], ignore_index=True)
    names = ["kind", "lane", "offer", "sku", "period"]
    every = every.reindex(columns=[*names, "units"]).fillna({"lane": -1, "offer": -1})
    # An order's centre tells nothing that its offer doesn't.
    return every.groupby(names)["units"].sum().reset_index()


def add_frozen_period(program: Program, network: Network) -> None:
    """Keep each transfer and order k that starts in the first frozen_periods periods, in units.

    units of k + frozen_missing[k] - frozen_excess[k] = planned[k]
    """
    price = FROZEN_PRICE_SHARE * float(network.parameters["override_cost_per_unit"])
    frozen = _list_frozen(program, network)
    keys, units = frozen.drop(columns="units"), frozen["units"].to_numpy(dtype=float)
    missing = program.add_columns("frozen_missing", keys, price)
    excess = program.add_columns("frozen_excess", keys, price)
    rows = program.add_rows("frozen_period", frozen, units, units)
    program.add_entries(rows.positions, missing.positions, 1.0)
    program.add_entries(rows.positions, excess.positions, -1.0)
    row, column, size = match_columns(program, network, frozen)
    program.add_entries(rows.start + row, column, size)
