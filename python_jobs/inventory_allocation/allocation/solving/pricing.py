"""The best plan of each group of SKUs at given prices of what they share."""

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
        columns: Which of the group's columns aren't 0.
        units: Their values.
    """

    group: int
    cost: float
    value: float
    use: Floats
    columns: npt.NDArray[np.int32]
    units: Floats


@dataclass(frozen=True)
class _Group:
    highs: Any
    cost: Floats
    linking: sparse.csc_matrix


class Pricer:
    """The linear programs of the groups; each starts from its last basis.

    HiGHS lets other threads run while it solves. Each group is solved by one thread, from the same
    basis whatever their number, so the result doesn't depend on it.
    """

    def __init__(self, program: Program, split: Split, threads: int) -> None:
        """Set up the programs of the groups.

        Args:
            program: The program.
            split: Its parts.
            threads: How many groups to solve beside each other.
        """
        self.split = split
        self.threads = threads
        cost, upper = split.cost, program.upper
        row_lower, row_upper = program.row_bounds
        by_row = program.matrix().tocsr()
        linking = by_row[split.linking].tocsc()
        self._groups = []
        for columns, rows in zip(split.group_columns, split.group_rows, strict=True):
            highs = new_highs(presolve="off")
            block = by_row[rows][:, columns].tocsc()
            pass_model(
                highs, cost[columns], upper[columns], block, row_lower[rows], row_upper[rows]
            )
            self._groups.append(_Group(highs, cost[columns], linking[:, columns]))

    def hold(self, columns: Ints, values: Floats) -> None:
        """Hold columns of the program at these values."""
        for group, positions in zip(self._groups, self.split.group_columns, strict=True):
            _, inside, held = np.intersect1d(
                positions, columns, assume_unique=True, return_indices=True
            )
            bounds = values[held]
            group.highs.changeColsBounds(len(inside), inside.astype(np.int32), bounds, bounds)

    def _price_group(self, number: int, prices: Floats) -> Proposal:
        group = self._groups[number]
        highs, cost = group.highs, group.cost
        every = np.arange(len(cost), dtype=np.int32)
        highs.changeColsCost(len(cost), every, cost - group.linking.T @ prices)
        find_optimum(highs, "plan of a group of SKUs")
        # From a basis that fits the rows the primal simplex goes on; from none the dual is quicker.
        highs.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)
        units = np.array(highs.getSolution().col_value)
        columns = np.flatnonzero(units > 0).astype(np.int32)
        return Proposal(
            group=number,
            cost=float(cost @ units),
            value=float(highs.getInfo().objective_function_value),
            use=group.linking @ units,
            columns=columns,
            units=units[columns],
        )

    def price(self, prices: Floats) -> list[Proposal]:
        """Solve each group at these prices of the linking rows."""
        with ThreadPoolExecutor(self.threads) as pool:
            return list(
                pool.map(lambda number: self._price_group(number, prices), range(len(self._groups)))
            )

    def round_groups(
        self, prices: Floats, relaxed: Floats, is_integer: npt.NDArray[np.bool_]
    ) -> Floats:
        """Round the integers of each group up or down, the best way at these prices.

        Relaxation enforced neighbourhood search (Berthold 2014), a group at a time.

        Args:
            prices: Of the linking rows.
            relaxed: Values of the program's columns, integers in parts.
            is_integer: Which columns of the program are to be whole.

        Returns:
            Values of all columns: of integers of a group rounded, of others as they were.
        """
        rounded = relaxed.copy()

        def round_group(number: int) -> tuple[Ints, Floats]:
            columns = self.split.group_columns[number]
            return columns, self._round_group(number, prices, relaxed[columns], is_integer[columns])

        with ThreadPoolExecutor(self.threads) as pool:
            for columns, values in pool.map(round_group, range(len(self._groups))):
                rounded[columns] = values
        return rounded

    def _round_group(
        self,
        number: int,
        prices: Floats,
        relaxed: Floats,
        is_integer: npt.NDArray[np.bool_],
    ) -> Floats:
        whole = np.flatnonzero(is_integer).astype(np.int32)
        near = np.round(relaxed[whole])
        if np.allclose(near, relaxed[whole], atol=1e-6):
            values = relaxed.copy()
            values[whole] = near
            return values
        group = self._groups[number]
        highs = new_highs(mip_rel_gap=ROUNDING_GAP, mip_max_nodes=ROUNDING_NODES)
        highs.passModel(group.highs.getLp())
        every = np.arange(len(group.cost), dtype=np.int32)
        highs.changeColsCost(len(every), every, group.cost - group.linking.T @ prices)
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

    def read_duals(self) -> tuple[list[Floats], list[Floats]]:
        """Row prices and reduced costs of each group at the prices of the last call."""
        solutions = [group.highs.getSolution() for group in self._groups]
        return (
            [np.array(solution.row_dual) for solution in solutions],
            [np.array(solution.col_dual) for solution in solutions],
        )
