"""The whole program in HiGHS: routes mip and relax_and_round."""

import contextlib
import logging
import time
from dataclasses import replace
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from inventory_allocation.allocation.program import Floats, Program
from inventory_allocation.allocation.solving.by_columns import gather_flows
from inventory_allocation.allocation.solving.highs import name_solver, new_highs, pass_model
from inventory_allocation.allocation.solving.limits import try_limits
from inventory_allocation.allocation.solving.other_solvers import solve_by_other
from inventory_allocation.allocation.solving.rounding import (
    drop_unused,
    fit_rounded,
    list_fixed_charges,
    round_down,
)
from inventory_allocation.allocation.solving.solution import (
    OutOfTimeError,
    Solution,
    SolveSettings,
    Start,
)
from inventory_allocation.errors import InventoryAllocationError

__all__ = ["solve_whole"]

# Where there are more columns than this, and trucks, column generation looks for a plan first, in
# this share of the time; where there are orders, in this one.
GATHERED_COLUMNS, GATHERING_TIME, ORDERING_TIME = 5_000, 0.33, 0.75
# Of the time limit, what a search from a plan takes at least.
LATE_SHARE = 0.1
# Of the time that is left, what the relaxation may take, and looking for cuts.
RELAXATION_TIME, CUTTING_TIME = 0.7, 0.5
BROKEN_TOLERANCE = 1e-6
SAME = 1e-9

logger = logging.getLogger(__name__)


