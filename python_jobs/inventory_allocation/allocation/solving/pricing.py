"""The best plan of each group of SKUs at given prices of what they share."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from inventory_allocation.allocation.program import Floats, Ints, Program
from inventory_allocation.allocation.solving.blocks import Split
from inventory_allocation.allocation.solving.highs import (
    PRIMAL_SIMPLEX,
    find_optimum,
    new_highs,
    pass_model,
)

__all__ = ["Pricer", "Proposal"]

# How far a group's integers are searched: nodes, not seconds, so that a plan can be repeated.
ROUNDING_GAP, ROUNDING_NODES = 1e-3, 200


@dataclass(frozen=True)
class Proposal:
    """A plan of one group.

    Attributes:
        group: Its number.
        cost: What it costs, prices left aside.
        value: Its cost at the prices: no plan of the group is below.
        use: What it uses of each linking row.
        columns: Positions of the columns that aren't 0.
        units: Their values.
    """

    group: int
    cost: float
    value: float
    use: Floats
    columns: npt.NDArray[np.int32]
    units: Floats


def _add_up(plans: list[Proposal]) -> Proposal:
    """The plan of a group from those of its parts."""
    if len(plans) == 1:
        return plans[0]
    return Proposal(
        group=plans[0].group,
        cost=sum(plan.cost for plan in plans),
        value=sum(plan.value for plan in plans),
        use=np.sum([plan.use for plan in plans], axis=0),
        columns=np.concatenate([plan.columns for plan in plans]),
        units=np.concatenate([plan.units for plan in plans]),
    )


def _place_rows(rows: Ints, count: int) -> Ints:
    """Place of each of so many rows among these, -1 for the others."""
    place = np.full(count, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    return place


def _keep_rows(entries: sparse.csc_matrix, place: Ints, first: int, rows: int) -> sparse.csc_matrix:
    """The entries in rows of so many places from a first one: a slice by row reads all rows."""
    row = place[entries.indices] - first
    is_kept = (row >= 0) & (row < rows)
    before = np.concatenate([[0], np.cumsum(is_kept)])
    return sparse.csc_matrix(
        (entries.data[is_kept], row[is_kept].astype(np.int32), before[entries.indptr]),
        shape=(rows, entries.shape[1]),
    )


class Pricer:
    """The linear programs of the groups' parts; each starts from its last basis.

    HiGHS lets other threads run while it solves. Each part is solved by one thread, from the same
    basis whatever their number, so the result doesn't depend on it.
    """

    def __init__(self, program: Program, split: Split, threads: int) -> None:
        """Set up the programs of the parts.

        Args:
            program: The program.
            split: Its parts.
            threads: How many parts to solve beside each other.
        """
        self.split = split
        self.threads = threads
        cost, upper = split.cost, program.upper
        row_lower, row_upper = program.row_bounds
        self._matrix = by_column = program.matrix()
        self._is_cut = program.is_cut
        self._of_linking = _place_rows(split.linking, by_column.shape[0])
        of_part = _place_rows(np.concatenate(split.part_rows), by_column.shape[0])
        self._parts: list[Any] = []
        first = 0
        for columns, rows in zip(split.part_columns, split.part_rows, strict=True):
            highs = new_highs(presolve="off")
            entries = by_column[:, columns]
            block = _keep_rows(entries, of_part, first, len(rows))
            pass_model(
                highs, cost[columns], upper[columns], block, row_lower[rows], row_upper[rows]
            )
            self._parts.append(highs)
            first += len(rows)

    def hold(self, columns: Ints, values: Floats) -> None:
        """Hold the integers of the program at these values; cuts say no more then."""
        for highs, of_part, rows in zip(
            self._parts, self.split.part_columns, self.split.part_rows, strict=True
        ):
            cuts = np.flatnonzero(self._is_cut[rows]).astype(np.int32)
            free = np.full(len(cuts), np.inf)
            highs.changeRowsBounds(len(cuts), cuts, -free, free)
            _, inside, held = np.intersect1d(
                of_part, columns, assume_unique=True, return_indices=True
            )
            bounds = values[held]
            highs.changeColsBounds(len(inside), inside.astype(np.int32), bounds, bounds)

    def _reduce(self, prices: Floats) -> Floats:
        """Cost of each column of the program less what its use of linking rows is worth."""
        of_rows = np.zeros(self._matrix.shape[0])
        of_rows[self.split.linking] = prices
        reduced: Floats = self.split.cost - self._matrix.T @ of_rows
        return reduced

    def _price_part(self, number: int, reduced: Floats) -> Proposal:
        highs, columns = self._parts[number], self.split.part_columns[number]
        every = np.arange(len(columns), dtype=np.int32)
        highs.changeColsCost(len(columns), every, reduced[columns])
        find_optimum(highs, "plan of a group of SKUs")
        # From a basis that fits the rows the primal simplex goes on; from none the dual is quicker.
        highs.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)
        units = np.array(highs.getSolution().col_value)
        used = columns[units > 0]
        units = units[units > 0]
        taken = self._matrix[:, used]
        place = self._of_linking[taken.indices]
        amount = taken.data * np.repeat(units, np.diff(taken.indptr))
        is_linking, links = place >= 0, len(self.split.linking)
        return Proposal(
            group=int(self.split.group_of_part[number]),
            cost=float(self.split.cost[used] @ units),
            value=float(highs.getInfo().objective_function_value),
            use=np.bincount(place[is_linking], amount[is_linking], links).astype(float),
            columns=used.astype(np.int32),
            units=units,
        )

    def price(self, prices: Floats) -> list[Proposal]:
        """Solve each group at these prices of the linking rows."""
        reduced = self._reduce(prices)
        with ThreadPoolExecutor(self.threads) as pool:
            plans = list(
                pool.map(lambda number: self._price_part(number, reduced), range(len(self._parts)))
            )
        return [
            _add_up(list(of_group))
            for _, of_group in itertools.groupby(plans, key=lambda plan: plan.group)
        ]

    def round_parts(
        self, prices: Floats, relaxed: Floats, is_integer: npt.NDArray[np.bool_]
    ) -> Floats:
        """Round the integers of each part up or down, the best way at these prices.

        Relaxation enforced neighbourhood search (Berthold 2014), a part at a time.

        Args:
            prices: Of the linking rows.
            relaxed: Values of the program's columns, integers in parts.
            is_integer: Which columns of the program are to be whole.

        Returns:
            Values of all columns: of integers of a SKU rounded, of others as they were.
        """
        rounded, reduced = relaxed.copy(), self._reduce(prices)
        parts = self.split.part_columns

        def round_part(highs: Any, columns: Ints) -> Floats:
            return _round_part(highs, reduced[columns], relaxed[columns], is_integer[columns])

        with ThreadPoolExecutor(self.threads) as pool:
            for columns, values in zip(
                parts, pool.map(round_part, self._parts, parts), strict=True
            ):
                rounded[columns] = values
        return rounded

    def read_duals(self, row_prices: Floats, reduced_costs: Floats) -> None:
        """Set the price of each row and the reduced cost of each column of the parts.

        They are those at the prices of the last call.
        """
        split = self.split
        for highs, rows, columns in zip(
            self._parts, split.part_rows, split.part_columns, strict=True
        ):
            solution = highs.getSolution()
            row_prices[rows], reduced_costs[columns] = solution.row_dual, solution.col_dual


def _round_part(
    part: Any, reduced: Floats, relaxed: Floats, is_integer: npt.NDArray[np.bool_]
) -> Floats:
    whole = np.flatnonzero(is_integer).astype(np.int32)
    near = np.round(relaxed[whole])
    if np.allclose(near, relaxed[whole], atol=1e-6):
        values = relaxed.copy()
        values[whole] = near
        return values
    highs = new_highs(mip_rel_gap=ROUNDING_GAP, mip_max_nodes=ROUNDING_NODES)
    highs.passModel(part.getLp())
    every = np.arange(len(reduced), dtype=np.int32)
    highs.changeColsCost(len(every), every, reduced)
    upper = np.ceil(relaxed[whole] - 1e-6)
    # What one SKU passes on may be rounded down with what it was to come from.
    highs.changeColsBounds(len(whole), whole, np.zeros(len(whole)), upper)
    kinds = np.full(len(whole), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
    highs.changeColsIntegrality(len(whole), whole, kinds)
    highs.run()
    values = relaxed.copy()
    if highs.getInfo().primal_solution_status != 2:
        values[whole] = 0.0
        return values
    values[whole] = np.round(np.array(highs.getSolution().col_value)[whole])
    return values
