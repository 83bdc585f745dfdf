"""The program by another solver, through PuLP: a second opinion, or one that you own."""

import time

import numpy as np

from inventory_allocation.allocation.program import Floats, Program
from inventory_allocation.allocation.solving.solution import OutOfTimeError, SolveSettings
from inventory_allocation.errors import InputError

__all__ = ["require_solver", "solve_by_other"]

# What people call them, and PuLP's name.
NAMES = {
    "cbc": "PULP_CBC_CMD",
    "gurobi": "GUROBI",
    "cplex": "CPLEX_PY",
    "scip": "SCIP_PY",
    "xpress": "XPRESS_PY",
    "mosek": "MOSEK",
    "copt": "COPT",
    "glpk": "GLPK_CMD",
}


def require_solver(name: str) -> str:
    """PuLP's name of a solver.

    Raises:
        InputError: It isn't installed.
    """
    import pulp

    known = NAMES.get(name.lower(), name)
    there = pulp.listSolvers(onlyAvailable=True)
    if known not in there:
        short = {value: key for key, value in NAMES.items()}
        # PuLP's own way to HiGHS is none of ours.
        others = sorted(short.get(one, one) for one in there if one != "HiGHS")
        raise InputError(
            f"solver {name} is not installed; there are: {', '.join(['highs', *others])}"
        )
    return known


def solve_by_other(
    program: Program, settings: SolveSettings, seconds: float
) -> tuple[Floats, bool]:
    """Solve the whole program by the solver of the settings.

    Args:
        program: The program.
        settings: `solver` and `gap`.
        seconds: Time for the solver.

    Returns:
        Value of each column, and whether the solver says that the gap is reached.

    Raises:
        InputError: The solver isn't installed.
        OutOfTimeError: It found no plan.
    """
    import pulp

    started = time.perf_counter()
    solver = pulp.getSolver(
        require_solver(settings.solver), msg=False, gapRel=settings.gap, timeLimit=seconds
    )
    upper, cost, is_integer = program.upper, program.cost, program.is_integer
    columns = [
        pulp.LpVariable(
            f"x{number}",
            0,
            None if np.isinf(upper[number]) else float(upper[number]),
            pulp.LpInteger if is_integer[number] else pulp.LpContinuous,
        )
        for number in range(len(cost))
    ]
    problem = pulp.LpProblem("allocation", pulp.LpMinimize)
    problem.setObjective(pulp.LpAffineExpression(zip(columns, cost.tolist(), strict=True)))
    matrix = program.matrix().tocsr()
    for number, (low, high) in enumerate(zip(*program.row_bounds, strict=True)):
        inside = slice(matrix.indptr[number], matrix.indptr[number + 1])
        # PuLP's files can't hold a row of nothing; of ours, none asks for anything.
        if inside.start == inside.stop:
            continue
        terms = [
            (columns[column], float(value))
            for column, value in zip(matrix.indices[inside], matrix.data[inside], strict=True)
        ]
        if low == high:
            problem += pulp.LpAffineExpression(terms) == float(low)
            continue
        if np.isfinite(low):
            problem += pulp.LpAffineExpression(terms) >= float(low)
        if np.isfinite(high):
            problem += pulp.LpAffineExpression(terms) <= float(high)
    solver.timeLimit = max(seconds - (time.perf_counter() - started), 1.0)
    problem.solve(solver)
    if problem.status == pulp.LpStatusInfeasible and settings.solver == "cbc":
        # CBC 2.10 may lose all plans in its preprocessing; there always is one.
        solver.options = [*solver.options, "preprocess off"]
        problem.solve(solver)
    if problem.sol_status not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        word = pulp.LpStatus[problem.status]
        raise OutOfTimeError(f"solver {settings.solver} found no plan ({word})")
    values = np.array([column.value() or 0.0 for column in columns])
    values[is_integer] = np.round(values[is_integer])
    return values, problem.sol_status == pulp.LpSolutionOptimal
