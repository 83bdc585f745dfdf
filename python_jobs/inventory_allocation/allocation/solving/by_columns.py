"""Route column_generation: the relaxation by groups of SKUs, integers rounded down."""

import logging
import os
import time

import numpy as np

from inventory_allocation.allocation.program import Floats, Ints, Program
from inventory_allocation.allocation.solving.blocks import sku_of_columns, sku_of_rows
from inventory_allocation.allocation.solving.column_generation import ColumnGeneration, Relaxed
from inventory_allocation.allocation.solving.highs import name_solver, new_highs
from inventory_allocation.allocation.solving.limits import try_limits
from inventory_allocation.allocation.solving.memory import give_memory_back
from inventory_allocation.allocation.solving.rounding import drop_unused, fit_rounded
from inventory_allocation.allocation.solving.slope_scaling import scale_slopes
from inventory_allocation.allocation.solving.solution import (
    OutOfTimeError,
    Solution,
    SolveSettings,
    Start,
)
from inventory_allocation.allocation.solving.whole_skus import WholeSkus
from inventory_allocation.errors import InventoryAllocationError

__all__ = ["gather_flows", "solve_by_columns"]

logger = logging.getLogger(__name__)

# With more rows than this that tie a transfer to its truck, or cuts, the search leaves them out.
MAX_SEARCHED_ROWS = 2_000
# Of the gap asked for, what is left to the flows; where nothing has to be whole, for good prices.
FLOW_GAP, ONLY_FLOW_GAP = 0.04, 0.2
# Of the time limit, what prices to start from may take.
SAMPLE_TIME = 0.3
# Of the time limit, what the relaxation may take where integers are to be rounded.
RELAXATION_TIME = 0.6
# And on top, what filling trucks may take.
SLOPE_TIME = 0.2
# Of the time limit, when orders are planned instead, and flows with them; then comes their bound.
ORDERS_END, ORDER_FLOWS_END = 0.7, 0.85
# What flows with the decisions of an earlier plan may take.
START_TIME = 0.2


def _take_over(
    program: Program, start: Start, engine: ColumnGeneration, settings: SolveSettings, gap: float
) -> tuple[Relaxed, ColumnGeneration] | None:
    """The plan with the whole decisions of an earlier one, as far as they are still possible."""
    asked = np.minimum(start.values, program.upper)
    integers = np.flatnonzero(program.is_integer)
    threads = settings.threads or len(os.sched_getaffinity(0))
    with_them = ColumnGeneration(program, threads, start=engine.row_prices)
    with_them.hold(integers, fit_rounded(program, asked, asked)[integers])
    deadline = time.perf_counter() + START_TIME * settings.time_limit
    try:
        found = with_them.run(gap, deadline)
    except InventoryAllocationError as error:
        logger.info("decisions of %s are not taken over: %s", start.name, error)
        return None
    logger.info("decisions of %s: cost %s", start.name, f"{found.objective:,.0f}")
    return found, with_them


def _list_linking_cuts(program: Program) -> Ints:
    """Positions of the cuts that hold columns of several SKUs, or of none."""
    cuts = np.flatnonzero(program.is_cut)
    if not len(cuts):
        return cuts
    is_linking = sku_of_rows(program.matrix().tocsr()[cuts], sku_of_columns(program)) < 0
    return cuts[is_linking]


def _is_within(gap: float, cost: float, lower_bound: float) -> bool:
    return cost - lower_bound <= gap * abs(cost)


def _fill_trucks(
    program: Program,
    settings: SolveSettings,
    engine: ColumnGeneration,
    relaxed: Floats,
    started: float,
) -> Floats:
    """Values with whole trucks and packs where there are no orders."""
    threads = settings.threads or len(os.sched_getaffinity(0))
    end = started + (RELAXATION_TIME + SLOPE_TIME) * settings.time_limit
    values, filled = scale_slopes(program, relaxed, engine, threads, end)
    logger.info("packs are rounded, a group of SKUs at a time")
    return fit_rounded(program, filled.round_parts(values), values)


def _plan_orders(
    program: Program, settings: SolveSettings, skus: WholeSkus, relaxed: Floats, started: float
) -> Floats:
    """Values with whole packs and orders."""
    logger.info("orders are planned, a SKU at a time")
    return fit_rounded(
        program, skus.plan(relaxed, started + ORDERS_END * settings.time_limit), relaxed
    )


def _bound_orders(settings: SolveSettings, skus: WholeSkus, started: float) -> float:
    """What a plan with whole orders costs at least."""
    threads = settings.threads or len(os.sched_getaffinity(0))
    bound = skus.bound(threads, started + settings.time_limit)
    logger.info("orders whole: no plan costs less than %s", f"{bound:,.0f}")
    return bound


