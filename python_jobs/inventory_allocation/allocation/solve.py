"""Solving the program with HiGHS, with a proven gap."""

import contextlib
import time
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from inventory_allocation.allocation.program import Program
from inventory_allocation.errors import InventoryAllocationError

__all__ = ["LIMITS", "Saving", "Solution", "SolveSettings", "choose_route", "solve_program"]

Floats = npt.NDArray[np.float64]

# One mixed-integer program up to here; past it the relaxation is solved and rounded.
MAX_MIP_COLUMNS = 60_000
FIXED_CHARGES = ("truck", "center_open", "order_placed")
# What a planner could have more of, or ask less of; the dearest are tried out.
LIMITS = (
    "outbound_capacity",
    "inbound_capacity",
    "storage_capacity",
    "lane_capacity",
    "transfer_capacity",
    "service_target",
    "sla_target",
    "stock_balance",
)
TRIED_LIMITS = 20
TRIED_SHARE = 0.01
SMALL = 1e-3
PRICE_TOLERANCE = 1e-6


@dataclass(frozen=True)
class SolveSettings:
    """How to solve.

    Attributes:
        gap: Relative gap at which the solve may stop.
        time_limit: Seconds for the whole solve.
        route: mip, relax_and_round, or auto to choose by size.
        seed: Seed of the solver. It uses one thread, so that a plan can be repeated.
    """

    gap: float = 0.005
    time_limit: float = 300.0
    route: str = "auto"
    seed: int = 0


@dataclass(frozen=True)
class Saving:
    """What was seen of a limit when it was tried, integers held fixed.

    Attributes:
        step: How much more of it, or of a target how much less.
        saved: What that saved.
        price: What a small step saves, for one unit.
    """

    step: float
    saved: float
    price: float


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
        route: mip or relax_and_round.
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


def choose_route(program: Program) -> str:
    """Mip for a small program or one without integers; relax_and_round beyond."""
    is_small = len(program.cost) <= MAX_MIP_COLUMNS
    return "mip" if is_small or not program.is_integer.any() else "relax_and_round"


class _Solver:
    """HiGHS with the program in it, and a deadline."""

    def __init__(self, program: Program, settings: SolveSettings) -> None:
        self.program = program
        self.settings = settings
        self.deadline = time.perf_counter() + settings.time_limit
        self.integers = np.flatnonzero(program.is_integer).astype(np.int32)
        self.highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self._set(output_flag=False, threads=1, random_seed=settings.seed)
        matrix = program.matrix()
        lower, upper = program.row_bounds
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(program.cost), len(lower)
        lp.col_cost_ = program.cost
        lp.col_lower_ = np.zeros(len(program.cost))
        lp.col_upper_ = np.minimum(program.upper, highspy.kHighsInf)
        lp.row_lower_ = np.maximum(lower, -highspy.kHighsInf)
        lp.row_upper_ = np.minimum(upper, highspy.kHighsInf)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = matrix.indptr
        lp.a_matrix_.index_ = matrix.indices
        lp.a_matrix_.value_ = matrix.data
        self.highs.passModel(lp)

    def _set(self, **options: bool | int | float) -> None:
        for name, value in options.items():
            self.highs.setOptionValue(name, value)

    def make_whole(self, columns: npt.NDArray[np.int32]) -> None:
        """Ask these integer columns, and no others, to be whole."""
        continuous, whole = (
            int(highspy.HighsVarType.kContinuous),
            int(highspy.HighsVarType.kInteger),
        )
        kinds = np.where(np.isin(self.integers, columns), whole, continuous).astype(np.uint8)
        self.highs.changeColsIntegrality(len(self.integers), self.integers, kinds)

    def bound(self, columns: npt.NDArray[np.int32], lower: Floats, upper: Floats) -> None:
        """Set bounds of columns."""
        self.highs.changeColsBounds(len(columns), columns, lower, upper)

    def start_from(self, values: Floats) -> None:
        """Give a plan to improve on."""
        solution = highspy.HighsSolution()
        solution.col_value = values.tolist()
        self.highs.setSolution(solution)

    def run(self, what: str, gap: float, share: float) -> str:
        """Run for a share of the time that is left, and give the solver's own word.

        Raises:
            InventoryAllocationError: It found no solution.
        """
        left = max(self.deadline - time.perf_counter(), 1.0)
        # HiGHS counts time from the first run of the model.
        self._set(mip_rel_gap=gap, time_limit=self.highs.getRunTime() + share * left)
        self.highs.run()
        name = str(self.highs.modelStatusToString(self.highs.getModelStatus()))
        if self.highs.getInfo().primal_solution_status != 2:
            raise InventoryAllocationError(
                f"the solver found no plan ({what}: {name}). Give it more time with --time-limit"
            )
        return name

    @property
    def values(self) -> Floats:
        """Value of each column, the integers whole where they are asked to be."""
        return np.array(self.highs.getSolution().col_value)

    @property
    def objective(self) -> float:
        """Cost of the last solution."""
        return float(self.highs.getInfo().objective_function_value)


