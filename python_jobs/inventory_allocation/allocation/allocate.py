"""Allocate: from the inputs to the checked tables of a plan."""

import logging
from dataclasses import dataclass, replace

import pandas as pd

from inventory_allocation.allocation.checker import check_plan
from inventory_allocation.allocation.conflicts import find_conflicts
from inventory_allocation.allocation.constraint_report import table_constraints
from inventory_allocation.allocation.cost import cost_parts
from inventory_allocation.allocation.earlier_plan import EarlierPlan, start_from
from inventory_allocation.allocation.exceptions import (
    describe_price_order,
    list_missed,
    table_exceptions,
)
from inventory_allocation.allocation.explain import (
    explain_shipments,
    explain_unmet,
    price_options,
)
from inventory_allocation.allocation.greedy import plan_greedily
from inventory_allocation.allocation.inputs import AllocationInputs, Network, index_inputs
from inventory_allocation.allocation.kpis import table_kpis
from inventory_allocation.allocation.model import build_program
from inventory_allocation.allocation.plan import Flows, place_shipments, read_flows
from inventory_allocation.allocation.program import Program
from inventory_allocation.allocation.solving import (
    Solution,
    SolveSettings,
    fit_plan,
    solve_program,
)
from inventory_allocation.allocation.tables import (
    table_demand,
    table_inventory,
    table_orders,
    table_shipments,
    table_transfers,
    table_trucks,
)
from inventory_allocation.allocation.two_stage import (
    Outcome,
    check_outcomes,
    decide_beforehand,
    draw_networks,
    table_expectations,
)

__all__ = ["Plan", "Solved", "allocate", "solve_inputs"]

logger = logging.getLogger(__name__)

KEYS = {
    "plan_shipments": ["fc_id", "region_id", "segment", "sku", "period_start"],
    "plan_transfers": ["from_fc_id", "to_fc_id", "sku", "period_start"],
    "plan_trucks": ["from_fc_id", "to_fc_id", "period_start"],
    "plan_orders": ["supplier_id", "fc_id", "sku", "period_start"],
    "plan_inventory": ["fc_id", "sku", "period_start"],
    "plan_demand": ["region_id", "segment", "sku", "period_start"],
    "plan_constraints": ["constraint_type", "constraint_key", "period_start"],
}


@dataclass(frozen=True)
class Plan:
    """A plan.

    Attributes:
        tables: The `planning` tables by name, without run_id and loaded_at, sorted by key.
        solution: Cost, bound, route and prices.
        greedy_objective: Cost of the nearest-centre greedy plan, which knows no overrides.
        problems: What the checker found; empty for a plan that may be published.
        size: Rows, columns and integer columns of the program.
    """

    tables: dict[str, pd.DataFrame]
    solution: Solution
    greedy_objective: float
    problems: list[str]
    size: tuple[int, int, int]


@dataclass(frozen=True)
class Solved:
    """A program and its solution, not yet in words.

    Attributes:
        network: What was planned for; with demand scenarios, their mean.
        program: The program.
        solution: Its solution.
        greedy: The nearest-centre greedy plan.
        outcomes: What happens in each demand scenario, if there are any.
    """

    network: Network
    program: Program
    solution: Solution
    greedy: Flows
    outcomes: list[Outcome]


def solve_inputs(
    inputs: AllocationInputs,
    settings: SolveSettings,
    earlier: EarlierPlan | None = None,
    *,
    is_explained: bool = True,
) -> Solved:
    """Make a plan and no tables; see `allocate`, and `solve_program` for is_explained."""
    network = index_inputs(inputs)
    logger.info("given up first where not all can be had: %s", describe_price_order(network))
    scenarios: list[Network] = []
    if network.parameters["demand_scenarios"] > 0:
        network, scenarios = draw_networks(network, settings.seed)
    program = build_program(network)
    greedy = plan_greedily(network)
    outcomes: list[Outcome] = []
    if scenarios:
        solution, outcomes = _plan_over_scenarios(scenarios, program, settings)
    else:
        solution = solve_program(
            program,
            settings,
            lambda: fit_plan(program, place_shipments(program, network, greedy)),
            start=start_from(program, network, earlier) if earlier else None,
            is_explained=is_explained,
        )
    return Solved(network, program, solution, greedy, outcomes)


def allocate(
    inputs: AllocationInputs, settings: SolveSettings, earlier: EarlierPlan | None = None
) -> Plan:
    """Make a plan, explain it and check it.

    Args:
        inputs: The frames of the `int_allocation__*` models, rows in any order.
        settings: How to solve.
        earlier: A plan to start the search from; not with demand scenarios.

    Returns:
        The plan. One is always found: where time runs out it is, at worst, the greedy one, and its
        gap says how little is known of it.
    """
    solved = solve_inputs(inputs, settings, earlier)
    network, program, solution = solved.network, solved.program, solved.solution
    greedy, outcomes = solved.greedy, solved.outcomes
    flows = read_flows(program, network, solution.values)
    options = price_options(program, solution)
    unmet = pd.Series(solution.values[program.columns["unmet"].positions])
    tables = {
        "plan_shipments": table_shipments(network, explain_shipments(options, flows.ship)),
        "plan_transfers": table_transfers(network, flows),
        "plan_trucks": table_trucks(network, flows),
        "plan_orders": table_orders(network, flows),
        "plan_inventory": table_inventory(network, flows),
        "plan_demand": table_demand(network, flows, explain_unmet(options, network, unmet)),
        "plan_constraints": table_constraints(program, network, solution),
        "plan_kpis": table_kpis(network, flows, greedy),
    }
    if outcomes:
        both = [tables["plan_kpis"], table_expectations(outcomes)]
        tables["plan_kpis"] = pd.concat(both, ignore_index=True)
    missed = list_missed(network, flows)
    tables["plan_exceptions"] = table_exceptions(
        inputs,
        network,
        missed,
        find_conflicts(program, network, missed),
        tables["plan_demand"],
        tables["plan_constraints"],
    )
    for name, key in KEYS.items():
        tables[name] = tables[name].sort_values(key, ignore_index=True)
    return Plan(
        tables=tables,
        solution=solution,
        greedy_objective=sum(cost_parts(network.without_decisions(), greedy).values()),
        problems=check_plan(inputs, tables, float(program.cost @ solution.values))
        + check_outcomes(inputs, outcomes),
        size=(len(program.row_bounds[0]), len(program.cost), int(program.is_integer.sum())),
    )


def _plan_over_scenarios(
    scenarios: list[Network], program: Program, settings: SolveSettings
) -> tuple[Solution, list[Outcome]]:
    """Decide over demand scenarios what comes beforehand, and ship for the mean of the forecast.

    Objective and bound are those of the expected cost, flows and prices those of the mean.
    """
    first, decided, outcomes = decide_beforehand(scenarios, settings)
    mean = solve_program(program, settings, held=decided)
    solution = replace(
        mean,
        objective=first.objective,
        lower_bound=first.lower_bound,
        route=first.route,
        termination_condition=first.termination_condition,
        seconds=first.seconds + mean.seconds,
    )
    return solution, outcomes
