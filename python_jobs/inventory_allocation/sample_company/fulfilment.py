"""Stock, replenishment and shipping, week by week.

Deliveries arrive on Monday morning and stock only falls until Sunday night, so a line loses
units in a week exactly when every centre ends that week without the SKU.
"""

from dataclasses import dataclass

import numpy as np

from inventory_allocation.sample_company.clock import (
    SNAPSHOT_WEEKS,
    WEEKS,
    BoolArray,
    FloatArray,
    IntArray,
    stream,
)
from inventory_allocation.sample_company.demand import Lines, demand_by_week
from inventory_allocation.sample_company.network import Network
from inventory_allocation.sample_company.orders import Orders
from inventory_allocation.sample_company.products import Products

COVER_WEEKS = 5.9
"""Order-up-to level: weeks of planned demand on hand and on order."""
MAX_LEAD_WEEKS = 3
PLAN_REACH_WEEKS = 4
PLANNING_ERROR = 0.18
MISPLACED_SHARE = 0.5
"""Share of every purchase that ignores where the demand is."""
QUARTER_WEEKS = 13
QUIET_WEEKS = 12
"""Suppliers are reliable in the last weeks, except for SKUs planned to run short."""
SHORT_WEEKS = 10


@dataclass(frozen=True)
class Fulfilment:
    """What happened to the wanted lines and to the stock.

    Attributes:
        line: Position of the wanted line behind each shipment; shape (shipments,).
        centre: Position of the shipping centre; shape (shipments,).
        units: Units shipped; shape (shipments,).
        lost: Units nobody could ship; shape (lines,).
        stock: Units on hand on Sunday night; shape (SNAPSHOT_WEEKS, centres, skus).
        received: Units received on Monday; shape (WEEKS + MAX_LEAD_WEEKS, centres, skus).
            Weeks beyond the history are open orders.
        filled_m3: Volume on hand on Monday after the delivery; shape (WEEKS, centres).
    """

    line: IntArray
    centre: IntArray
    units: IntArray
    lost: IntArray
    stock: IntArray
    received: IntArray
    filled_m3: FloatArray


