"""Transfers and orders decided over demand scenarios, with shipments as the recourse."""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from inventory_allocation.allocation.checker import check_plan
from inventory_allocation.allocation.cost import cost_parts
from inventory_allocation.allocation.demand_scenarios import draw_demand, with_demand
from inventory_allocation.allocation.greedy import plan_greedily
from inventory_allocation.allocation.inputs import COLUMNS, AllocationInputs, Network
from inventory_allocation.allocation.model import build_program
from inventory_allocation.allocation.plan import Flows, place_shipments, read_flows
from inventory_allocation.allocation.program import Floats, Program
from inventory_allocation.allocation.scenario_program import combine_programs
from inventory_allocation.allocation.solving import (
    Solution,
    SolveSettings,
    fit_plan,
    solve_program,
)
from inventory_allocation.allocation.tables import table_flows

__all__ = ["Outcome", "check_outcomes", "decide_beforehand", "draw_networks", "table_expectations"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What a plan comes to in one scenario.

    Attributes:
        network: The network with its demand.
        flows: What is moved, shipments by its own demand.
        cost: What that costs, decisions made beforehand included.
    """

    network: Network
    flows: Flows
    cost: float


def draw_networks(network: Network, seed: int) -> tuple[Network, list[Network]]:
    """The network with other demand, by scenario; and itself, aware of the most of each line."""
    count = int(network.parameters["demand_scenarios"])
    correlation = float(network.parameters["scenario_correlation"])
    logger.info("%d demand scenarios, correlation %g within a SKU", count, correlation)
    drawn = draw_demand(network, count, correlation, seed)
    expected = network.segments["units"].to_numpy()
    most = np.maximum(drawn.max(axis=0), expected)
    return (
        with_demand(network, expected, most),
        [with_demand(network, units, most) for units in drawn],
    )


def decide_beforehand(
    networks: list[Network], settings: SolveSettings
) -> tuple[Solution, Floats, list[Outcome]]:
    """Decide transfers, orders and open centres so that the expected cost is least.

    Two stages, by the sample average: each scenario has the program of docs/model.md with its
    own demand, shipments and stock, and all of them share what is decided beforehand (Birge and
    Louveaux, Introduction to Stochastic Programming, 2nd ed., chapter 2).

    Args:
        networks: From `draw_networks`.
        settings: How to solve.

    Returns:
        The solution of all scenarios as one program: its objective is the expected cost; what is
        decided beforehand, by integer column of the network's own program; and by scenario what
        comes of it.
    """
    programs: list[Program] = [build_program(one) for one in networks]
    combined, columns = combine_programs(programs)

    def ship_greedily() -> Floats:
        """Each scenario shipped greedily, with nothing else decided beforehand."""
        values = np.zeros(len(combined.cost))
        for one, program, positions in zip(networks, programs, columns, strict=True):
            placed = place_shipments(program, one, plan_greedily(one))
            # Centres open where any scenario ships from them.
            values[positions] = np.maximum(values[positions], fit_plan(program, placed))
        return values

    solution = solve_program(combined, settings, ship_greedily, is_explained=False)
    outcomes = []
    for one, program, positions in zip(networks, programs, columns, strict=True):
        flows = read_flows(program, one, solution.values[positions])
        outcomes.append(Outcome(one, flows, sum(cost_parts(one, flows).values())))
    decided = solution.values[columns[0]][programs[0].is_integer]
    return solution, np.round(decided), outcomes


def check_outcomes(inputs: AllocationInputs, outcomes: list[Outcome]) -> list[str]:
    """Have the independent checker look at what the plan comes to in each scenario.

    Returns:
        What is wrong, with the number of the scenario.
    """
    problems = []
    for number, outcome in enumerate(outcomes):
        network = outcome.network
        lines = network.segments
        names = {
            "region_id": np.array(network.regions, dtype=object)[lines["region"]],
            "segment": lines["segment"].to_numpy(),
            "sku": np.array(network.skus, dtype=object)[lines["sku"]],
            "period_index": lines["period"].to_numpy(),
        }
        units = pd.DataFrame({**names, "scenario_units": lines["units"].to_numpy()})
        demand = inputs.demand.merge(units, on=list(names), how="left")
        demand["demand_units"] = demand["scenario_units"].fillna(0.0)
        tables = table_flows(network, outcome.flows)
        found = check_plan(inputs, tables, outcome.cost, demand[COLUMNS["demand"]])
        problems += [f"demand scenario {number + 1}: {words}" for words in found]
    return problems


def table_expectations(outcomes: list[Outcome]) -> pd.DataFrame:
    """Figures over the scenarios: expected cost, its spread, fill rate in all and by segment.

    Returns:
        metric, level, key, value.
    """
    costs = np.array([outcome.cost for outcome in outcomes])
    rows: list[tuple[str, str, str, float]] = [
        ("expected_cost", "total", "total", float(costs.mean())),
        ("expected_cost_p95", "total", "total", float(np.quantile(costs, 0.95))),
    ]
    parts = []
    for outcome in outcomes:
        wanted = outcome.network.demand["units"]
        shipped = outcome.flows.ship.groupby("demand_row")["units"].sum().reindex(wanted.index)
        got = (shipped.fillna(0.0) / wanted.where(wanted > 0)).fillna(0.0)
        lines = outcome.network.segments
        parts.append(
            lines.assign(served=lines["units"] * got.to_numpy()[lines["row"]])[
                ["segment", "units", "served"]
            ]
        )
    every = pd.concat(parts, ignore_index=True)
    total = float(every["served"].sum() / max(every["units"].sum(), 1e-12))
    rows.append(("expected_fill_rate", "total", "total", total))
    for segment, row in every.groupby("segment")[["units", "served"]].sum().iterrows():
        share = float(row["served"] / max(row["units"], 1e-12))
        rows.append(("expected_fill_rate", "segment", str(segment), share))
    return pd.DataFrame(rows, columns=["metric", "level", "key", "value"])
