"""Solving the program: by size whole, or by columns; always with a proven bound."""

from inventory_allocation.allocation.solving.limits import LIMITS, Saving
from inventory_allocation.allocation.solving.settle import settle_single_columns
from inventory_allocation.allocation.solving.solution import (
    OutOfTimeError,
    Solution,
    SolveSettings,
)
from inventory_allocation.allocation.solving.solve import choose_route, solve_program

__all__ = [
    "LIMITS",
    "OutOfTimeError",
    "Saving",
    "Solution",
    "SolveSettings",
    "choose_route",
    "settle_single_columns",
    "solve_program",
]