class WholeProgram:
    """HiGHS with the program in it, and a deadline."""

    def __init__(self, program: Program, settings: SolveSettings) -> None:
        self.program = program
        self.settings = settings
        self.deadline = time.perf_counter() + settings.time_limit
        self.integers = np.flatnonzero(program.is_integer).astype(np.int32)
        self.is_mip = False
        self.rows = np.flatnonzero(~program.is_cut)
        self._cuts = np.flatnonzero(program.is_cut)
        self.highs: Any = new_highs(random_seed=settings.seed)
        lower, upper = program.row_bounds
        pass_model(
            self.highs,
            program.cost,
            program.upper,
            program.matrix().tocsr()[self.rows].tocsc() if len(self._cuts) else program.matrix(),
            lower[self.rows],
            upper[self.rows],
        )

    @property
    def is_late(self) -> bool:
        """Whether so little time is left that a search from a plan isn't worth while."""
        return self.deadline - time.perf_counter() < LATE_SHARE * self.settings.time_limit

    def _set(self, **options: bool | int | float) -> None:
        for name, value in options.items():
            self.highs.setOptionValue(name, value)

    def make_whole(self, columns: npt.NDArray[np.int32]) -> None:
        """Ask these integer columns, and no others, to be whole."""
        continuous, whole = (
            int(highspy.HighsVarType.kContinuous),
            int(highspy.HighsVarType.kInteger),
        )
        self.is_mip = len(columns) > 0
        kinds = np.where(np.isin(self.integers, columns), whole, continuous).astype(np.uint8)
        self.highs.changeColsIntegrality(len(self.integers), self.integers, kinds)

    def bound(self, columns: npt.NDArray[np.int32], lower: Floats, upper: Floats) -> None:
        """Set bounds of columns."""
        self.highs.changeColsBounds(len(columns), columns, lower, upper)

    def hold(self, values: Floats) -> None:
        """Hold the integers.

        What closed centres would do is held at 0, and cuts and the rows that say so ask for
        nothing: one of an open centre would stand beside its capacity, and take a part of its
        price.
        """
        held = values[self.integers]
        self.bound(self.integers, held, held)
        self.make_whole(self.integers[:0])
        cuts = np.flatnonzero(self.program.is_cut)
        if "center_open" not in self.program.columns:
            self._free_rows(cuts)
            return
        center = self.program.columns["center_open"].positions
        matrix = self.program.matrix()
        closing = matrix[:, center[values[center] < 0.5]].tocoo()
        users = matrix.tocsr()[np.unique(closing.row[closing.data < 0])].indices
        users = np.setdiff1d(users, center).astype(np.int32)
        self.bound(users, np.zeros(len(users)), np.zeros(len(users)))
        self._free_rows(np.union1d(cuts, matrix[:, center].indices))

    def release(self) -> None:
        """Hold nothing any longer."""
        every = np.arange(len(self.program.cost), dtype=np.int32)
        self.bound(every, np.zeros(len(every)), self.program.upper)
        self._free_rows(self.rows[:0])

    def _free_rows(self, free: npt.NDArray[np.integer]) -> None:
        """Let these rows of the program, and no others, ask for nothing."""
        is_free = np.isin(self.rows, free)
        lower, upper = (bound[self.rows] for bound in self.program.row_bounds)
        every = np.arange(len(self.rows), dtype=np.int32)
        lower, upper = np.where(is_free, -np.inf, lower), np.where(is_free, np.inf, upper)
        self.highs.changeRowsBounds(len(every), every, lower, upper)

    def start_from(self, values: Floats) -> None:
        """Give a plan to improve on."""
        solution = highspy.HighsSolution()
        solution.col_value = values.tolist()
        self.highs.setSolution(solution)

    def run(self, what: str, gap: float, share: float) -> str:
        """Run for a share of the time that is left, and give the solver's own word.

        Raises:
            OutOfTimeError: It found no solution.
        """
        left = max(self.deadline - time.perf_counter(), 1.0)
        # HiGHS 1.16 counts the time of a linear program from the first run of the model, that of a
        # mixed-integer program from the start of this run.
        spent = 0.0 if self.is_mip else self.highs.getRunTime()
        self._set(mip_rel_gap=gap, time_limit=spent + share * left)
        self.highs.run()
        name = str(self.highs.modelStatusToString(self.highs.getModelStatus()))
        if self.highs.getInfo().primal_solution_status != 2:
            raise OutOfTimeError(f"the solver found no plan ({what}: {name})")
        return name

    def relax(self) -> tuple[Floats, float]:
        """Solve the relaxation, and again with the cuts it breaks: values and the bound.

        Raises:
            OutOfTimeError: It found no solution.
        """
        condition = self.run("relaxation", self.settings.gap, RELAXATION_TIME)
        if condition != "Optimal":
            raise OutOfTimeError(
                f"the relaxation stopped early ({condition}), so nothing is proven"
            )
        values, bound, before = self.values, self.objective, len(self.rows)
        end = time.perf_counter() + CUTTING_TIME * (self.deadline - time.perf_counter())
        while time.perf_counter() < end and self._add_broken_cuts():
            with contextlib.suppress(OutOfTimeError):
                if self.run("relaxation with cuts", self.settings.gap, 1.0) == "Optimal":
                    values, bound = self.values, self.objective
                    logger.info("with %d cuts: bound %s", len(self.rows) - before, f"{bound:,.0f}")
        return values, bound

    def _add_broken_cuts(self) -> bool:
        """Take in the cuts that the last solution breaks; False if there are none."""
        matrix = self.program.matrix().tocsr()[self._cuts]
        lower, upper = (bound[self._cuts] for bound in self.program.row_bounds)
        used = matrix @ self.values
        size = np.maximum(abs(matrix).max(axis=1).toarray().ravel(), 1.0) if len(used) else used
        is_broken = np.maximum(used - upper, lower - used) > BROKEN_TOLERANCE * size
        broken = matrix[is_broken]
        self.highs.addRows(
            broken.shape[0],
            lower[is_broken],
            upper[is_broken],
            broken.nnz,
            broken.indptr[:-1],
            broken.indices,
            broken.data,
        )
        self.rows = np.concatenate([self.rows, self._cuts[is_broken]])
        self._cuts = self._cuts[~is_broken]
        return bool(is_broken.any())

    @property
    def values(self) -> Floats:
        """Value of each column, the integers whole where they are asked to be."""
        return np.array(self.highs.getSolution().col_value)

    @property
    def objective(self) -> float:
        """Cost of the last solution."""
        return float(self.highs.getInfo().objective_function_value)


def _is_gathered(program: Program) -> bool:
    """Whether column generation looks for a plan first."""
    charged = len(program.columns["truck"].keys) + len(program.columns["order_placed"].keys)
    return len(program.cost) > GATHERED_COLUMNS and charged > 0


