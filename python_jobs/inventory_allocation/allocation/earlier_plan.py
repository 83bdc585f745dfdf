"""What an earlier plan says of the next one: whole decisions and prices to start from."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from inventory_allocation.allocation.constraint_report import describe_rows
from inventory_allocation.allocation.constraints.planned_flows import match_columns
from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.plan_in_force import index_plan_in_force
from inventory_allocation.allocation.program import Floats, Program
from inventory_allocation.allocation.solving import LIMITS, Start

__all__ = ["EarlierPlan", "start_from"]


@dataclass(frozen=True)
class EarlierPlan:
    """Tables of a plan that was made before.

    Attributes:
        run_id: Its run.
        transfers: from_fc_id, to_fc_id, sku, period_start, units.
        orders: supplier_id, fc_id, sku, period_start, units.
        constraints: constraint_type, constraint_key, period_start, shadow_price.
        unused_centers: Ids of centres that it leaves closed.
    """

    run_id: str
    transfers: pd.DataFrame
    orders: pd.DataFrame
    constraints: pd.DataFrame
    unused_centers: list[str]


def start_from(program: Program, network: Network, plan: EarlierPlan) -> Start:
    """Look up what an earlier plan moves and orders, and its prices; what is new has none."""
    rows = pd.concat(
        [
            plan.transfers.rename(columns={"from_fc_id": "fc_id"}).assign(kind="transfer"),
            plan.orders.assign(kind="order"),
        ],
        ignore_index=True,
    ).reindex(columns=["kind", "fc_id", "to_fc_id", "region_id", "supplier_id", "sku", "units"])
    starts = pd.concat([plan.transfers["period_start"], plan.orders["period_start"]])
    index = pd.Index(network.period_starts).get_indexer(pd.DatetimeIndex(starts))
    rows = rows.assign(period_index=index)[index >= 0]
    flows = index_plan_in_force(
        rows,
        network.fcs,
        network.regions,
        network.skus,
        network.transfer_lanes,
        network.suppliers,
    )
    values = np.zeros(len(program.cost))
    row, column, size = match_columns(program, network, flows)
    values[column] = np.round(flows["units"].to_numpy()[row] / size)
    placed = program.columns["order_placed"]
    ordered = values[program.columns["order"].positions][placed.keys["order"].to_numpy(dtype=int)]
    values[placed.positions] = ordered > 0
    if "center_open" in program.columns:
        opened = program.columns["center_open"]
        closed = [network.fcs.index(fc) for fc in plan.unused_centers if fc in network.fcs]
        values[opened.positions] = ~opened.keys["fc"].isin(closed)
    return Start(plan.run_id, values, _look_up_prices(program, network, plan.constraints))


def _look_up_prices(program: Program, network: Network, constraints: pd.DataFrame) -> Floats:
    """Price of each row, as `plan_constraints` has it, 0 where it has none."""
    prices = np.zeros(len(program.row_bounds[0]))
    dear = constraints[constraints["shadow_price"] > 0]
    known = dict(
        zip(
            zip(
                dear["constraint_type"],
                dear["constraint_key"],
                pd.DatetimeIndex(dear["period_start"]),
                strict=True,
            ),
            dear["shadow_price"],
            strict=True,
        )
    )
    for name in LIMITS:
        # Stock is the SKU's own: what SKUs share is all that has to be known.
        if name == "stock_balance":
            continue
        block = program.rows[name]
        sign = 1.0 if name.endswith("target") else -1.0
        described = describe_rows(name, block.keys, network)
        for at, (key, _), period in zip(
            block.positions, described, block.keys["period"], strict=True
        ):
            prices[at] = sign * known.get((name, key, network.period_starts[period]), 0.0)
    return prices
