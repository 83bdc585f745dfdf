"""What more of the dearest limits would save, and less of them cost."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inventory_allocation.allocation.program import Floats, Ints, Program

__all__ = ["LIMITS", "Saving", "try_limits"]

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
    "carbon_cap",
    "order_budget",
)
TRIED_LIMITS = 20
TRIED_SHARE = 0.01
SMALL = 1e-3
PRICE_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Saving:
    """What was seen of a limit when it was tried, integers held fixed.

    Attributes:
        step: How much more of it, or of a target how much less.
        saved: What that saved.
        price: What a small step saves, for one unit.
        lost: What as much less of it (of a target, more) cost; NaN where that isn't possible.
        price_of_less: What a small step of that costs, for one unit; not below `price`.
    """

    step: float
    saved: float
    price: float
    lost: float
    price_of_less: float


def try_limits(
    program: Program,
    duals: Floats,
    candidates: Ints,
    cost_with: Callable[[int, Floats], float],
    before: float,
    deadline: float,
) -> dict[int, Saving]:
    """Solve again with 1 %, or one, more and less of each of the dearest limits.

    Where that isn't what the dual says, a small step tells the price in that direction. Where the
    plan is degenerate the two differ, and every price between them is a dual: the range of the
    shadow price (Akgul, A note on shadow prices in linear programming, Journal of the Operational
    Research Society 35, 1984).

    Args:
        program: The program.
        duals: Price of each row.
        candidates: Rows that may be tried.
        cost_with: Cost of the plan with other bounds of a row; NaN where that isn't found.
        before: Cost of the plan.
        deadline: When to stop, by `time.perf_counter`.
    """
    lower, upper = program.row_bounds
    blocks = [program.rows[name] for name in LIMITS]
    rows = np.concatenate([block.positions for block in blocks])
    rows = rows[np.isin(rows, candidates)]
    # Stock that is left over has a price of the other sign.
    is_target = np.isin(rows, np.concatenate([b.positions for b in blocks if "target" in b.name]))
    price = np.where(is_target, duals[rows], -duals[rows])
    bound = np.where(is_target, lower[rows], upper[rows])
    worth = np.where((price > PRICE_TOLERANCE) & (bound > 0), price * bound, 0.0)
    tried = {}
    for number in np.argsort(-worth, kind="stable")[:TRIED_LIMITS]:
        if worth[number] <= 0 or time.perf_counter() > deadline:
            break
        row, step = int(rows[number]), max(float(TRIED_SHARE * bound[number]), 1.0)
        bounds = np.array([lower[row], upper[row]])
        one = np.array([-1.0, 0.0] if is_target[number] else [1.0, 1.0])

        def change(by: float, row: int = row, bounds: Floats = bounds, one: Floats = one) -> float:
            return cost_with(row, bounds + by * one) - before

        saved, each = max(0.0, -change(step)), float(price[number])
        if saved < 0.99 * each * step:
            each = min(each, max(0.0, -change(SMALL * step)) / (SMALL * step))
        # Below nothing there is no limit.
        lost = change(-step) if is_target[number] or step <= bound[number] else np.nan
        each_less = float(price[number])
        if not lost <= 1.01 * each_less * step:
            each_less = float(np.maximum(each_less, change(-SMALL * step) / (SMALL * step)))
        if np.isfinite(saved) and np.isfinite(each):
            tried[row] = Saving(step, saved, each, lost, each_less)
    return tried
