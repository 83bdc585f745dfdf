"""Solving the program: by size whole, or by columns; always with a proven bound."""

from inventory_allocation.allocation.solving.fit import fit_plan
from inventory_allocation.allocation.solving.limits import LIMITS, Saving
from inventory_allocation.allocation.solving.solution import (
    OutOfTimeError,
    Solution,
    SolveSettings,
    Start,
)
from inventory_allocation.allocation.solving.solve import choose_route, solve_program

__all__ = [
    "LIMITS",
    "OutOfTimeError",
    "Saving",
    "Solution",
    "SolveSettings",
    "Start",
    "choose_route",
    "fit_plan",
    "solve_program",
]
