"""What who knew everything would have paid: a bound that no policy can beat."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from inventory_allocation.errors import InventoryAllocationError
from inventory_allocation.replay.company import Company, Floats, Integers
from inventory_allocation.replay.future import RETURN_PERIODS, Future
from inventory_allocation.replay.measures import LEAST_SHIPPING

__all__ = ["bound_cost", "bound_shipping"]


@dataclass
class _Program:
    """A linear program that grows by blocks of columns and of rows."""

    cost: list[Floats] = field(default_factory=list)
    upper: list[Floats] = field(default_factory=list)
    entries: list[tuple[Integers, Integers, Floats]] = field(default_factory=list)
    columns: int = 0

    def add(self, cost: Floats, upper: Floats | float = np.inf) -> Integers:
        """Add columns of at least 0; their positions."""
        self.cost.append(cost)
        self.upper.append(np.broadcast_to(np.asarray(upper, dtype="float64"), cost.shape))
        self.columns += len(cost)
        return np.arange(self.columns - len(cost), self.columns)

    def put(self, rows: Integers, columns: Integers, values: Floats | float) -> None:
        """Add entries of the matrix."""
        self.entries.append((rows, columns, np.broadcast_to(np.asarray(values), rows.shape)))


def bound_cost(company: Company, future: Future) -> float:
    """Least cost of all periods together, by a linear program over them.

    All demand and all delays are known; packs, trucks, multiples and minima are divisible; an order
    pays its fixed cost in proportion to the most it can be. The costs are those of `measure_walk`.

    Raises:
        InventoryAllocationError: HiGHS found no optimum.
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_matrix

    periods = len(future.period_starts)
    fcs, skus, regions = len(company.fcs), len(company.skus), len(company.regions)
    program = _Program()
    cells = _list_cells(future)
    balance = np.arange(periods * fcs * skus).reshape(periods, fcs, skus)
    rows = balance.size
    right = -future.arriving.copy()
    right[0] -= future.stock
    # Balance: closing before + arrivals - shipped - sent + received + ordered - closing = 0.
    stock = program.add(np.tile(company.holding, periods * fcs)).reshape(balance.shape)
    program.put(balance.ravel(), stock.ravel(), -1.0)
    program.put(balance[1:].ravel(), stock[:-1].ravel(), 1.0)

    demand = rows + np.arange(len(cells))
    rows += len(cells)
    lost = program.add(company.unmet_cost[cells["sku"]])
    program.put(demand, lost, 1.0)
    outbound = rows + np.arange(periods * fcs).reshape(periods, fcs)
    rows += outbound.size
    lane = rows + np.arange(periods * fcs * regions).reshape(periods, fcs, regions)
    rows += lane.size
    period, region, sku = (cells[name].to_numpy() for name in ("period", "region", "sku"))
    for fc in range(fcs):
        served = np.flatnonzero(np.isfinite(company.shipping[fc, region, sku]))
        at, where, what = period[served], region[served], sku[served]
        late = ~company.is_within_sla[fc, where] * company.late_cost
        cost = company.shipping[fc, where, what] + company.handling[fc, where] + late
        # What comes back is shipped in a column of its own; any centre may have shipped all of it.
        back = cells["returned"].to_numpy(dtype="float64")[served]
        for ship in (program.add(cost), program.add(cost, back)):
            program.put(balance[at, fc, what], ship, -1.0)
            program.put(demand[served], ship, 1.0)
            program.put(outbound[at, fc], ship, 1.0)
            program.put(lane[at, fc, where], ship, 1.0)
        there = at + RETURN_PERIODS
        is_in = there < periods
        program.put(balance[there[is_in], fc, what[is_in]], ship[is_in], 1.0)
    _add_orders(program, company, future, balance, cells)
    _add_transfers(program, company, balance)
    overflow = program.add(np.full(periods * fcs, company.overflow_cost)).reshape(periods, fcs)
    storage = rows + np.arange(periods * fcs).reshape(periods, fcs)
    rows += storage.size
    program.put(
        np.repeat(storage.ravel(), skus), stock.ravel(), np.tile(company.volume, periods * fcs)
    )
    program.put(storage.ravel(), overflow.ravel(), -1.0)

    at, column, value = (np.concatenate(parts) for parts in zip(*program.entries, strict=True))
    matrix = coo_matrix((value, (at, column)), shape=(rows, program.columns)).tocsr()
    limits = np.concatenate(
        [
            np.tile(company.outbound, periods),
            np.tile(company.lane_capacity.ravel(), periods),
            np.tile(company.storage, periods),
        ]
    )
    equal = np.arange(rows) < balance.size + len(cells)
    is_limited = np.flatnonzero(np.isfinite(limits))
    # Its stubs list a call for each method.
    solve: Any = linprog
    found = solve(
        np.concatenate(program.cost),
        A_eq=matrix[equal],
        b_eq=np.concatenate([right.ravel(), cells["units"].to_numpy(dtype="float64")]),
        A_ub=matrix[~equal][is_limited] if len(is_limited) else None,
        b_ub=limits[is_limited] if len(is_limited) else None,
        bounds=np.column_stack([np.zeros(program.columns), np.concatenate(program.upper)]),
        method="highs",
    )
    if not found.success:
        raise InventoryAllocationError(f"the clairvoyant bound was not found: {found.message}")
    return float(found.fun)


