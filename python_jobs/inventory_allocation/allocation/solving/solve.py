"""Solving the program with HiGHS, with a proven gap, by the route that its size asks for."""

import logging
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from inventory_allocation.allocation.program import Floats, Program
from inventory_allocation.allocation.solving.blocks import count_linking_rows
from inventory_allocation.allocation.solving.by_columns import solve_by_columns
from inventory_allocation.allocation.solving.highs import name_solver, new_highs
from inventory_allocation.allocation.solving.other_solvers import require_solver
from inventory_allocation.allocation.solving.solution import (
    OutOfTimeError,
    Solution,
    SolveSettings,
    Start,
)
from inventory_allocation.allocation.solving.whole import solve_whole
from inventory_allocation.errors import InputError, InventoryAllocationError

__all__ = ["choose_route", "solve_program"]

# One mixed-integer program up to here; past it the relaxation is solved and rounded.
MAX_MIP_COLUMNS = 60_000
# With cuts, which column generation leaves out, and no more integers than so many, up to here.
FEW_INTEGERS, MAX_CUT_COLUMNS = 500, 300_000
# One linear program up to here; past it one for each group of SKUs.
MAX_WHOLE_COLUMNS = 150_000
# More rows that join SKUs than this are too many for column generation.
MAX_LINKING_ROWS = 10_000
# What column generation gets where another route found no plan in time: of the time limit, and in
# seconds at least.
MORE_TIME, LEAST_SECONDS = 0.1, 2.0

logger = logging.getLogger(__name__)


def choose_route(program: Program) -> str:
    """The route for a program of this size.

    mip for a small program, one with few integers and cuts, or without integers that is still
    solved as one; column_generation for a larger one, or relax_and_round where many rows hold it
    together.
    """
    size, integers = len(program.cost), int(program.is_integer.sum())
    most = MAX_MIP_COLUMNS if integers else MAX_WHOLE_COLUMNS
    if program.is_cut.any() and integers <= FEW_INTEGERS:
        most = MAX_CUT_COLUMNS
    if size <= most:
        return "mip"
    is_loose = count_linking_rows(program) <= MAX_LINKING_ROWS
    return "column_generation" if is_loose else "relax_and_round"


def solve_program(
    program: Program,
    settings: SolveSettings,
    fallback: Callable[[], Floats] | None = None,
    *,
    start: Start | None = None,
    held: Floats | None = None,
    is_explained: bool = True,
) -> Solution:
    """Solve the program, by the route asked for or chosen by size.

    Where time runs out first, column generation is given a tenth of the time limit more: it has a
    bound after its first round, and a plan as soon as its flows can be cut to fit. Where that
    fails, or costs more than the plan to fall back on, that one is the plan. So it is where the
    solver fails.

    Args:
        program: The program.
        settings: How to solve.
        fallback: Gives a plan that is possible.
        start: What an earlier plan knows.
        held: Values of the integer columns, where they are decided already.
        is_explained: Whether more of the dearest limits is tried out.

    Raises:
        InputError: The solver of the settings isn't installed.
        OutOfTimeError: Time ran out before there was a plan, and there is none to fall back on.
    """
    route = choose_route(program) if settings.route == "auto" else settings.route
    if settings.solver != "highs":
        require_solver(settings.solver)
        route = "mip"
    logger.info(
        "%d columns, %d of them whole, and %d rows: route %s",
        len(program.cost),
        program.is_integer.sum(),
        len(program.row_bounds[0]),
        route,
    )
    try:
        solution = _solve_by(route, program, settings, start, held, is_explained)
    except InputError:
        raise
    except InventoryAllocationError as stopped:
        # Time ran out, or HiGHS lost its way in numbers.
        if fallback is None:
            raise
        logger.info("%s", stopped)
        bound = stopped.lower_bound if isinstance(stopped, OutOfTimeError) else 0.0
        solution = _fall_back(route, program, settings, bound, fallback(), is_explained)
    if fallback is None or solution.gap <= settings.gap:
        return solution
    values = fallback()
    cost = float(program.cost @ values)
    if cost >= solution.objective:
        return solution
    logger.info("the plan to fall back on costs less: %s", f"{cost:,.0f}")
    return replace(solution, values=values, objective=cost, route="greedy")


def _solve_by(
    route: str,
    program: Program,
    settings: SolveSettings,
    start: Start | None,
    held: Floats | None,
    is_explained: bool,
) -> Solution:
    if route == "column_generation":
        return solve_by_columns(
            program, settings, start=start, held=held, is_explained=is_explained
        )
    return solve_whole(program, settings, route, start=start, held=held, is_explained=is_explained)


def _fall_back(
    route: str,
    program: Program,
    settings: SolveSettings,
    lower_bound: float,
    values: Floats,
    is_explained: bool,
) -> Solution:
    """The plan to fall back on, with what column generation says of it in a little time."""
    if route != "column_generation":
        seconds = max(MORE_TIME * settings.time_limit, LEAST_SECONDS)
        try:
            found = solve_by_columns(
                program, replace(settings, time_limit=seconds), is_explained=is_explained
            )
            return replace(found, lower_bound=max(lower_bound, found.lower_bound))
        except InventoryAllocationError as stopped:
            if isinstance(stopped, OutOfTimeError):
                lower_bound = max(lower_bound, stopped.lower_bound)
    return Solution(
        values=values,
        objective=float(program.cost @ values),
        lower_bound=lower_bound,
        row_prices=np.zeros(len(program.row_bounds[0])),
        reduced_costs=program.cost,
        savings={},
        route="greedy",
        termination_condition="Time limit reached",
        solver=name_solver(new_highs()),
        seconds=settings.time_limit,
    )
