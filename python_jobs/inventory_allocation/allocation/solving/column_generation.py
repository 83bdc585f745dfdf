"""Column generation over SKUs: a proven bound and a plan for programs too large to solve whole.

Dantzig and Wolfe, Decomposition Principle for Linear Programs, Operations Research 8 (1960).
Prices are smoothed after Wentges, Weighted Dantzig-Wolfe decomposition for linear mixed-integer
programming, International Transactions in Operational Research 4 (1997), as much as the slope of
the bound says: Pessoa and others, In-out separation and column generation stabilization by dual
price smoothing, Symposium on Experimental Algorithms (2013).
"""

import contextlib
import logging
import time
from dataclasses import dataclass

import numpy as np

from inventory_allocation.allocation.program import Floats, Ints, Program
from inventory_allocation.allocation.solving.blocks import Split, split_by_sku
from inventory_allocation.allocation.solving.fit import fit_plan
from inventory_allocation.allocation.solving.highs import new_highs, pass_model
from inventory_allocation.allocation.solving.master import Master
from inventory_allocation.allocation.solving.memory import give_memory_back
from inventory_allocation.allocation.solving.pricing import Pricer
from inventory_allocation.allocation.solving.settle import settle_single_columns
from inventory_allocation.allocation.solving.whole_skus import WholeSkus
from inventory_allocation.errors import InventoryAllocationError

__all__ = ["ColumnGeneration", "Relaxed"]

GROUPS = 150
# Prices to start from: one SKU in so many, down to a program that is solved whole.
SAMPLE_STEP = 8
SAMPLE_GAP = 0.01
WHOLE_COLUMNS = 50_000
# How near to the best prices known the next ones are at first, and how fast that changes.
SMOOTHING, SMOOTHING_STEP = 0.8, 0.1
TOLERANCE = 1e-7
# Rounds without progress, as far as numbers of 64 bits tell.
IDLE_ROUNDS = 10

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Relaxed:
    """A solution of the program with its integers in parts, and a bound.

    Attributes:
        values: Value of each column; they keep to every row.
        objective: Cost.
        lower_bound: No values cost less.
        is_proven: Whether the gap asked for was reached; if not, time ran out.
    """

    values: Floats
    objective: float
    lower_bound: float
    is_proven: bool


def _price_whole(program: Program, split: Split) -> Floats:
    """Prices of the linking rows, from the linear program of all groups at once."""
    columns = np.concatenate([*split.part_columns, split.shared])
    inner = np.concatenate(split.part_rows)
    rows = np.concatenate([inner, split.linking])
    row_lower, row_upper = program.row_bounds
    highs = new_highs()
    pass_model(
        highs,
        split.cost[columns],
        program.upper[columns],
        program.matrix().tocsr()[rows][:, columns].tocsc(),
        np.concatenate([row_lower[inner], split.row_lower]),
        np.concatenate([row_upper[inner], split.row_upper]),
    )
    highs.run()
    return np.array(highs.getSolution().row_dual)[len(inner) :]