def _relax_packs(solver: WholeProgram, route: str) -> tuple[Floats, float]:
    """Solve with packs in parts, on route mip with the others whole: the bound holds for all."""
    whole = list_fixed_charges(solver.program)
    has_orders = len(solver.program.columns["order_placed"].keys) > 0
    if route == "mip" and len(whole) and not (has_orders and _is_gathered(solver.program)):
        if solver.program.is_cut.any():
            # The search goes on with the cuts that are found.
            solver.relax()
        solver.make_whole(whole)
        # What comes next needs the time: rounding, or more so where flows are gathered first.
        share = 0.1 if _is_gathered(solver.program) else 0.3
        if len(whole) == len(solver.integers):
            share = 0.9
        solver.run("whole trucks, packs in parts", solver.settings.gap / 5, share)
        return solver.values, float(solver.highs.getInfo().mip_dual_bound)
    return solver.relax()


def _round_packs(solver: WholeProgram, relaxed: Floats, start: Floats | None = None) -> Floats:
    """Round each pack up or down, the best way.

    Relaxation enforced neighbourhood search (Berthold 2014): a program in which each integer lies
    between the two whole numbers around its relaxed value, or down to that of a plan to start from.
    Without one, trucks and open centres are as relaxed.
    """
    program, columns = solver.program, solver.integers
    lower = np.floor(relaxed[columns] + 1e-6)
    upper = np.maximum(np.ceil(relaxed[columns] - 1e-6), lower)
    lower[np.isin(columns, program.columns["order"].positions)] = 0.0
    if start is None:
        lower = np.where(np.isin(columns, list_fixed_charges(program)), upper, lower)
    else:
        lower = np.minimum(lower, start[columns])
        upper = np.maximum(upper, start[columns])
    solver.release()
    solver.bound(columns, lower, upper)
    solver.make_whole(columns)
    if start is not None:
        solver.start_from(start)
    try:
        solver.run("rounding", solver.settings.gap / 10, 0.3 if start is None else 0.9)
    except OutOfTimeError:
        if start is not None:
            return start
        # A centre may pass on what was to arrive in a pack that is rounded down: allow fewer.
        solver.bound(columns, np.zeros(len(columns)), upper)
        solver.run("rounding down", solver.settings.gap / 10, 0.3)
    values = solver.values
    solver.bound(columns, np.zeros(len(columns)), program.upper[columns])
    values[columns] = np.round(values[columns])
    if start is not None and program.cost @ values > program.cost @ start:
        return start
    return values


def _read_whole(solver: WholeProgram) -> Floats:
    """Values of the last solution, integers that were held exactly whole."""
    values = np.maximum(solver.values, 0.0)
    values[solver.integers] = np.round(values[solver.integers])
    return values


def _is_close(solver: WholeProgram, values: Floats, lower_bound: float) -> bool:
    """Whether a plan is within the gap asked for, as far as numbers of 64 bits tell."""
    cost = float(solver.program.cost @ values)
    return cost - lower_bound <= max(solver.settings.gap, SAME) * abs(cost)


def _take_over(solver: WholeProgram, start: Start) -> Floats | None:
    """The plan with the whole decisions of an earlier one, as far as they are still possible."""
    program = solver.program
    try:
        asked = np.minimum(start.values, program.upper)
        _price_rows(solver, fit_rounded(program, asked, asked))
    except OutOfTimeError:
        return None
    finally:
        solver.release()
    values = _read_whole(solver)
    logger.info("decisions of %s: cost %s", start.name, f"{program.cost @ values:,.0f}")
    return values


def _round_better(solver: WholeProgram, relaxed: Floats, lower_bound: float) -> Floats:
    """Rounded down, and, where that leaves more than the gap asked for, better from there."""
    program = solver.program
    values = round_down(program, relaxed)
    _price_rows(solver, values)
    values = _read_whole(solver)
    logger.info("packs rounded down: cost %s", f"{program.cost @ values:,.0f}")
    if _is_close(solver, values, lower_bound):
        return values
    return _round_packs(solver, relaxed, values)


