"""The best whole plan of each SKU at given prices of what SKUs share."""

import time
from concurrent.futures import ThreadPoolExecutor

import highspy
import numpy as np

from inventory_allocation.allocation.program import Floats, Ints, Program
from inventory_allocation.allocation.solving.blocks import (
    Split,
    gather,
    sku_of_columns,
    sku_of_rows,
)
from inventory_allocation.allocation.solving.highs import new_highs, pass_model

__all__ = ["plan_whole_skus"]

# How far each SKU is searched: nodes, so that a plan can be repeated; where time is short, seconds.
GAP, NODES, LEAST_SECONDS = 1e-2, 100, 0.05
WHOLE_TOLERANCE = 1e-6


def plan_whole_skus(
    program: Program,
    split: Split,
    prices: Floats,
    relaxed: Floats,
    threads: int,
    deadline: float,
    *,
    is_near: bool,
) -> tuple[Floats, float]:
    """Plan each SKU on its own with its integers whole.

    In the relaxation a tenth of an order pays a tenth of its fixed cost, so rounding it says
    little. A SKU by itself is small enough to be solved with whole orders (integer pricing of a
    Lagrangian relaxation; Geoffrion, Lagrangean relaxation for integer programming, Mathematical
    Programming Study 2, 1974).

    Args:
        program: The program.
        split: Its parts.
        prices: Of the linking rows.
        relaxed: Values with integers in parts, for SKUs without a plan in time.
        threads: SKUs planned beside each other.
        deadline: When to be done, by `time.perf_counter`.
        is_near: Whether no more packs move than in the relaxation, rounded up: at prices alone
            all SKUs would move at the same time. What they cost is no bound then.

    Returns:
        Values of all columns, and what the SKUs cost at the prices at least.
    """
    by_row = program.matrix().tocsr()
    sku = sku_of_columns(program)
    skus = int(sku.max(initial=-1)) + 1
    columns, rows = gather(sku, skus), gather(sku_of_rows(by_row, sku), skus)
    cost = split.cost - by_row[split.linking].T @ prices
    values = relaxed.copy()
    upper = program.upper.copy()
    if is_near:
        moved = program.columns["transfer"].positions
        upper[moved] = np.ceil(relaxed[moved] - WHOLE_TOLERANCE)
    planned = [number for number in range(skus) if len(columns[number])]

    def plan(position: int) -> tuple[Floats, float]:
        rounds = -(-(len(planned) - position) // threads)
        seconds = max((deadline - time.perf_counter()) / rounds, LEAST_SECONDS)
        number = planned[position]
        return _plan_sku(program, cost, upper, columns[number], rows[number], seconds)

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(plan, range(len(planned))))
    for number, (units, _) in zip(planned, found, strict=True):
        if len(units):
            values[columns[number]] = units
    whole = np.flatnonzero(program.is_integer & (sku >= 0))
    values[whole] = np.floor(values[whole] + WHOLE_TOLERANCE)
    return values, sum(bound for _, bound in found)


def _plan_sku(
    program: Program,
    cost: Floats,
    upper: Floats,
    columns: Ints,
    rows: Ints,
    seconds: float,
) -> tuple[Floats, float]:
    """Values and bound of a SKU; no values where it has no integers, or no plan in time."""
    row_lower, row_upper = program.row_bounds
    whole = np.flatnonzero(program.is_integer[columns]).astype(np.int32)
    highs = new_highs(mip_rel_gap=GAP, mip_max_nodes=NODES, time_limit=seconds)
    block = program.matrix()[:, columns].tocsr()[rows].tocsc()
    pass_model(highs, cost[columns], upper[columns], block, row_lower[rows], row_upper[rows])
    kinds = np.full(len(whole), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
    highs.changeColsIntegrality(len(whole), whole, kinds)
    highs.run()
    info = highs.getInfo()
    if not len(whole):
        return np.zeros(0), float(info.objective_function_value)
    bound = float(info.mip_dual_bound)
    if info.primal_solution_status != 2:
        return np.zeros(0), bound
    units = np.array(highs.getSolution().col_value)
    units[whole] = np.round(units[whole])
    return units, bound
