"""The best mix of the plans proposed by groups of SKUs."""

from typing import Any

import highspy
import numpy as np
from scipy import sparse

from inventory_allocation.allocation.program import Floats, Ints, Program
from inventory_allocation.allocation.solving.blocks import Split
from inventory_allocation.allocation.solving.highs import (
    DUAL_SIMPLEX,
    PRIMAL_SIMPLEX,
    find_optimum,
    new_highs,
    pass_model,
)
from inventory_allocation.allocation.solving.pricing import Proposal

__all__ = ["Master"]

BROKEN_TOLERANCE = 1e-6
DUST = 1e-9
# What breaking a row costs where no price is known, of the mean cost of a column.
LEAST_BREAK_SHARE = 1e-3
# Proposals that the program keeps, a group, besides those of the last round.
KEPT = 5


class Master:
    """A linear program over shares of proposals and the columns of no SKU.

    Its rows are the linking rows, then one per group: the group's shares add up to 1. A linking row
    may be broken at a price: until there are proposals enough that keeps it possible, and its
    prices near those it started from (du Merle and others, Stabilized column generation, Discrete
    Mathematics 194, 1999).
    """

    def __init__(self, program: Program, split: Split, start: Floats) -> None:
        """Begin with no proposals.

        Args:
            program: The program.
            split: Its parts.
            start: Prices of the linking rows to start from.
        """
        groups, self._links = split.groups, len(split.linking)
        self._shared = len(split.shared)
        self.proposals: list[Proposal] = []
        least = max(float(np.abs(start).mean()), LEAST_BREAK_SHARE * float(split.cost.mean()), DUST)
        self._break_cost = np.tile(2 * np.abs(start) + least, 2)
        unit = sparse.identity(self._links)
        own = program.matrix()[:, split.shared].tocsr()[split.linking]
        top = sparse.hstack([own, unit, -unit])
        self._row_lower = np.concatenate([split.row_lower, np.ones(groups)])
        self._row_upper = np.concatenate([split.row_upper, np.ones(groups)])
        self._highs: Any = new_highs(presolve="off", simplex_strategy=PRIMAL_SIMPLEX)
        pass_model(
            self._highs,
            np.concatenate([split.cost[split.shared], self._break_cost]),
            np.concatenate([program.upper[split.shared], np.full(2 * self._links, np.inf)]),
            sparse.csc_matrix(sparse.vstack([top, sparse.csr_matrix((groups, top.shape[1]))])),
            self._row_lower,
            self._row_upper,
        )

    def hold(self, columns: Ints, values: Floats) -> None:
        """Hold columns of no SKU, by position among them, at these values."""
        self._highs.changeColsBounds(len(columns), columns.astype(np.int32), values, values)

    def add(self, proposals: list[Proposal]) -> None:
        """Add proposals, one from each group."""
        self._forget()
        self.proposals += proposals
        uses = sparse.csr_matrix(np.array([proposal.use for proposal in proposals]))
        shares = sparse.identity(len(proposals), format="csr")
        entries = sparse.hstack([uses, shares]).tocsr()
        count = len(proposals)
        self._highs.addCols(
            count,
            np.array([proposal.cost for proposal in proposals]),
            np.zeros(count),
            np.full(count, highspy.kHighsInf),
            entries.nnz,
            entries.indptr[:-1].astype(np.int32),
            entries.indices.astype(np.int32),
            entries.data,
        )

    def _forget(self) -> None:
        """Drop the proposals that are furthest from being of use, to keep the program small."""
        spare = len(self.proposals) - KEPT * (len(self._row_lower) - self._links)
        if spare <= 0:
            return
        first = self._shared + 2 * self._links
        reduced = np.array(self._highs.getSolution().col_dual)[first:]
        unused = np.flatnonzero(self._values()[first:] == 0)
        dropped = np.sort(unused[np.argsort(-reduced[unused], kind="stable")[:spare]])
        self._highs.deleteCols(len(dropped), (first + dropped).astype(np.int32))
        gone = set(dropped.tolist())
        self.proposals = [p for number, p in enumerate(self.proposals) if number not in gone]

    def solve(self) -> float:
        """Find the best mix, and give its cost."""
        find_optimum(self._highs, "mix of plans")
        return float(self._highs.getInfo().objective_function_value)

    def _values(self) -> Floats:
        return np.array(self._highs.getSolution().col_value)

    def _broken(self) -> Floats:
        return self._values()[self._shared : self._shared + 2 * self._links]

    @property
    def is_broken(self) -> bool:
        """Whether the mix breaks a linking row."""
        return bool((self._broken() > BROKEN_TOLERANCE).any())

    def forbid_more(self) -> None:
        """Make it twice as dear to break the rows that are broken."""
        broken = np.flatnonzero(self._broken() > BROKEN_TOLERANCE)
        self._break_cost[broken] *= 2
        columns = (self._shared + broken).astype(np.int32)
        self._highs.changeColsCost(len(columns), columns, self._break_cost[broken])

    @property
    def prices(self) -> Floats:
        """What one unit more of each linking row's bound changes in cost."""
        return np.array(self._highs.getSolution().row_dual)[: self._links]

    @property
    def mix(self) -> tuple[Floats, Floats]:
        """Values of the columns of no SKU, and the share of each proposal."""
        values = self._values()
        shares = values[self._shared + 2 * self._links :]
        shares = np.where(shares > DUST, shares, 0.0)
        groups = np.array([proposal.group for proposal in self.proposals])
        return values[: self._shared], shares / np.bincount(groups, shares)[groups]

    def cost_with(self, row: int, lower: float, upper: float) -> float:
        """Cost of the best mix of the proposals there are, with other bounds of a linking row.

        NaN where none keeps to them.
        """
        # A basis stays dual feasible when bounds of rows change.
        self._highs.setOptionValue("simplex_strategy", DUAL_SIMPLEX)
        self._highs.changeRowBounds(row, lower, upper)
        cost = self.solve()
        cost = float("nan") if self.is_broken else cost
        self._highs.changeRowBounds(row, self._row_lower[row], self._row_upper[row])
        return cost
