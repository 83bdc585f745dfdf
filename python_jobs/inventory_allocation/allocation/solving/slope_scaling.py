"""Trucks filled instead of sent for a few packs: their cost spread over what they carry."""

import logging
import time

import numpy as np

from inventory_allocation.allocation.program import Floats, Program
from inventory_allocation.allocation.solving.column_generation import ColumnGeneration
from inventory_allocation.allocation.solving.solution import OutOfTimeError

__all__ = ["scale_slopes"]

SLOPE_ROUNDS = 8
SLOPE_GAP = 2e-3

logger = logging.getLogger(__name__)


def scale_slopes(
    program: Program,
    relaxed: Floats,
    engine: ColumnGeneration,
    threads: int,
    deadline: float,
) -> tuple[Floats, ColumnGeneration]:
    """Look for flows that need few trucks.

    In the relaxation a twentieth of a truck costs a twentieth. So each truck is priced at what
    whole trucks would have cost per part of one in the last solution, again and again: lanes that
    carry little get dear, and flows gather (dynamic slope scaling; Kim and Pardalos, Operations
    Research Letters 24, 1999).

    Args:
        program: The program.
        relaxed: Values of its relaxation.
        engine: That found them.
        threads: Threads that solve groups.
        deadline: When to stop, by `time.perf_counter`.

    Returns:
        The relaxed values whose cost with whole trucks is least, and the engine that found them.
    """
    truck = program.columns["truck"].positions
    cost = program.cost

    def with_whole_trucks(values: Floats) -> float:
        whole = values.copy()
        whole[truck] = np.ceil(values[truck] - 1e-6)
        return float(cost @ whole)

    best, least, best_engine = relaxed, with_whole_trucks(relaxed), engine
    values, slope = relaxed, np.ones(len(truck))
    for number in range(SLOPE_ROUNDS if len(truck) else 0):
        if time.perf_counter() > deadline:
            break
        used = values[truck]
        is_used = used > 1e-6
        slope[is_used] = np.ceil(used[is_used] - 1e-6) / used[is_used]
        scaled = cost.copy()
        scaled[truck] *= slope
        at = ColumnGeneration(
            program.with_cost(scaled), threads, deadline, start=best_engine.row_prices
        )
        try:
            values = at.run(SLOPE_GAP, deadline).values
        except OutOfTimeError:
            # Its bound is of other costs.
            break
        total = with_whole_trucks(values)
        logger.info("trucks filled, round %d: cost %s", number + 1, f"{total:,.0f}")
        if total < least:
            best, least, best_engine = values, total, at
    return best, best_engine
