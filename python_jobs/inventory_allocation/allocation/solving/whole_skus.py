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

__all__ = ["WholeSkus"]

Flags = npt.NDArray[np.bool_]

# How far each SKU is searched: nodes, so that a plan can be repeated; where time is short, seconds.
GAP, NODES, LEAST_SECONDS = 1e-2, 100, 0.01
WHOLE_TOLERANCE = 1e-6


class WholeSkus:
    """The SKUs of a program, each by itself, at prices of what they share.

    In the relaxation a tenth of an order pays a tenth of its fixed cost, so rounding it says
    little. A SKU by itself is small enough to be solved with whole orders (integer pricing of a
    Lagrangian relaxation; Geoffrion, Lagrangean relaxation for integer programming, Mathematical
    Programming Study 2, 1974).
    """

    def __init__(self, program: Program, split: Split, prices: Floats, shared_bound: float) -> None:
        """Set up.

        Args:
            program: The program.
            split: Its parts.
            prices: Of the linking rows.
            shared_bound: What these rows and the columns of no SKU cost at the prices at least.
        """
        self.program, self._shared_bound = program, shared_bound
        by_row = program.matrix().tocsr()
        self._cost = split.cost - by_row[split.linking].T @ prices
        sku = sku_of_columns(program)
        skus = int(sku.max(initial=-1)) + 1
        of_skus = gather(sku, skus), gather(sku_of_rows(by_row, sku), skus)
        self._skus = [(c, r) for c, r in zip(*of_skus, strict=True) if len(c)]
        # What a shortfall without end makes up for is no limit: its price says enough.
        endless = split.shared[np.isinf(program.upper[split.shared])]
        is_soft = np.diff(by_row[split.linking][:, endless].indptr) > 0
        self._limits = split.linking[~is_soft]

    def bound(self, threads: int, deadline: float) -> float:
        """What a plan costs at least: the Lagrangian bound with integers of SKUs whole.

        Args:
            threads: SKUs solved beside each other.
            deadline: When to be done, by `time.perf_counter`.
        """
        no_limits = np.zeros(0, dtype=np.int64)

        def bound_sku(position: int) -> float:
            rounds = -(-(len(self._skus) - position) // threads)
            seconds = (deadline - time.perf_counter()) / rounds
            return self._solve(*self._skus[position], self.program.upper, no_limits, seconds)[1]

        with ThreadPoolExecutor(threads) as pool:
            return self._shared_bound + sum(pool.map(bound_sku, range(len(self._skus))))

    def plan(self, relaxed: Floats, deadline: float) -> Floats:
        """Plan the SKUs whose integers are in parts, one after the other.

        At prices alone all would want the same, so each gets what the others, as they are planned
        so far, leave of it. No more packs move than in the relaxation, rounded up.

        Args:
            relaxed: Values with integers in parts that keep to every row.
            deadline: When to be done, by `time.perf_counter`.

        Returns:
            Values of all columns; integers of SKUs without a plan in time are rounded down.
        """
        program, values = self.program, relaxed.copy()
        moved = program.columns["transfer"].positions
        upper = program.upper.copy()
        upper[moved] = np.ceil(relaxed[moved] - WHOLE_TOLERANCE)
        is_part = program.is_integer & (abs(relaxed - np.round(relaxed)) > WHOLE_TOLERANCE)
        planned = [(columns, rows) for columns, rows in self._skus if is_part[columns].any()]
        used = program.matrix() @ values
        for position, (columns, rows) in enumerate(planned):
            seconds = (deadline - time.perf_counter()) / (len(planned) - position)
            own = program.matrix()[:, columns] @ values[columns]
            units, _ = self._solve(columns, rows, upper, self._limits, seconds, used - own)
            if len(units):
                values[columns] = units
                used += program.matrix()[:, columns] @ units - own
        whole = np.concatenate([columns[program.is_integer[columns]] for columns, _ in self._skus])
        values[whole] = np.floor(values[whole] + WHOLE_TOLERANCE)
        return values

    def _solve(
        self,
        columns: Ints,
        rows: Ints,
        upper: Floats,
        limits: Ints,
        seconds: float,
        used: Floats | None = None,
    ) -> tuple[Floats, float]:
        """Values and bound of a SKU; no values where it has no integers, or no plan in time."""
        program = self.program
        block = program.matrix()[:, columns]
        limits = np.intersect1d(block.indices, limits)
        of_rows = np.concatenate([rows, limits])
        lower, most = (bound[of_rows] for bound in program.row_bounds)
        if used is not None:
            lower[len(rows) :] -= used[limits]
            most[len(rows) :] -= used[limits]
        whole = np.flatnonzero(program.is_integer[columns]).astype(np.int32)
        # A restart at the root takes as long again, and finds no more.
        highs = new_highs(mip_rel_gap=GAP, mip_max_nodes=NODES, mip_allow_restart=False)
        pass_model(
            highs, self._cost[columns], upper[columns], block.tocsr()[of_rows].tocsc(), lower, most
        )
        if not len(whole):
            highs.run()
            return np.zeros(0), float(highs.getInfo().objective_function_value)
        at_most = upper[columns][whole]
        start = _dive(
            highs, whole, at_most, *_mark(program, columns[whole], "order_placed", "order")
        )
        highs.changeColsBounds(len(whole), whole, np.zeros(len(whole)), at_most)
        kinds = np.full(len(whole), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        highs.changeColsIntegrality(len(whole), whole, kinds)
        if start is not None:
            highs.setSolution(start)
        highs.setOptionValue("time_limit", max(seconds, LEAST_SECONDS))
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