def simulate(
    lines: Lines,
    orders: Orders,
    region: IntArray,
    network: Network,
    products: Products,
    seed: int,
) -> Fulfilment:
    """Ship the wanted lines from stock.

    Each line takes stock from the centre with the cheapest lane, then from the next one.

    Args:
        lines: Wanted lines, sorted by time.
        orders: Orders of the lines.
        region: Position of each line's region; shape (lines,).
        network: Centres, and their order of preference for each region.
        products: Pack sizes and volumes.
        seed: Seed of the company.
    """
    rng = stream(seed, "fulfilment")
    centres, skus = len(network.centres), len(products.rate)
    target, silent = _purchase_plan(lines, orders, products, rng)
    places = _placement(network, skus, rng)
    pack = products.frame["pack_size"].to_numpy(dtype=np.int64)
    volume = products.frame["unit_volume_m3"].to_numpy(dtype=np.float64)

    stock = _split(np.ceil(target[0] / pack).astype(np.int64), places[0]) * pack
    received = np.zeros((WEEKS + MAX_LEAD_WEEKS, centres, skus), dtype=np.int64)
    history = np.zeros((SNAPSHOT_WEEKS, centres, skus), dtype=np.int64)
    filled = np.zeros((WEEKS, centres))
    lost = np.zeros(len(lines.units), dtype=np.int64)
    bounds = np.searchsorted(orders.week[lines.order], np.arange(WEEKS + 1))
    parts: list[tuple[IntArray, IntArray, IntArray]] = []
    for week in range(WEEKS):
        stock += received[week]
        filled[week] = stock @ volume
        span = slice(bounds[week], bounds[week + 1])
        shipped, lost[span] = _serve(
            lines.sku[span], lines.units[span], network.preference[region[span]], stock
        )
        parts.extend((line + bounds[week], centre, units) for line, centre, units in shipped)
        if week >= WEEKS - SNAPSHOT_WEEKS:
            history[week - WEEKS + SNAPSHOT_WEEKS] = stock

        ahead = received[week + 1 : week + 1 + MAX_LEAD_WEEKS].sum(axis=(0, 1))
        gap = np.maximum(target[week] - stock.sum(axis=0) - ahead, 0.0)
        packs = np.where(silent[week], 0, np.ceil(gap / pack)).astype(np.int64)
        lead = rng.integers(1, MAX_LEAD_WEEKS + 1, skus)
        bought = _split(packs, places[week // QUARTER_WEEKS]) * pack
        for weeks in range(1, MAX_LEAD_WEEKS + 1):
            received[week + weeks] += np.where(lead == weeks, bought, 0)

    line, centre, units = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(line, kind="stable")
    return Fulfilment(line[order], centre[order], units[order], lost, history, received, filled)


def _serve(
    sku: IntArray, units: IntArray, preference: IntArray, stock: IntArray
) -> tuple[list[tuple[IntArray, IntArray, IntArray]], IntArray]:
    """Ship one week's lines, taking from `stock` (centres, skus) in place.

    Returns:
        Shipments as (line, centre, units) by rank of preference, and the units lost per line.
    """
    flat = stock.reshape(-1)
    remaining = units.copy()
    shipments = []
    for rank in range(preference.shape[1]):
        waiting = np.flatnonzero(remaining)
        if len(waiting) == 0:
            break
        centre = preference[waiting, rank]
        cell = centre * stock.shape[1] + sku[waiting]
        queue = np.argsort(cell, kind="stable")
        waiting, centre, cell = waiting[queue], centre[queue], cell[queue]
        wanted = remaining[waiting]
        before = wanted.cumsum() - wanted
        first = np.flatnonzero(np.r_[True, cell[1:] != cell[:-1]])
        before -= np.repeat(before[first], np.diff(np.r_[first, len(cell)]))
        served = np.clip(flat[cell] - before, 0, wanted)
        np.subtract.at(flat, cell, served)
        remaining[waiting] -= served
        kept = served > 0
        shipments.append((waiting[kept], centre[kept], served[kept]))
    return shipments, remaining


def _purchase_plan(
    lines: Lines, orders: Orders, products: Products, rng: np.random.Generator
) -> tuple[FloatArray, BoolArray]:
    """Order-up-to levels in units, and weeks without supply; both of shape (WEEKS, skus)."""
    skus = len(products.rate)
    demand = demand_by_week(lines, orders, lines.sku, (WEEKS, skus))
    total = np.concatenate([np.zeros((1, skus)), demand.cumsum(axis=0)])
    week = np.arange(WEEKS)
    start = np.maximum(week - PLAN_REACH_WEEKS, 0)
    stop = np.minimum(week + PLAN_REACH_WEEKS + 1, WEEKS)
    mean = (total[stop] - total[start]) / (stop - start)[:, None]
    quarter = week // QUARTER_WEEKS
    error = rng.lognormal(0.0, PLANNING_ERROR, (quarter[-1] + 1, skus))[quarter]

    silent = np.zeros((WEEKS, skus), dtype=bool)
    begins = rng.random((WEEKS, skus)) < 1.0 / WEEKS
    length = rng.integers(7, 13, (WEEKS, skus))
    for row, column in np.argwhere(begins):
        silent[row : row + length[row, column], column] = True
    silent[-QUIET_WEEKS:] = False
    silent[-SHORT_WEEKS:, products.is_short] = True
    return mean * error * COVER_WEEKS, silent


def _placement(network: Network, skus: int, rng: np.random.Generator) -> FloatArray:
    """Share of purchases by centre; shape (quarters, centres, skus)."""
    centres = len(network.centres)
    fair = np.bincount(network.home, weights=network.weight, minlength=centres)
    noise = rng.dirichlet(np.full(centres, 0.3), (WEEKS // QUARTER_WEEKS, skus))
    share = (1 - MISPLACED_SHARE) * fair + MISPLACED_SHARE * noise
    return np.ascontiguousarray(share.transpose(0, 2, 1))


def _split(packs: IntArray, share: FloatArray) -> IntArray:
    """Whole packs by centre that add up to `packs`; shapes (skus,), (centres, skus)."""
    edges = np.round(share.cumsum(axis=0) / share.sum(axis=0) * packs).astype(np.int64)
    return np.asarray(np.diff(edges, axis=0, prepend=0))
