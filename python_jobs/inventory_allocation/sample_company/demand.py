"""True demand: what customers want, before any stock-out."""

from dataclasses import dataclass

import numpy as np

from inventory_allocation.sample_company.clock import FloatArray, IntArray, stream
from inventory_allocation.sample_company.customers import TYPES, Customers, CustomerType
from inventory_allocation.sample_company.orders import Orders
from inventory_allocation.sample_company.products import Products
from inventory_allocation.sample_company.shape import Shape

SEASONS = ("christmas", "summer", "flat")
LUMPY_EXTRA_UNITS = 8.0
MOST_UNITS = 400


@dataclass(frozen=True)
class Lines:
    """Wanted order lines, sorted by order and SKU; every array has shape (lines,).

    Attributes:
        order: Position of the order.
        sku: Position of the SKU.
        units: Units wanted, 1 or more.
    """

    order: IntArray
    sku: IntArray
    units: IntArray


def build_lines(
    orders: Orders, customers: Customers, products: Products, shape: Shape, seed: int
) -> Lines:
    """Lines of all orders; each line's SKU follows the relative demand of its week."""
    rng = stream(seed, "lines")
    count = len(products.rate)
    kind = customers.kind[orders.customer]
    lines = 1 + rng.poisson(np.array([item.lines - 1 for item in TYPES])[kind])
    order = np.repeat(np.arange(len(lines)), lines)
    line_kind = kind[order]
    draw = rng.random(len(order))
    sku = np.zeros(len(order), dtype=np.int64)
    for position, item in enumerate(TYPES):
        chosen = line_kind == position
        weights = shape.realised * _taste(item, products)
        sku[chosen] = _pick(weights, orders.week[order[chosen]], draw[chosen])

    extra = np.array([item.extra_units for item in TYPES])[line_kind]
    extra = extra + np.where(products.role[sku] == "lumpy", LUMPY_EXTRA_UNITS, 0.0)
    units = 1 + rng.poisson(extra)
    # An order names a SKU once.
    key, inverse = np.unique(order * count + sku, return_inverse=True)
    total = np.bincount(inverse, weights=units).astype(np.int64)
    return Lines(order=key // count, sku=key % count, units=np.minimum(total, MOST_UNITS))


def expected_units(
    orders: Orders, customers: Customers, products: Products, shape: Shape, regions: int
) -> FloatArray:
    """Mean of the units wanted, of who knows everything but chance; shape (weeks, skus, regions).

    Known are season, trend, promotions, launches and when customers order; not what the noise of
    a SKU's week is, what a line is for and how many units it has.
    """
    weeks, skus = shape.expected.shape
    kind = customers.kind[orders.customer]
    units = np.zeros((weeks, skus, regions))
    is_lumpy = products.role == "lumpy"
    for position, item in enumerate(TYPES):
        chosen = kind == position
        cell = orders.week[chosen] * regions + customers.region[orders.customer[chosen]]
        placed = np.bincount(cell, minlength=weeks * regions).reshape(weeks, regions)
        weights = shape.expected * _taste(item, products)
        share = weights / weights.sum(axis=1, keepdims=True)
        size = 1 + item.extra_units + is_lumpy * LUMPY_EXTRA_UNITS
        units += (share * size)[:, :, None] * (placed * item.lines)[:, None, :]
    return units


def demand_by_week(
    lines: Lines, orders: Orders, group: IntArray, shape: tuple[int, int]
) -> IntArray:
    """Units wanted by week and group.

    Args:
        lines: Wanted lines.
        orders: Orders the lines belong to.
        group: Group of each line, for instance its SKU; shape (lines,).
        shape: Number of weeks and number of groups.

    Returns:
        Units; shape `shape`.
    """
    cell = orders.week[lines.order] * shape[1] + group
    flat = np.bincount(cell, weights=lines.units, minlength=shape[0] * shape[1])
    return flat.astype(np.int64).reshape(shape)


def _taste(item: CustomerType, products: Products) -> FloatArray:
    """Factor of a type of customers on each SKU."""
    return np.array([item.taste[SEASONS.index(season)] for season in products.season])


def _pick(weights: FloatArray, week: IntArray, draw: FloatArray) -> IntArray:
    """One SKU per draw (0 to 1), with the weights of its week; weights (weeks, skus)."""
    share = weights.cumsum(axis=1)
    share /= share[:, -1:]
    flat = (share + np.arange(len(weights))[:, None]).ravel()
    found = np.searchsorted(flat, week + draw, side="right") - week * weights.shape[1]
    return np.asarray(np.minimum(found, weights.shape[1] - 1))