def _round_or_gather(
    solver: WholeProgram, relaxed: Floats, lower_bound: float
) -> tuple[Floats, float]:
    """Packs rounded near the relaxation, or the plan of column generation where that costs less.

    Column generation gathers flows in few trucks, which rounding can't: in a program of some size
    with trucks it gets a third of the time that is left.
    """
    program, settings = solver.program, solver.settings
    gathered, cost = None, np.inf
    has_orders = len(program.columns["order_placed"].keys) > 0
    if _is_gathered(program):
        share = ORDERING_TIME if has_orders else GATHERING_TIME
        seconds = share * max(solver.deadline - time.perf_counter(), 1.0)
        with contextlib.suppress(InventoryAllocationError):
            whole, bound = gather_flows(program, replace(settings, time_limit=seconds))
            lower_bound = max(lower_bound, bound)
            _price_rows(solver, whole)
            gathered = _read_whole(solver)
            cost = float(program.cost @ gathered)
            logger.info("flows gathered: cost %s", f"{cost:,.0f}")
        solver.release()
    if gathered is not None and (solver.is_late or _is_close(solver, gathered, lower_bound)):
        return gathered, lower_bound
    if gathered is not None and has_orders:
        # Rounded, parts of orders say little.
        return _round_packs(solver, relaxed, gathered), lower_bound
    try:
        rounded = _round_packs(solver, relaxed)
    except OutOfTimeError:
        if gathered is None:
            raise
        return gathered, lower_bound
    if gathered is None or program.cost @ rounded <= cost:
        return rounded, lower_bound
    return gathered, lower_bound


def _is_mispriced(solver: WholeProgram) -> bool:
    """Whether HiGHS takes its plan to cost less than it does.

    HiGHS 1.16 may price the plan to start from too low once it has reduced the program, and then
    calls it optimal. The bound it gives holds, but better plans were cut off.
    """
    cost = float(solver.program.cost @ solver.values)
    return cost - solver.objective > 1e-6 * abs(cost)


def _improve(solver: WholeProgram, start: Floats) -> tuple[Floats, float, str]:
    """Solve the whole program from a plan; give the better plan, its bound, the solver's word.

    A run that ends without a better plan keeps the one it started from; where it is late, there is
    no run.
    """
    values, cost = start, solver.program.cost
    condition = "Time limit reached"
    if solver.is_late:
        return start, -np.inf, condition
    solver.make_whole(solver.integers)
    solver.start_from(start)
    with contextlib.suppress(OutOfTimeError):
        condition = solver.run("mixed-integer program", solver.settings.gap, 0.9)
        if condition == "Optimal" and _is_mispriced(solver):
            solver.highs.clearSolver()
            condition = solver.run("mixed-integer program", solver.settings.gap, 0.9)
        found = solver.values
        found[solver.integers] = np.round(found[solver.integers])
        values = found if cost @ found < cost @ start else start
    bound = float(solver.highs.getInfo().mip_dual_bound)
    logger.info("solved as one: cost %s, bound %s", f"{cost @ values:,.0f}", f"{bound:,.0f}")
    return values, bound, condition


def _price_rows(solver: WholeProgram, values: Floats) -> None:
    """Solve the flows again with the integers held, for exact flows and their prices."""
    solver.hold(values)
    solver.run("flows with the integers held", solver.settings.gap, 1.0)


def _cost_with(solver: WholeProgram, row: int, bounds: Floats) -> float:
    """Cost of the flows with other bounds of a row, integers held; NaN where that isn't found."""
    lower, upper = solver.program.row_bounds
    at = int(np.flatnonzero(solver.rows == row)[0])
    solver.highs.changeRowBounds(at, *bounds)
    cost = float("nan")
    with contextlib.suppress(OutOfTimeError):
        if solver.run("another limit", solver.settings.gap, 1.0) == "Optimal":
            cost = solver.objective
    solver.highs.changeRowBounds(at, lower[row], upper[row])
    return cost


