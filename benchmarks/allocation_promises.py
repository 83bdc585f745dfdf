"""Whether prices predict, plans are stable, and trucks are filled better than by one program.

Run `make bench-allocation`, or this file; `--seconds` is the time for each truck company, twice.
"""

import argparse
import logging
import time
from dataclasses import replace

import numpy as np
import pandas as pd
from allocation_instances import make_instance

from inventory_allocation.allocation import (
    AllocationInputs,
    Plan,
    SolveSettings,
    allocate,
    build_program,
    index_inputs,
    solve_program,
)
from inventory_allocation.allocation.program import Program
from inventory_allocation.allocation.solving.whole import WholeProgram
from inventory_allocation.errors import InventoryAllocationError

STEP = 0.01
TOLERANCE = 0.05
FLOW = ["fc_id", "region_id", "sku"]


def _with_bound(program: Program, row: int, more: float) -> Program:
    """The program with more of an upper limit, or less asked by a target."""
    lower, upper = (bound.copy() for bound in program.row_bounds)
    if np.isfinite(upper[row]):
        upper[row] += more
    else:
        lower[row] -= more
    return replace(program, _row_lowers=[lower], _row_uppers=[upper])


def predict(seed: int) -> tuple[int, int]:
    """Of the dearest limits, how many re-solves save what the price says, and of how many."""
    program = build_program(index_inputs(make_instance(200, 10, 20, seed=seed)))
    solution = solve_program(program, SolveSettings(gap=0.0))
    right = 0
    for row, saving in solution.savings.items():
        again = solve_program(
            _with_bound(program, row, saving.step), SolveSettings(gap=0.0), is_explained=False
        )
        saved = solution.objective - again.objective
        right += abs(saving.price * saving.step - saved) <= TOLERANCE * max(saved, 1e-9)
    return right, len(solution.savings)


def _flows(plan: Plan) -> "pd.Series[float]":
    return plan.tables["plan_shipments"].groupby(FLOW)["units"].sum()


def replan(seed: int, price: float) -> tuple[float, float]:
    """Share of units that move after demand changed by 1 %, and what keeping the rest costs."""
    inputs = make_instance(200, 10, 20, seed=seed)
    settings = SolveSettings(gap=0.0)
    before = _flows(allocate(inputs, settings))
    rng = np.random.default_rng(seed)
    units = inputs.demand["demand_units"] * (1 + rng.normal(0, 0.01, len(inputs.demand)))
    changed = replace(inputs, demand=inputs.demand.assign(demand_units=units))
    free = allocate(changed, settings)
    in_force = before.reset_index().assign(
        kind="shipment", to_fc_id=None, supplier_id=None, period_index=0
    )
    priced = replace(
        changed,
        plan_in_force=in_force[["kind", *FLOW, "to_fc_id", "supplier_id", "period_index", "units"]],
        parameters=inputs.parameters.assign(change_cost_per_unit=price),
    )
    plan = allocate(priced, settings)
    both = pd.concat([before, _flows(plan)], axis=1, keys=["before", "after"]).fillna(0.0)
    moved = (both["before"] - both["after"]).clip(lower=0).sum() / both["before"].sum()
    kpis = plan.tables["plan_kpis"].set_index("metric")["value"]
    cost = plan.solution.objective - float(kpis["cost_plan_change"])
    return float(moved), cost / free.solution.objective - 1


def _solve_as_one(inputs: AllocationInputs, seconds: float) -> float:
    """Cost of the plan that HiGHS finds for the program as one, infinite for none."""
    program = build_program(index_inputs(inputs))
    solver = WholeProgram(program, SolveSettings(time_limit=seconds))
    solver.make_whole(solver.integers)
    try:
        solver.run("mixed-integer program", 0.0, 1.0)
    except InventoryAllocationError:
        return float("inf")
    return solver.objective


def fill_trucks(seed: int, seconds: float) -> tuple[float, float, float]:
    """Cost of this engine's plan, of HiGHS's in the same time, and the bound."""
    inputs = make_instance(60, 6, 12, periods=3, transfers=True, seed=seed)
    started = time.perf_counter()
    plan = allocate(inputs, SolveSettings(gap=0.0, time_limit=seconds))
    if plan.problems:
        raise SystemExit(f"the checker refused the plan: {plan.problems[:3]}")
    whole = _solve_as_one(inputs, time.perf_counter() - started)
    return plan.solution.objective, whole, plan.solution.lower_bound


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="for each truck company")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    counts = np.array([predict(seed) for seed in range(5)])
    right, tried = counts.sum(axis=0)
    print(f"1 % more of the dearest limits saves what the price says: {right} of {tried}")
    for price in (0.0, 0.05, 0.2):
        moved, dearer = np.array([replan(seed, price) for seed in range(5)]).T
        print(
            f"demand 1 % other, a price of {price} on changes: {moved.mean():.2%} of units move "
            f"(most {moved.max():.2%}), {dearer.mean():.4%} dearer (most {dearer.max():.4%})"
        )
    better = []
    for seed in range(10):
        ours, whole, bound = fill_trucks(seed, asked.seconds)
        better.append(ours < whole)
        print(
            f"trucks and packs, 60x6x12, 3 weeks, seed {seed}: {ours:,.0f}, as one program "
            f"{whole:,.0f}, bound {bound:,.0f}, gap {(ours - bound) / ours:.3%}",
            flush=True,
        )
    print(f"cheaper than as one program in the same time: {sum(better)} of {len(better)}")
    started = time.perf_counter()
    plan = allocate(
        make_instance(1_000, 20, 10, periods=2, transfers=True), SolveSettings(time_limit=120)
    )
    print(
        f"trucks and packs, 1,000x20x10, 2 weeks: gap {plan.solution.gap:.3%} after "
        f"{plan.solution.seconds:.0f} s of 120, {time.perf_counter() - started:.0f} s in all"
    )


if __name__ == "__main__":
    main()
