"""How a program is to be solved, and what comes out."""

from dataclasses import dataclass

from inventory_allocation.allocation.program import Floats
from inventory_allocation.allocation.solving.limits import Saving
from inventory_allocation.errors import InventoryAllocationError

__all__ = ["OutOfTimeError", "Solution", "SolveSettings", "Start"]


class OutOfTimeError(InventoryAllocationError):
    """Time ran out before there was a plan.

    Attributes:
        lower_bound: No plan costs less, as far as that is known.
    """

    def __init__(self, message: str, lower_bound: float = 0.0) -> None:
        """Say what was going on."""
        super().__init__(f"{message}. Give it more time with --time-limit")
        self.lower_bound = lower_bound


@dataclass(frozen=True)
class SolveSettings:
    """How to solve.

    Attributes:
        gap: Relative gap at which the solve may stop.
        time_limit: Seconds for the whole solve.
        route: mip, relax_and_round, column_generation, or auto to choose by size.
        seed: Seed of the solver.
        threads: Threads of route column_generation, all cores for 0: groups of SKUs are solved
            beside each other, with the same result for any number. Other routes use one, so that
            a plan can be repeated.
        solver: highs, or another that PuLP knows and finds, for the program as one: cbc, gurobi.
    """

    gap: float = 0.005
    time_limit: float = 300.0
    route: str = "auto"
    seed: int = 0
    threads: int = 0
    solver: str = "highs"


@dataclass(frozen=True)
class Start:
    """What is known before a solve, from an earlier plan.

    Attributes:
        name: Whose it is, for the log.
        values: Value of each column; those of integers count, and need keep to no row.
        row_prices: Price of each row, 0 where none is known.
    """

    name: str
    values: Floats
    row_prices: Floats


@dataclass(frozen=True)
class Solution:
    """A plan in numbers.

    Attributes:
        values: Value of each column.
        objective: Cost of the plan.
        lower_bound: No plan costs less.
        row_prices: What one unit more of the row's bound changes in cost, integers held fixed.
        reduced_costs: What one unit more of the column costs, at these prices.
        savings: By row, of the dearest limits: what more of it (or of a target, less) saved.
        route: mip, relax_and_round, column_generation, or greedy where time ran out.
        termination_condition: What the solver said.
        solver: Name and version.
        seconds: Wall time.
    """

    values: Floats
    objective: float
    lower_bound: float
    row_prices: Floats
    reduced_costs: Floats
    savings: dict[int, Saving]
    route: str
    termination_condition: str
    solver: str
    seconds: float

    @property
    def gap(self) -> float:
        """(objective - lower bound) / objective; 0 for a plan that costs nothing."""
        return max(0.0, self.objective - self.lower_bound) / max(abs(self.objective), 1e-9)