def bound_shipping(company: Company, future: Future) -> pd.DataFrame:
    """What shipping cost if every unit took its cheapest lane, whatever that does to stock.

    Returns:
        period, measure (LEAST_SHIPPING, and demand_units: what was wanted where a lane leads),
        value.
    """
    cells = _list_cells(future)
    cheapest = company.shipping.min(axis=0)[cells["region"], cells["sku"]]
    reached = cells[np.isfinite(cheapest)]
    measures = reached.assign(
        demand_units=reached["units"],
        **{LEAST_SHIPPING: reached["units"] * cheapest[np.isfinite(cheapest)]},
    )
    sums = measures.groupby("period")[["demand_units", LEAST_SHIPPING]].sum()
    melted: pd.DataFrame = sums.reset_index().melt("period", var_name="measure")
    return melted


def _list_cells(future: Future) -> pd.DataFrame:
    """Demand by period, region and SKU, and what of it is sent back."""
    lines = pd.DataFrame(
        {
            "period": np.repeat(np.arange(len(future.period_starts)), np.diff(future.bounds)),
            "region": future.region,
            "sku": future.sku,
            "units": future.units,
            "returned": future.units * future.is_returned,
        }
    )
    return lines.groupby(["period", "region", "sku"])[["units", "returned"]].sum().reset_index()


def _add_orders(
    program: _Program, company: Company, future: Future, balance: Integers, cells: pd.DataFrame
) -> None:
    periods, offers = future.delay.shape
    if not offers:
        return
    sku, fc = (company.offers[name].to_numpy() for name in ("sku", "fc"))
    # Nobody needs more of a SKU than all customers want.
    wanted = cells.groupby("sku")["units"].sum().reindex(range(len(company.skus)), fill_value=0)
    most = np.minimum(company.offers["capacity"].to_numpy(), wanted.to_numpy()[sku])
    share = company.offers["fixed_cost"].to_numpy() / np.maximum(most, 1e-9)
    cost = company.offers["extra_cost"].to_numpy() + np.where(most > 0, share, 0.0)
    lead = company.offers["lead_periods"].to_numpy()
    for period in range(periods):
        comes = period + lead + future.delay[period]
        used = np.flatnonzero((comes < periods) & (most > 0))
        order = program.add(cost[used], most[used])
        program.put(balance[comes[used], fc[used], sku[used]], order, 1.0)


def _add_transfers(program: _Program, company: Company, balance: Integers) -> None:
    periods, _, skus = balance.shape
    every = np.arange(skus)
    ways = company.transfer_lanes
    money = ways[["cost_per_unit", "fixed_cost", "truck_capacity_m3"]].to_numpy(dtype="float64")
    places = ways[["from_fc", "to_fc", "lead_periods"]].to_numpy(dtype="int64")
    for (per_unit, fixed, room), (source, target, lead) in zip(money, places, strict=True):
        cost = per_unit + fixed * company.volume / room
        for period in range(periods - lead):
            moved = program.add(cost)
            program.put(balance[period, source, every], moved, -1.0)
            program.put(balance[period + lead, target, every], moved, 1.0)
