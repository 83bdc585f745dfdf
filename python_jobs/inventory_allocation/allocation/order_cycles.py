"""How much of a SKU a centre orders at once, and what it is worth to put the next order off."""

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["size_cycles"]

# No order is for more than half a year: what sells then is unknown.
LONGEST_DAYS = 182.0
HALVINGS = 60

Floats = npt.NDArray[np.float64]


def _price_room(
    cycles: pd.DataFrame, safety: Floats, storage: Floats, dearest: float
) -> "pd.Series[float]":
    """Price of a m3 and period of each centre at which safety stock and half of all cycles fit."""
    fc, volume = cycles["fc"].to_numpy(), cycles["volume"].to_numpy()
    kept = np.bincount(fc, volume * safety, len(storage))
    low, high = np.zeros(len(storage)), np.full(len(storage), dearest)
    for _ in range(HALVINGS):
        price = (low + high) / 2
        half = volume * _order_quantity(cycles, pd.Series(price)) / 2
        is_full = kept + np.bincount(fc, half, len(storage)) > storage
        low, high = np.where(is_full, price, low), np.where(is_full, high, price)
    return pd.Series(high)


def _order_quantity(cycles: pd.DataFrame, room: "pd.Series[float]") -> Floats:
    """Economic order quantity with what room costs in the holding cost, in units."""
    holding = cycles["holding"] + cycles["volume"] * cycles["fc"].map(room)
    quantity = np.sqrt(2 * cycles["fixed_cost"] * cycles["rate"] / holding.clip(lower=1e-9))
    units: Floats = np.minimum(quantity, cycles["longest"] * cycles["rate"]).to_numpy()
    return units


def size_cycles(
    cover: pd.DataFrame,
    suppliers: pd.DataFrame,
    products: pd.DataFrame,
    storage: Floats,
    *,
    period_days: float,
    overflow_price: float,
) -> pd.DataFrame:
    """Add the order quantity of each centre and SKU, and the most that a unit of it is worth.

    At a demand of D a period, holding cost h and fixed cost K of an order, the next unit of a stock
    of x saves h (Q - x) / D, Q = sqrt(2 K D / h): the slope of the cost to come (Harris 1913; the
    relative value of a state in a cycle). A plan without it orders too little at a time, since it
    sees of a large order the cost, and of what it puts off only what lies in the horizon. Where a
    centre has less room than its stock asks for, h has the price of room in it at which half of
    the cycles fit (Hadley and Whitin, Analysis of Inventory Systems, 1963, section 2-9).

    Args:
        cover: fc, sku, mean (units of the shortest lead time), safety.
        suppliers: fc, sku, fixed_cost, lead_periods.
        products: holding (a unit and period) and volume (m3); row i is SKU i.
        storage: m3 of each centre.
        period_days: Days of a period.
        overflow_price: Of a m3 above that, for a period.

    Returns:
        The rows of cover with cycle (units) and cycle_price (of the first missing at x = 0).
    """
    keys = ["fc", "sku"]
    offers = suppliers.groupby(keys, as_index=False)[["fixed_cost", "lead_periods"]].min()
    cycles = cover[keys].merge(offers, how="left", on=keys).fillna({"fixed_cost": 0.0})
    cycles = cycles.assign(
        rate=cover["mean"].to_numpy() / cycles["lead_periods"].fillna(1).clip(lower=1),
        holding=products["holding"].to_numpy()[cover["sku"]],
        volume=products["volume"].to_numpy()[cover["sku"]],
        longest=LONGEST_DAYS / period_days,
    )
    room = _price_room(cycles, cover["safety"].to_numpy(), storage, overflow_price)
    quantity = _order_quantity(cycles, room)
    holding = (cycles["holding"] + cycles["volume"] * cycles["fc"].map(room)).to_numpy()
    rate = cycles["rate"].to_numpy()
    worth = np.where(rate > 0, holding * quantity / np.where(rate > 0, rate, 1.0), 0.0)
    return cover.assign(
        cycle=np.round(np.where(worth > 0, quantity, 0.0), 6), cycle_price=np.round(worth, 6)
    )
