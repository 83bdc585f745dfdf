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


@dataclass(frozen=True)
class _Part:
    highs: Any
    columns: npt.NDArray[np.int32]
    cost: Floats
    linking: sparse.csc_matrix


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
        by_column = program.matrix()
        of_linking = _place_rows(split.linking, by_column.shape[0])
        of_part = _place_rows(np.concatenate(split.part_rows), by_column.shape[0])
        self._parts = []
        first = 0
        for columns, rows in zip(split.part_columns, split.part_rows, strict=True):
            highs = new_highs(presolve="off")
            entries = by_column[:, columns]
            block = _keep_rows(entries, of_part, first, len(rows))
            pass_model(
                highs, cost[columns], upper[columns], block, row_lower[rows], row_upper[rows]
            )
            linking = _keep_rows(entries, of_linking, 0, len(split.linking))
            self._parts.append(_Part(highs, columns.astype(np.int32), cost[columns], linking))
            first += len(rows)

    def hold(self, columns: Ints, values: Floats) -> None:
        """Hold columns of the program at these values."""
        for part in self._parts:
            _, inside, held = np.intersect1d(
                part.columns, columns, assume_unique=True, return_indices=True
            )
            bounds = values[held]
            part.highs.changeColsBounds(len(inside), inside.astype(np.int32), bounds, bounds)

    def _price_part(self, number: int, prices: Floats) -> Proposal:
        part = self._parts[number]
        highs, cost = part.highs, part.cost
        every = np.arange(len(cost), dtype=np.int32)
        highs.changeColsCost(len(cost), every, cost - part.linking.T @ prices)
        find_optimum(highs, "plan of a group of SKUs")
        # From a basis that fits the rows the primal simplex goes on; from none the dual is quicker.
        highs.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)
        units = np.array(highs.getSolution().col_value)
        used = np.flatnonzero(units > 0)
        return Proposal(
            group=int(self.split.group_of_part[number]),
            cost=float(cost @ units),
            value=float(highs.getInfo().objective_function_value),
            use=part.linking @ units,
            columns=part.columns[used],
            units=units[used],
        )

    def price(self, prices: Floats) -> list[Proposal]:
        """Solve each group at these prices of the linking rows."""
        with ThreadPoolExecutor(self.threads) as pool:
            plans = list(
                pool.map(lambda number: self._price_part(number, prices), range(len(self._parts)))
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
        rounded = relaxed.copy()

        def round_part(part: _Part) -> Floats:
            return _round_part(part, prices, relaxed[part.columns], is_integer[part.columns])

        with ThreadPoolExecutor(self.threads) as pool:
            for part, values in zip(self._parts, pool.map(round_part, self._parts), strict=True):
                rounded[part.columns] = values
        return rounded

    def read_duals(self) -> tuple[list[Floats], list[Floats]]:
        """Row prices and reduced costs of each part at the prices of the last call."""
        solutions = [part.highs.getSolution() for part in self._parts]
        return (
            [np.array(solution.row_dual) for solution in solutions],
            [np.array(solution.col_dual) for solution in solutions],
        )


def _round_part(
    part: _Part, prices: Floats, relaxed: Floats, is_integer: npt.NDArray[np.bool_]
) -> Floats:
    whole = np.flatnonzero(is_integer).astype(np.int32)
    near = np.round(relaxed[whole])
    if np.allclose(near, relaxed[whole], atol=1e-6):
        values = relaxed.copy()
        values[whole] = near
        return values
    highs = new_highs(mip_rel_gap=ROUNDING_GAP, mip_max_nodes=ROUNDING_NODES)
    highs.passModel(part.highs.getLp())
    every = np.arange(len(part.cost), dtype=np.int32)
    highs.changeColsCost(len(every), every, part.cost - part.linking.T @ prices)
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