def solve_whole(
    program: Program,
    settings: SolveSettings,
    route: str,
    *,
    start: Start | None = None,
    held: Floats | None = None,
    is_explained: bool = True,
) -> Solution:
    """Solve the program on route mip or relax_and_round.

    First packs are relaxed: the cost of that is a proven lower bound. Then packs are rounded: on
    route relax_and_round down, on route mip the best way, and where that leaves more than the gap
    asked for, the whole program is solved from there. Last the integers are held and the flows
    solved as a linear program: its duals are the prices (one valid set; they need not be unique),
    and more of the dearest limits is tried out. The whole decisions of an earlier plan, where there
    is one, are tried first, and rounded from.

    Raises:
        OutOfTimeError: The solver found no plan within its time.
    """
    started = time.perf_counter()
    solver = WholeProgram(program, settings)
    if held is not None:
        return _solve_held(solver, route, held, started, is_explained)
    known = None
    if start is not None and len(solver.integers):
        # The linear program is quick, and its bound may be enough.
        values, lower_bound = _relax_packs(solver, "relax_and_round")
        known = _take_over(solver, start)
    if known is None or not _is_close(solver, known, lower_bound):
        values, lower_bound = _relax_packs(solver, route)
    logger.info("packs in parts: no plan costs less than %s", f"{lower_bound:,.0f}")
    try:
        return _finish(solver, route, values, lower_bound, known, started, is_explained)
    except OutOfTimeError as error:
        error.lower_bound = lower_bound
        raise


def _solve_held(
    solver: WholeProgram, route: str, held: Floats, started: float, is_explained: bool
) -> Solution:
    """The flows with the integers as they are decided."""
    values = np.zeros(len(solver.program.cost))
    values[solver.integers] = held
    _price_rows(solver, values)
    condition = str(solver.highs.modelStatusToString(solver.highs.getModelStatus()))
    is_proven = condition == "Optimal"
    bound = solver.objective if is_proven else 0.0
    return _describe(solver, route, bound, condition, started, is_explained)


def _finish(
    solver: WholeProgram,
    route: str,
    values: Floats,
    lower_bound: float,
    known: Floats | None,
    started: float,
    is_explained: bool,
) -> Solution:
    """From packs in parts to a plan with prices."""
    program, settings = solver.program, solver.settings
    condition = "Optimal"
    if settings.solver != "highs":
        left = solver.deadline - time.perf_counter()
        values, is_proven = solve_by_other(program, settings, left)
        cost = float(program.cost @ values)
        logger.info("solved by %s: cost %s", settings.solver, f"{cost:,.0f}")
        if is_proven:
            lower_bound = max(lower_bound, cost - settings.gap * abs(cost))
        condition = "Optimal" if is_proven else "Time limit reached"
        _price_rows(solver, values)
    elif len(solver.integers):
        is_mip = route == "mip"
        if known is not None:
            values = (
                known
                if _is_close(solver, known, lower_bound)
                else _round_packs(solver, values, known)
            )
        elif is_mip:
            values, lower_bound = _round_or_gather(solver, values, lower_bound)
        else:
            values = _round_better(solver, values, lower_bound)
        cost = float(program.cost @ values)
        logger.info("packs rounded: cost %s", f"{cost:,.0f}")
        if is_mip and not _is_close(solver, values, lower_bound):
            values, bound, condition = _improve(solver, values)
            lower_bound = max(lower_bound, bound)
        _price_rows(solver, values)
    return _describe(solver, route, lower_bound, condition, started, is_explained)


def _describe(
    solver: WholeProgram,
    route: str,
    lower_bound: float,
    condition: str,
    started: float,
    is_explained: bool,
) -> Solution:
    """The plan that the solver holds, with its prices and what more of the dearest limits saves."""
    program = solver.program
    values, before = drop_unused(program, np.maximum(solver.values, 0.0)), solver.objective
    solution = solver.highs.getSolution()
    duals, reduced_costs = np.zeros(len(program.is_cut)), np.array(solution.col_dual)
    duals[solver.rows] = solution.row_dual
    savings = {}
    if is_explained:
        savings = try_limits(
            program,
            duals,
            solver.rows,
            lambda row, bounds: _cost_with(solver, row, bounds),
            before,
            solver.deadline,
        )
    return Solution(
        values=values,
        objective=float(program.cost @ values),
        lower_bound=lower_bound,
        row_prices=duals,
        reduced_costs=reduced_costs,
        savings=savings,
        route=route,
        termination_condition=condition,
        solver=name_solver(solver.highs)
        if solver.settings.solver == "highs"
        else solver.settings.solver,
        seconds=time.perf_counter() - started,
    )
