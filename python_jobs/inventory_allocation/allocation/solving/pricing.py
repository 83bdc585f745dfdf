"""The best plan of each group of SKUs at given prices of what they share."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

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

    def read_duals(self) -> tuple[list[Floats], list[Floats]]:
        """Row prices and reduced costs of each group at the prices of the last call."""
        solutions = [group.highs.getSolution() for group in self._groups]
        return (
            [np.array(solution.row_dual) for solution in solutions],
            [np.array(solution.col_dual) for solution in solutions],
        )
