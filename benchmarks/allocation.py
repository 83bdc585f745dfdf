"""Solves generated companies of growing size, beside HiGHS on the whole program and simple rules.

Run `make bench-allocation`; with `--large` it goes on to 12 million flows, and with `--periods 4`
companies have four weeks and transfers; `--skus 5000` runs that size alone. Sizes are
SKUs x centres x regions.
"""

import argparse
import multiprocessing
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from allocation_instances import make_instance, order_everywhere
from allocation_rules import RULES

from inventory_allocation.allocation import (
    SolveSettings,
    allocate,
    build_program,
    index_inputs,
    solve_program,
)
from inventory_allocation.allocation.cost import cost_parts

T = TypeVar("T")
Size = tuple[int, int, int]
SIZES: list[Size] = [(200, 10, 20), (1_000, 20, 30), (5_000, 20, 30)]
LARGE: Size = (20_000, 20, 30)
SEEDS = range(20)
# HiGHS on the whole linear program is run up to this many SKUs.
WHOLE_SKUS = 1_000
# The gap asked of several weeks with transfers.
WEEKS_GAP = 0.01
# Goals with a fixed charge for each SKU and centre.
FIXED_CHARGE_GAP, FIXED_CHARGE_SECONDS = 0.005, 120.0


@dataclass(frozen=True)
class Row:
    """What was seen of one size."""

    size: Size
    flows: int
    build: float
    solve: float
    total: float
    gap: float
    peak_mb: float
    route: str


def _measure(size: Size, periods: int) -> Row:
    inputs = make_instance(*size, periods=periods, transfers=periods > 1)
    network = index_inputs(inputs)
    started = time.perf_counter()
    program = build_program(network)
    program.matrix()
    build = time.perf_counter() - started
    flows = len(program.columns["ship"].keys)
    del program, network
    started = time.perf_counter()
    settings = SolveSettings(time_limit=3_600)
    plan = allocate(inputs, settings if periods == 1 else replace(settings, gap=WEEKS_GAP))
    total = time.perf_counter() - started
    if plan.problems:
        raise SystemExit(f"the checker refused the plan: {plan.problems[:3]}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    solution = plan.solution
    return Row(size, flows, build, solution.seconds, total, solution.gap, peak, solution.route)


def _in_process(work: Callable[..., T], *arguments: object) -> T:
    """Run in a process of its own, so that its memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def _time_bounds(size: Size) -> tuple[float, float, float]:
    """Seconds to the bound by columns, of HiGHS on the whole, and how far they are apart."""
    program = build_program(index_inputs(make_instance(*size)))
    by_columns = solve_program(program, SolveSettings(route="column_generation"))
    whole = solve_program(program, SolveSettings(route="mip", time_limit=3_600))
    apart = (whole.objective - by_columns.lower_bound) / whole.objective
    return by_columns.seconds, whole.seconds, apart


def _order(size: Size) -> tuple[int, float, float]:
    """Fixed charges, seconds and gap, where each SKU may be ordered at each centre."""
    inputs = order_everywhere(make_instance(*size))
    started = time.perf_counter()
    plan = allocate(inputs, SolveSettings(gap=FIXED_CHARGE_GAP, time_limit=FIXED_CHARGE_SECONDS))
    if plan.problems:
        raise SystemExit(f"the checker refused the plan: {plan.problems[:3]}")
    return len(inputs.suppliers), time.perf_counter() - started, plan.solution.gap


def _compare(seed: int) -> dict[str, float]:
    """Bound over cost of the plan and of each rule, with the same stock."""
    inputs = make_instance(200, 10, 20, seed=seed)
    network = index_inputs(inputs)
    solution = solve_program(build_program(network), SolveSettings())
    costs = {"this engine": solution.objective}
    for name, rule in RULES.items():
        costs[name] = sum(cost_parts(network, rule(network)).values())
    return {name: solution.lower_bound / cost for name, cost in costs.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also 20,000 SKUs")
    parser.add_argument("--periods", type=int, default=1, help="weeks; past 1 with transfers")
    parser.add_argument("--skus", type=int, help="this size alone, and nothing after it")
    asked = parser.parse_args()
    print(
        f"{'size':>14} {'flows':>11} {'build s':>8} {'solve s':>8} {'total s':>8} "
        f"{'gap %':>7} {'peak MB':>8}  route"
    )
    sizes = [*SIZES, *([LARGE] if asked.large else [])]
    for size in [(asked.skus, *LARGE[1:])] if asked.skus else sizes:
        row = _in_process(_measure, size, asked.periods)
        name = "x".join(str(part) for part in size)
        print(
            f"{name:>14} {row.flows:>11,} {row.build:>8.2f} {row.solve:>8.1f} {row.total:>8.1f} "
            f"{100 * row.gap:>7.3f} {row.peak_mb:>8,.0f}  {row.route}",
            flush=True,
        )
    if asked.periods > 1 or asked.skus:
        return
    for size in [size for size in SIZES if size[0] <= WHOLE_SKUS]:
        columns, whole, apart = _in_process(_time_bounds, size)
        print(
            f"{'x'.join(map(str, size))}: bound by columns {columns:.1f} s, HiGHS on the whole "
            f"linear program {whole:.1f} s, ratio {whole / columns:.1f}, apart {apart:.3%}"
        )
    charges, seconds, gap = _in_process(_order, SIZES[1])
    print(f"{charges:,} orders with a fixed cost: gap {gap:.3%} after {seconds:.1f} s")
    shares = [_compare(seed) for seed in SEEDS]
    for name in shares[0]:
        values = np.array([share[name] for share in shares])
        print(f"bound / cost, {name:<16} mean {values.mean():.3%}  least {values.min():.3%}")


if __name__ == "__main__":
    main()