def gather_flows(program: Program, settings: SolveSettings) -> tuple[Floats, float]:
    """Whole trucks, packs and orders, by groups of SKUs, and a bound; flows aren't fitted to them.

    Raises:
        OutOfTimeError: Time ran out.
    """
    started = time.perf_counter()
    engine = ColumnGeneration(program, settings.threads or len(os.sched_getaffinity(0)))
    end = started + RELAXATION_TIME * settings.time_limit
    found = engine.run(FLOW_GAP * settings.gap, end)
    if not len(program.columns["order_placed"].keys):
        return _fill_trucks(program, settings, engine, found.values, started), found.lower_bound
    skus = engine.take_skus()
    whole = _plan_orders(program, settings, skus, found.values, started)
    return whole, max(found.lower_bound, _bound_orders(settings, skus, started))


def solve_by_columns(
    program: Program,
    settings: SolveSettings,
    *,
    start: Start | None = None,
    held: Floats | None = None,
    is_explained: bool = True,
) -> Solution:
    """Solve the program by column generation.

    The relaxation gives a proven bound and, without integers, a plan. Flows are gathered in few
    trucks, packs and orders rounded a group of SKUs at a time, and the flows generated again with
    all of them held.

    Prices are those of the bound: no plan costs less than they say. What more of the dearest
    limits saves is the least it saves: flows are mixed from those there are.

    Raises:
        OutOfTimeError: Time ran out before there was a plan.
    """
    started = time.perf_counter()
    for rows in (program.rows["truck_use"].positions, _list_linking_cuts(program)):
        if len(rows) > MAX_SEARCHED_ROWS:
            # They make the bound tighter, and each round longer; whole numbers keep to them anyway.
            program = program.with_free_rows(rows)
    threads = settings.threads or len(os.sched_getaffinity(0))
    engine = ColumnGeneration(
        program,
        threads,
        started + SAMPLE_TIME * settings.time_limit,
        start=None if start is None or not start.row_prices.any() else start.row_prices,
    )
    integers = np.flatnonzero(program.is_integer)
    gap = (FLOW_GAP if len(integers) else ONLY_FLOW_GAP) * settings.gap
    share = RELAXATION_TIME if len(integers) and held is None else 1.0
    if held is not None:
        engine.hold(integers, held)
    found = engine.run(gap, started + share * settings.time_limit)
    lower_bound, is_proven = found.lower_bound, found.is_proven
    relaxing = time.perf_counter() - started
    known = None
    if start is not None and len(integers) and held is None:
        known = _take_over(program, start, engine, settings, gap)
    if known and _is_within(settings.gap, known[0].objective, lower_bound):
        found, engine = known
    elif len(integers) and held is None:
        has_orders = len(program.columns["order_placed"].keys) > 0
        if has_orders:
            skus = engine.take_skus()
            whole = _plan_orders(program, settings, skus, found.values, started)
        else:
            whole = _fill_trucks(program, settings, engine, found.values, started)
        engine.hold(integers, whole[integers])
        try:
            share = ORDER_FLOWS_END if has_orders else 1.0
            end = max(started + share * settings.time_limit, time.perf_counter())
            # Without the time that the relaxation took, these flows might be cut to fit, at a loss.
            found = engine.run(
                gap,
                end,
                enough=lower_bound / (1 - np.sign(lower_bound) * settings.gap),
                patience=max(time.perf_counter() + relaxing - end, 0.0),
            )
        except OutOfTimeError as stopped:
            # With integers held no bound holds for other plans.
            stopped.lower_bound = lower_bound
            raise
        if has_orders and not _is_within(settings.gap, found.objective, lower_bound):
            lower_bound = max(lower_bound, _bound_orders(settings, skus, started))
        if known and known[0].objective < found.objective:
            found, engine = known
    row_prices, reduced_costs = engine.read_duals()
    savings = {}
    if is_explained:
        savings = try_limits(
            program,
            row_prices,
            engine.split.linking,
            engine.cost_with,
            engine.master.solve(),
            started + settings.time_limit,
        )
    del engine
    give_memory_back()
    values = drop_unused(program, found.values)
    return Solution(
        values=values,
        objective=float(program.cost @ values),
        lower_bound=lower_bound,
        row_prices=row_prices,
        reduced_costs=reduced_costs,
        savings=savings,
        route="column_generation",
        termination_condition="Optimal" if is_proven and found.is_proven else "Time limit reached",
        solver=name_solver(new_highs()),
        seconds=time.perf_counter() - started,
    )