class ColumnGeneration:
    """A program in groups of SKUs: each proposes plans at given prices, and a master mixes them."""

    def __init__(
        self,
        program: Program,
        threads: int,
        deadline: float = np.inf,
        every: int = 1,
        start: Floats | None = None,
    ) -> None:
        """Begin.

        Args:
            program: The program.
            threads: Threads that solve groups.
            deadline: When to stop looking for prices to start from.
            every: Take only every n-th SKU, for prices to start from.
            start: Price of each row to start from, where they are known.
        """
        self.program = program
        self._label = f"one SKU in {every}, " if every > 1 else ""
        self.split = split_by_sku(program, GROUPS, every)
        if start is None:
            self.prices = self._start_from_sample(threads, deadline, every)
        else:
            self.prices = start[self.split.linking]
        give_memory_back()
        self.pricer = Pricer(program, self.split, threads)
        give_memory_back()
        self.master = Master(program, self.split, self.prices)
        self._own = program.matrix()[:, self.split.shared].tocsr()[self.split.linking]
        self._priced = program.matrix()[self.split.priced].tocsr()
        self._lower, self._upper = self.split.row_lower, self.split.row_upper
        self._shared_lower = np.zeros(len(self.split.shared))
        self._shared_upper = program.upper[self.split.shared]
        self._held = (np.zeros(0, dtype=np.int64), np.zeros(0))
        self._least, self._most = self._price_range()

    def _start_from_sample(self, threads: int, deadline: float, every: int) -> Floats:
        """Prices of a sample of the SKUs, solved the same way, or whole where it is small."""
        size = sum(len(columns) for columns in self.split.part_columns)
        if size <= WHOLE_COLUMNS or self.split.groups <= SAMPLE_STEP:
            return _price_whole(self.program, self.split)
        sample = ColumnGeneration(self.program, threads, deadline, every * SAMPLE_STEP)
        with contextlib.suppress(InventoryAllocationError):
            sample.run(SAMPLE_GAP, deadline)
        return sample.prices

    @property
    def row_prices(self) -> Floats:
        """Price of each row that joins groups, 0 of the others."""
        prices = np.zeros(len(self.program.row_bounds[0]))
        prices[self.split.linking], prices[self.split.priced] = self.prices, self.split.prices
        return prices

    def hold(self, columns: Ints, values: Floats) -> None:
        """Hold these columns, and no others; the proposals there were no longer count."""
        self._held = (columns, values)
        self.pricer.hold(columns, values)
        self.master = Master(self.program, self.split, self.prices)
        _, held, at = np.intersect1d(
            self.split.shared, columns, assume_unique=True, return_indices=True
        )
        self.master.hold(held, values[at])
        self._shared_lower[held] = self._shared_upper[held] = values[at]
        self._least, self._most = self._price_range()

    def round_parts(self, relaxed: Floats) -> Floats:
        """Values with the integers of each part rounded the best way at the bound's prices."""
        return self.pricer.round_parts(self.prices, relaxed, self.program.is_integer)

    def take_skus(self) -> WholeSkus:
        """The SKUs by themselves, at the bound's prices."""
        shared_bound, _ = self._bound_of_shared(self.prices)
        return WholeSkus(self.program, self.split, self.prices, shared_bound)

    def _price_range(self) -> tuple[Floats, Floats]:
        """Least and most that a price can be: beyond, a bound isn't there, or a shortfall pays."""
        least = np.where(np.isfinite(self._upper), -np.inf, 0.0)
        most = np.where(np.isfinite(self._lower), np.inf, 0.0)
        own = self._own.tocsc()
        is_alone = (np.diff(own.indptr) == 1) & np.isinf(self._shared_upper)
        at = own.indptr[:-1][is_alone]
        row, value = own.indices[at], own.data[at]
        limit = self.split.cost[self.split.shared][is_alone] / value
        np.minimum.at(most, row[value > 0], limit[value > 0])
        np.maximum.at(least, row[value < 0], limit[value < 0])
        return least, most

    def _drop_impossible(self, prices: Floats) -> Floats:
        """Prices within what they can be: the solver's tolerance, or a sample's, leads beyond."""
        return np.clip(prices, self._least, self._most)

    def _reduce_shared(self, prices: Floats) -> Floats:
        reduced: Floats = self.split.cost[self.split.shared] - self._own.T @ prices
        return reduced

    def _bound_of_shared(self, prices: Floats) -> tuple[float, Floats]:
        """The part of linking rows and columns of no SKU in the Lagrangian bound, and its slope."""
        limits = np.where(prices > 0, self._lower, np.where(prices < 0, self._upper, 0.0))
        reduced = self._reduce_shared(prices)
        # A column without an upper bound can't be below 0 but by the solver's tolerance.
        reduced[np.isinf(self._shared_upper) & (reduced < 0) & (reduced > -TOLERANCE)] = 0.0
        at = np.where(reduced < 0, self._shared_upper, self._shared_lower)
        return float(prices @ limits + reduced @ at), limits - self._own @ at

    def run(
        self, gap: float, deadline: float, *, enough: float = np.inf, patience: float = 0.0
    ) -> Relaxed:
        """Ask for proposals until the best mix is proven within the gap.

        Args:
            gap: (cost - bound) / cost at which to stop.
            deadline: When to stop, by `time.perf_counter`.
            enough: A mix that costs more isn't good enough to stop at the deadline.
            patience: Seconds to go on after it for one that is.

        Raises:
            OutOfTimeError: Time ran out, and the mix couldn't be mended.
        """
        best, cost, rounds, idle = -np.inf, np.inf, 0, 0
        out = self.prices
        smoothing = SMOOTHING
        while True:
            prices = self._drop_impossible(smoothing * self.prices + (1 - smoothing) * out)
            proposals = self.pricer.price(prices)
            bound, slope = self._bound_of_shared(prices)
            bound += sum(p.value for p in proposals)
            slope = slope - sum(p.use for p in proposals)
            # Where the bound still rises towards the master's prices, go further next time.
            is_rising = np.isinf(bound) or slope @ (out - self.prices) > 0
            nearer = smoothing + SMOOTHING_STEP * (1 - smoothing)
            smoothing = max(smoothing - SMOOTHING_STEP, 0.0) if is_rising else nearer
            idle += 1
            if bound > best:
                idle = 0 if bound - best > TOLERANCE * abs(bound) else idle
                best, self.prices = bound, prices
            self.master.add(proposals)
            before, cost, out = cost, self.master.solve(), self.master.prices
            idle = 0 if before - cost > TOLERANCE * abs(cost) else idle
            distance = (cost - best) / max(abs(cost), 1e-9)
            rounds += 1
            logger.info(
                "%sround %d: cost %s, bound %s, gap %.3f %%",
                self._label,
                rounds,
                f"{cost:,.0f}" + (" with limits broken" if self.master.is_broken else ""),
                f"{best:,.0f}",
                100 * distance,
            )
            is_broken = self.master.is_broken
            is_enough = cost <= enough and not is_broken
            is_late = time.perf_counter() > deadline + (0.0 if is_enough else patience)
            if is_late or (not is_broken and (distance <= gap or idle >= IDLE_ROUNDS)):
                values = self._mix_proposals()
                values = (
                    fit_plan(self.program, values, best)
                    if is_broken
                    else settle_single_columns(self.program, values)
                )
                is_proven = not is_broken and distance <= max(gap, TOLERANCE)
                return Relaxed(values, float(self.program.cost @ values), best, is_proven)
            if is_broken:
                self.master.forbid_more()
                idle = 0

    def _mix_proposals(self) -> Floats:
        split = self.split
        values = np.zeros(len(split.cost))
        values[split.shared], shares = self.master.mix
        for proposal, share in zip(self.master.proposals, shares, strict=True):
            if share > 0:
                values[proposal.columns] += share * proposal.units
        rows = self._priced
        values[split.fillers] = rows @ values / -rows[:, split.fillers].diagonal()
        columns, held = self._held
        values[columns] = held
        return values

    def cost_with(self, row: int, bounds: Floats) -> float:
        """Cost of the best mix of the proposals there are, with other bounds of a linking row."""
        position = int(np.searchsorted(self.split.linking, row))
        return self.master.cost_with(position, *bounds)

    def read_duals(self) -> tuple[Floats, Floats]:
        """Row prices and reduced costs of the whole program, at the prices of the bound."""
        split = self.split
        self.pricer.price(self.prices)
        row_prices = self.row_prices
        reduced = np.zeros(len(split.cost))
        reduced[split.shared] = self._reduce_shared(self.prices)
        self.pricer.read_duals(row_prices, reduced)
        return row_prices, reduced