def _fixed_charges(program: Program) -> npt.NDArray[np.int32]:
    """The few integers that cost by themselves: trucks, open centres."""
    blocks = [program.columns[name] for name in FIXED_CHARGES if name in program.columns]
    return np.concatenate([block.positions for block in blocks]).astype(np.int32)


def _relax_packs(solver: _Solver, route: str) -> tuple[Floats, float]:
    """Solve with packs in parts, on route mip with the others whole: the bound holds for all."""
    whole = _fixed_charges(solver.program)
    if route == "mip" and len(whole):
        solver.make_whole(whole)
        solver.run("whole trucks, packs in parts", solver.settings.gap / 5, 0.3)
        return solver.values, float(solver.highs.getInfo().mip_dual_bound)
    condition = solver.run("relaxation", solver.settings.gap, 0.7)
    if condition != "Optimal":
        raise InventoryAllocationError(
            f"the relaxation stopped early ({condition}), so nothing is proven. "
            "Give it more time with --time-limit"
        )
    return solver.values, solver.objective


def _round_packs(solver: _Solver, relaxed: Floats) -> Floats:
    """Round each pack up or down, the best way, with trucks and open centres as relaxed.

    Relaxation enforced neighbourhood search (Berthold 2014): a program in which each integer lies
    between the two whole numbers around its relaxed value.
    """
    program, columns = solver.program, solver.integers
    lower = np.floor(relaxed[columns] + 1e-6)
    upper = np.maximum(np.ceil(relaxed[columns] - 1e-6), lower)
    lower[np.isin(columns, program.columns["order"].positions)] = 0.0
    lower = np.where(np.isin(columns, _fixed_charges(program)), upper, lower)
    solver.bound(columns, lower, upper)
    solver.make_whole(columns)
    try:
        solver.run("rounding", solver.settings.gap / 10, 0.3)
    except InventoryAllocationError:
        # A centre may pass on what was to arrive in a pack that is rounded down: allow fewer.
        solver.bound(columns, np.zeros(len(columns)), upper)
        solver.run("rounding down", solver.settings.gap / 10, 0.3)
    values = solver.values
    solver.bound(columns, np.zeros(len(columns)), program.upper[columns])
    values[columns] = np.round(values[columns])
    return values


def _stop_unfilled(program: Program, values: Floats) -> None:
    """Send nothing from where packs rounded down no longer bring what was to be sent on."""
    transfer, balance = program.columns["transfer"], program.rows["stock_balance"]
    matrix, order = program.matrix().tocsr()[balance.positions], program.columns["order"]
    rows = matrix[:, transfer.positions]
    ordered = matrix[:, order.positions] @ values[order.positions]
    supply = program.row_bounds[0][balance.positions] - ordered
    senders = transfer.keys.set_index(["from_fc", "sku"]).index
    while True:
        left = balance.keys.assign(left=supply - rows @ values[transfer.positions])
        is_short = left.groupby(["fc", "sku"])["left"].cumsum() < -1e-6
        if not is_short.any():
            return
        short = left[is_short].set_index(["fc", "sku"]).index
        values[transfer.positions[senders.isin(short)]] = 0.0


def _round_orders(program: Program, values: Floats) -> None:
    """Whole multiples, rounded down; none where that is below the minimum."""
    order, placed = program.columns["order"], program.columns["order_placed"]
    values[order.positions] = np.floor(values[order.positions] + 1e-6)
    least = program.rows["order_minimum"].positions
    short = (program.matrix().tocsr()[least] @ values < -1e-9) | (
        values[order.start + placed.keys["order"].to_numpy(dtype=np.int64)] < 0.5
    )
    values[order.start + placed.keys["order"].to_numpy(dtype=np.int64)[short]] = 0.0
    values[placed.positions[short]] = 0.0


def _round_down(program: Program, relaxed: Floats) -> Floats:
    """Whole packs, rounded down, and the trucks and centres they need: possible, and quick."""
    values = relaxed.copy()
    charged = _fixed_charges(program)
    values[charged] = np.ceil(relaxed[charged] - 1e-9)
    _round_orders(program, values)
    transfer, truck = program.columns["transfer"], program.columns["truck"]
    values[transfer.positions] = np.floor(relaxed[transfer.positions] + 1e-6)
    _stop_unfilled(program, values)
    values[truck.positions] = 0.0
    rows = program.matrix().tocsr()[program.rows["truck_volume"].positions]
    volume = rows @ values
    room = -np.asarray(rows[:, truck.positions].sum(axis=1)).ravel()
    # What takes no room needs a truck as well.
    moves = transfer.keys[values[transfer.positions] > 0.5].set_index(["lane", "period"]).index
    is_used = truck.keys.set_index(["lane", "period"]).index.isin(moves)
    values[truck.positions] = np.maximum(np.ceil(volume / room - 1e-9), is_used)
    return values


def _is_mispriced(solver: _Solver) -> bool:
    """Whether HiGHS takes its plan to cost less than it does.

    HiGHS 1.16 may price the plan to start from too low once it has reduced the program, and then
    calls it optimal. The bound it gives holds, but better plans were cut off.
    """
    cost = float(solver.program.cost @ solver.values)
    return cost - solver.objective > 1e-6 * abs(cost)


