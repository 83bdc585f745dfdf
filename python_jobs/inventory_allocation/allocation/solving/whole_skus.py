"""The best whole plan of each SKU at given prices of what SKUs share."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from inventory_allocation.allocation.program import Floats, Ints, Program
from inventory_allocation.allocation.solving.blocks import (
    Split,
    gather,
    sku_of_columns,
    sku_of_rows,
)
from inventory_allocation.allocation.solving.highs import new_highs, pass_model

__all__ = ["plan_whole_skus"]

Flags = npt.NDArray[np.bool_]

# How far each SKU is searched: nodes, so that a plan can be repeated; where time is short, seconds.
GAP, NODES, LEAST_SECONDS = 1e-2, 100, 0.01
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
        seconds = (deadline - time.perf_counter()) / rounds
        number = planned[position]
        return _plan_sku(
            program, cost, upper, columns[number], rows[number], max(seconds, LEAST_SECONDS)
        )

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
    # A restart at the root takes as long again, and finds no more.
    highs = new_highs(mip_rel_gap=GAP, mip_max_nodes=NODES, mip_allow_restart=False)
    block = program.matrix()[:, columns].tocsr()[rows].tocsc()
    pass_model(highs, cost[columns], upper[columns], block, row_lower[rows], row_upper[rows])
    if not len(whole):
        highs.run()
        return np.zeros(0), float(highs.getInfo().objective_function_value)
    most = upper[columns][whole]
    start = _dive(highs, whole, most, *_mark(program, columns[whole], "order_placed", "order"))
    highs.changeColsBounds(len(whole), whole, np.zeros(len(whole)), most)
    kinds = np.full(len(whole), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
    highs.changeColsIntegrality(len(whole), whole, kinds)
    if start is not None:
        highs.setSolution(start)
    highs.setOptionValue("time_limit", seconds)
    highs.run()
    info = highs.getInfo()
    bound = float(info.mip_dual_bound)
    if info.primal_solution_status != 2:
        return np.zeros(0), bound
    units = np.array(highs.getSolution().col_value)
    units[whole] = np.round(units[whole])
    return units, bound


def _mark(program: Program, columns: Ints, *blocks: str) -> list[Flags]:
    """Which columns are of each of these blocks."""
    return [np.isin(columns, program.columns[block].positions) for block in blocks]


def _dive(
    highs: Any,
    whole: npt.NDArray[np.int32],
    most: Floats,
    is_placed: Flags,
    is_order: Flags,
) -> Any:
    """A plan to start from: the order nearest to whole is placed, flows follow, and so on.

    Then each order that the plan costs less without is dropped.

    Args:
        highs: The SKU's program, integers in parts.
        whole: Its columns that are to be whole.
        most: Upper bound of each of them.
        is_placed: Which of them say that an order is placed.
        is_order: Which of them say how large it is.

    Returns:
        A solution for HiGHS; none where orders can't be rounded up and packs down.
    """
    placed = whole[is_placed]
    highs.run()
    for _ in placed:
        share = np.array(highs.getSolution().col_value)[placed]
        share[share > 1 - WHOLE_TOLERANCE] = 0.0
        if share.max() < WHOLE_TOLERANCE:
            break
        highs.changeColBounds(int(placed[share.argmax()]), 1.0, 1.0)
        highs.run()
    _drop_orders(highs, placed)
    values = np.array(highs.getSolution().col_value)[whole]
    up, down = np.ceil(values - WHOLE_TOLERANCE), np.floor(values + WHOLE_TOLERANCE)
    units = np.minimum(np.where(is_placed | is_order, up, down), most)
    highs.changeColsBounds(len(whole), whole, units, units)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    start = highspy.HighsSolution()
    start.col_value = list(highs.getSolution().col_value)
    return start


def _drop_orders(highs: Any, placed: npt.NDArray[np.int32]) -> None:
    """Hold each order as placed or not, without those that cost more than they save."""
    is_placed = np.array(highs.getSolution().col_value)[placed] > WHOLE_TOLERANCE
    held = is_placed.astype("float64")
    highs.changeColsBounds(len(placed), placed, held, held)
    highs.run()
    cost = highs.getInfo().objective_function_value
    for column in placed[is_placed]:
        highs.changeColBounds(int(column), 0.0, 0.0)
        highs.run()
        without = highs.getInfo().objective_function_value
        is_better = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal and without < cost
        cost = without if is_better else cost
        if not is_better:
            highs.changeColBounds(int(column), 1.0, 1.0)
    highs.run()
