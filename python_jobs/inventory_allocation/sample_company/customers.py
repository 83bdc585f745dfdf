"""Customers: five hidden types that differ in recency, frequency, money and season."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from inventory_allocation.sample_company.clock import (
    DAY,
    WEEKS,
    FloatArray,
    IntArray,
    monday,
    stream,
)
from inventory_allocation.sample_company.network import Network
from inventory_allocation.sample_company.scales import Scale

EARLY_SHARE = 0.75
"""Share of customers won before the history starts."""
NEW_WEEKS = 12
"""One-time buyers all came in these last weeks."""
CHANNELS = ("search", "social", "referral", "email")


@dataclass(frozen=True)
class CustomerType:
    """How one hidden type behaves.

    Attributes:
        name: Name in the hidden truth.
        share: Share of customers.
        orders_per_year: Mean orders in a year of activity; ignored for one-time buyers.
        lines: Mean lines of an order.
        extra_units: Mean units of a line above one.
        taste: Factor on the volume of Christmas, summer and all-year categories.
    """

    name: str
    share: float
    orders_per_year: float
    lines: float
    extra_units: float
    taste: tuple[float, float, float]


TYPES = (
    CustomerType("loyal_regular", 0.22, 17.0, 2.0, 0.5, (1.0, 1.0, 1.3)),
    CustomerType("big_basket", 0.14, 2.6, 7.0, 2.5, (1.0, 1.2, 1.0)),
    CustomerType("christmas_only", 0.18, 1.7, 2.5, 0.8, (1.6, 0.5, 0.9)),
    CustomerType("new_one_time", 0.26, 1.0, 1.5, 0.3, (0.8, 1.4, 1.0)),
    CustomerType("lapsed", 0.20, 7.0, 1.8, 0.5, (1.0, 1.0, 1.0)),
)
TYPE_NAMES = tuple(item.name for item in TYPES)
LOYAL, BIG, CHRISTMAS, NEW, LAPSED = range(5)


@dataclass(frozen=True)
class Customers:
    """Customers in the order of their ids; every array has shape (customers,).

    Attributes:
        frame: Contract columns of `customers`.
        kind: Position in `TYPES`.
        region: Position of the customer's region.
        first_week: When the customer may first buy, in weeks from the start.
        stop_week: When the customer stops buying, in weeks from the start.
        temper: Factor on how often the customer buys, mean 1.
    """

    frame: pd.DataFrame
    kind: IntArray
    region: IntArray
    first_week: FloatArray
    stop_week: FloatArray
    temper: FloatArray


def build_customers(scale: Scale, network: Network, seed: int) -> Customers:
    """Customers of the company, their hidden type and the weeks in which they are active."""
    rng = stream(seed, "customers")
    count = scale.customers
    sizes = np.array([round(item.share * count) for item in TYPES])
    sizes[LOYAL] += count - sizes.sum()
    kind = rng.permutation(np.repeat(np.arange(len(TYPES)), sizes))
    region = rng.choice(len(network.weight), count, p=network.weight)

    first, stop = _active_weeks(kind, rng)
    signed_up = monday(0) + (first * 7 * 86_400).astype(np.int64) * np.timedelta64(1, "s")
    lead = rng.integers(0, 30, count) + np.where(first == 0, rng.integers(0, 700, count), 0)
    channel = rng.choice(
        np.array([*CHANNELS, None], dtype=object), count, p=[0.4, 0.3, 0.1, 0.15, 0.05]
    )
    width = len(str(count)) + 1
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{number:0{width}d}" for number in range(1, count + 1)],
            "region_id": network.regions["region_id"].to_numpy()[region],
            "signed_up_at": signed_up - lead * DAY,
            "acquisition_channel": channel,
        }
    )
    temper = rng.gamma(8.0, 1 / 8.0, count)
    return Customers(frame, kind, region, first, stop, temper)


def _active_weeks(kind: IntArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    count = len(kind)
    first = np.where(rng.random(count) < EARLY_SHARE, 0.0, rng.uniform(0, 90, count))
    first = np.where(kind == CHRISTMAS, 0.0, first)
    first = np.where(kind == NEW, rng.uniform(WEEKS - NEW_WEEKS, WEEKS - 0.5, count), first)
    first = np.where(kind == LAPSED, rng.uniform(0, 28, count), first)
    stop = np.full(count, float(WEEKS))
    stop = np.where(kind == NEW, np.minimum(first + 0.5, WEEKS), stop)
    stop = np.where(kind == LAPSED, first + rng.uniform(35, 52, count), stop)
    return first, stop
