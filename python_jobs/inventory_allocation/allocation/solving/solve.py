"""Solving the program with HiGHS, with a proven gap, by the route that its size asks for."""

import logging

from inventory_allocation.allocation.program import Program
from inventory_allocation.allocation.solving.blocks import count_linking_rows
from inventory_allocation.allocation.solving.by_columns import solve_by_columns
from inventory_allocation.allocation.solving.solution import Solution, SolveSettings
from inventory_allocation.allocation.solving.whole import solve_whole

__all__ = ["choose_route", "solve_program"]

# One mixed-integer program up to here; past it the relaxation is solved and rounded.
MAX_MIP_COLUMNS = 60_000
# One linear program up to here; past it one for each group of SKUs.
MAX_WHOLE_COLUMNS = 150_000
# More rows that join SKUs than this are too many for column generation.
MAX_LINKING_ROWS = 4_000

logger = logging.getLogger(__name__)


def choose_route(program: Program) -> str:
    """The route for a program of this size.

    mip for a small program, or one without integers that is still solved as one; column_generation
    for a large one that few rows hold together; relax_and_round between them.
    """
    size = len(program.cost)
    if size <= MAX_MIP_COLUMNS or (size <= MAX_WHOLE_COLUMNS and not program.is_integer.any()):
        return "mip"
    if size > MAX_WHOLE_COLUMNS and count_linking_rows(program) <= MAX_LINKING_ROWS:
        return "column_generation"
    return "relax_and_round"


def solve_program(program: Program, settings: SolveSettings) -> Solution:
    """Solve the program, by the route asked for or chosen by size.

    Raises:
        InventoryAllocationError: The solver found no plan within its limits.
    """
    route = choose_route(program) if settings.route == "auto" else settings.route
    logger.info(
        "%d columns, %d of them whole, and %d rows: route %s",
        len(program.cost),
        program.is_integer.sum(),
        len(program.row_bounds[0]),
        route,
    )
    if route == "column_generation":
        return solve_by_columns(program, settings)
    return solve_whole(program, settings, route)
