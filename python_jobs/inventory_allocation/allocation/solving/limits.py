"""What more of the dearest limits would save."""

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
    """

    step: float
    saved: float
    price: float


def try_limits(
    program: Program,
    duals: Floats,
    candidates: Ints,
    cost_with: Callable[[int, Floats], float],
    before: float,
    deadline: float,
) -> dict[int, Saving]:
    """Solve again with 1 % more, or one more, of each of the dearest limits.

    Where that saves less than the dual says, a small step tells whether the dual holds in this
    direction: that of a degenerate plan may hold in the other one, or in none.

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
        saved = max(before - cost_with(row, bounds + step * one), 0.0)
        each = float(price[number])
        if saved < 0.99 * each * step:
            small = SMALL * step
            saved_by_small = max(before - cost_with(row, bounds + small * one), 0.0)
            each = min(each, saved_by_small / small)
        if np.isfinite(saved) and np.isfinite(each):
            tried[row] = Saving(step, saved, each)
    return tried