def _solve_whole(solver: _Solver, start: Floats) -> tuple[Floats, float, str]:
    """Solve the whole program from a plan; give the better plan, its bound, the solver's word.

    A run that ends without a better plan keeps the one it started from.
    """
    solver.make_whole(solver.integers)
    solver.start_from(start)
    values = start
    condition = "Time limit reached"
    with contextlib.suppress(InventoryAllocationError):
        condition = solver.run("mixed-integer program", solver.settings.gap, 0.9)
        if condition == "Optimal" and _is_mispriced(solver):
            solver.highs.clearSolver()
            condition = solver.run("mixed-integer program", solver.settings.gap, 0.9)
        found = solver.values
        found[solver.integers] = np.round(found[solver.integers])
        cost = solver.program.cost
        values = found if cost @ found < cost @ start else start
    return values, float(solver.highs.getInfo().mip_dual_bound), condition


def _price_rows(solver: _Solver, values: Floats) -> None:
    """Solve the flows again with the integers held, for exact flows and their prices."""
    held = values[solver.integers]
    solver.bound(solver.integers, held, held)
    solver.make_whole(solver.integers[:0])
    solver.run("flows with the integers held", solver.settings.gap, 1.0)


def _save_by(solver: _Solver, row: int, bounds: Floats, more: Floats, before: float) -> float:
    """What a limit with looser bounds saves, integers held; NaN where that isn't found."""
    solver.highs.changeRowBounds(row, *(bounds + more))
    condition = solver.run("a looser limit", solver.settings.gap, 1.0)
    saved = max(before - solver.objective, 0.0) if condition == "Optimal" else float("nan")
    solver.highs.changeRowBounds(row, *bounds)
    return saved


def _try_limits(solver: _Solver, duals: Floats) -> dict[int, Saving]:
    """Solve the flows again with 1 % more, or one more, of each of the dearest limits.

    Where that saves less than the dual says, a small step tells whether the dual holds in this
    direction: that of a degenerate plan may hold in the other one, or in none.
    """
    lower, upper = solver.program.row_bounds
    blocks = [solver.program.rows[name] for name in LIMITS]
    rows = np.concatenate([block.positions for block in blocks])
    # Stock that is left over has a price of the other sign.
    is_target = np.isin(rows, np.concatenate([b.positions for b in blocks if "target" in b.name]))
    price = np.where(is_target, duals[rows], -duals[rows])
    bound = np.where(is_target, lower[rows], upper[rows])
    worth = np.where((price > PRICE_TOLERANCE) & (bound > 0), price * bound, 0.0)
    before, tried = solver.objective, {}
    for number in np.argsort(-worth, kind="stable")[:TRIED_LIMITS]:
        if worth[number] <= 0 or time.perf_counter() > solver.deadline:
            break
        row, step = int(rows[number]), max(float(TRIED_SHARE * bound[number]), 1.0)
        bounds = np.array([lower[row], upper[row]])
        one = np.array([-1.0, 0.0] if is_target[number] else [1.0, 1.0])
        saved = _save_by(solver, row, bounds, step * one, before)
        each = float(price[number])
        if saved < 0.99 * each * step:
            small = SMALL * step
            each = min(each, _save_by(solver, row, bounds, small * one, before) / small)
        if np.isfinite(saved) and np.isfinite(each):
            tried[row] = Saving(step, saved, each)
    return tried


def solve_program(program: Program, settings: SolveSettings) -> Solution:
    """Solve the program.

    First packs are relaxed: the cost of that is a proven lower bound. Then packs are rounded: on
    route relax_and_round down, on route mip the best way, and where that leaves more than the gap
    asked for, the whole program is solved from there. Last the integers are held and the flows
    solved as a linear program: its duals are the prices (one valid set; they need not be unique),
    and more of the dearest limits is tried out.

    Raises:
        InventoryAllocationError: The solver found no plan within its limits.
    """
    started = time.perf_counter()
    route = choose_route(program) if settings.route == "auto" else settings.route
    solver = _Solver(program, settings)
    values, lower_bound = _relax_packs(solver, route)
    condition = "Optimal"
    if len(solver.integers):
        is_mip = route == "mip"
        values = _round_packs(solver, values) if is_mip else _round_down(program, values)
        cost = float(program.cost @ values)
        if route == "mip" and cost - lower_bound > settings.gap * abs(cost):
            values, bound, condition = _solve_whole(solver, values)
            lower_bound = max(lower_bound, bound)
        _price_rows(solver, values)
    values = np.maximum(solver.values, 0.0)
    solution = solver.highs.getSolution()
    duals, reduced_costs = np.array(solution.row_dual), np.array(solution.col_dual)
    return Solution(
        values=values,
        objective=float(program.cost @ values),
        lower_bound=lower_bound,
        row_prices=duals,
        reduced_costs=reduced_costs,
        savings=_try_limits(solver, duals),
        route=route,
        termination_condition=condition,
        solver=f"HiGHS {solver.highs.version()}",
        seconds=time.perf_counter() - started,
    )
