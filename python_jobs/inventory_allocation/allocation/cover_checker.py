"""What the checker makes of stock at the end of the horizon: in its own way, from the inputs."""

from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from inventory_allocation.allocation.inputs import AllocationInputs

__all__ = ["LOSS_STEPS", "cover_cost", "lost_units"]

# Deviations between which the expected loss is drawn straight.
LOSS_STEPS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
HALF_A_YEAR = 182.0


def lost_units(stock: Any, deviation: Any) -> Any:
    """Demand over its mean that so much stock doesn't meet, drawn straight between steps."""
    normal = NormalDist()
    loss = [normal.pdf(z) - z * (1 - normal.cdf(z)) for z in LOSS_STEPS]
    return deviation * (
        np.interp(stock / np.maximum(deviation, 1e-12), LOSS_STEPS, loss) - loss[-1]
    )


def _describe_cover(inputs: AllocationInputs) -> pd.DataFrame:
    """Rows of cover of SKUs with demand: level and cost of a lost unit, safety stock, cycle."""
    prices = inputs.parameters.iloc[0]
    wanted = inputs.demand[inputs.demand["demand_units"] > 0]
    units = wanted["demand_units"]
    sums = wanted.assign(
        level=wanted["target_service_level"] * units, lost=wanted["unmet_cost_per_unit"] * units
    ).groupby("sku")[["demand_units", "level", "lost"]]
    means = sums.sum().pipe(lambda frame: frame.div(frame["demand_units"], axis=0))
    rows = inputs.cover[inputs.cover["sku"].isin(means.index)].join(
        means[["level", "lost"]], on="sku"
    )
    is_by_chance = prices["stock_target_mode"] == "expected_loss"
    normal = NormalDist()
    quantile = [
        LOSS_STEPS[-1] if is_by_chance else normal.inv_cdf(min(max(level, 0.5), 0.999))
        for level in rows["level"]
    ]
    offers = inputs.suppliers.groupby(["fc_id", "sku"])[["fixed_cost_per_order", "lead_periods"]]
    products = inputs.products.set_index("sku")[["holding_cost_per_period", "unit_volume_m3"]]
    rows = rows.assign(
        safety=np.array(quantile, dtype=float) * rows["cover_deviation"].astype(float)
    )
    rows = rows.join(offers.min(), on=["fc_id", "sku"]).join(products.astype(float), on="sku")
    return rows.fillna({"fixed_cost_per_order": 0.0, "lead_periods": 1})


def _room(inputs: AllocationInputs) -> dict[str, float]:
    """Storage of each centre less what SKUs without demand take, infinite without a limit."""
    wanted = inputs.demand.loc[inputs.demand["demand_units"] > 0, "sku"]
    idle = inputs.stock[~inputs.stock["sku"].isin(wanted)]
    volume = idle["sku"].map(inputs.products.set_index("sku")["unit_volume_m3"]).fillna(0.0)
    taken = (idle["available_units"] * volume).groupby(idle["fc_id"]).sum()
    centers = inputs.centers.set_index("fc_id")["storage_capacity_m3"].astype(float)
    left = centers.sub(taken, fill_value=0.0).clip(lower=0.0)
    return {str(fc): float("inf") if pd.isna(left[fc]) else float(left[fc]) for fc in centers.index}


def _size_cycles(own: pd.DataFrame, limit: float, dearest: float, days: float) -> pd.DataFrame:
    """Order quantity of a centre's SKUs, what its first unit is worth, at the price of its room."""
    rate = (own["cover_units"] / own["lead_periods"].clip(lower=1)).to_numpy(dtype=float)
    fixed, volume, holding, safety = (
        own[name].to_numpy(dtype=float)
        for name in (
            "fixed_cost_per_order",
            "unit_volume_m3",
            "holding_cost_per_period",
            "safety",
        )
    )

    def size(room: float) -> Any:
        each = np.maximum(holding + room * volume, 1e-9)
        return np.minimum((2 * fixed * rate / each) ** 0.5, rate * HALF_A_YEAR / days)

    def over(room: float) -> float:
        return float(volume @ (safety + size(room) / 2)) - limit

    room = 0.0 if over(0.0) <= 0 else dearest
    if over(0.0) > 0 >= over(dearest):
        room = float(brentq(over, 0.0, dearest, xtol=1e-13, rtol=1e-14))
    worth = np.where(
        rate > 0, (holding + room * volume) * size(room) / np.where(rate > 0, rate, 1), 0
    )
    return own.assign(cycle=np.where(worth > 0, size(room), 0.0), worth=worth)


def cover_cost(inputs: AllocationInputs, tables: dict[str, pd.DataFrame]) -> float:
    """What is missing at the end of the horizon costs: demand to come, safety stock, a cycle."""
    prices = inputs.parameters.iloc[0]
    last = max(pd.to_datetime(inputs.periods["period_start"]))
    stock, orders = tables["plan_inventory"], tables["plan_orders"]
    stock = stock[pd.to_datetime(stock["period_start"]) == last]
    closing = stock.set_index(["fc_id", "sku"])["closing"].to_dict()
    later = orders[pd.to_datetime(orders["due_on"]) > last]
    coming = later.groupby(["fc_id", "sku"])["units"].sum().to_dict()
    cost = 0.0
    room, dearest = _room(inputs), float(prices["storage_overflow_cost_per_m3"])
    cycles = [
        _size_cycles(own, room[str(fc)], dearest, float(prices["period_days"]))
        for fc, own in _describe_cover(inputs).groupby("fc_id")
    ]
    for row in [row for own in cycles for row in own.to_dict("records")]:
        there = float(row["later_inbound_units"])
        there += closing.get((row["fc_id"], row["sku"]), 0.0)
        there += coming.get((row["fc_id"], row["sku"]), 0.0)
        price = row["lost"] * float(prices["cover_shortfall_share"])
        parts = [(price, float(row["cover_units"]))]
        parts += [(row["worth"] * (quarter + 0.5) / 4, row["cycle"] / 4) for quarter in range(4)]
        if prices["stock_target_mode"] == "expected_loss":
            width = 0.5 * float(row["cover_deviation"])
            losses = lost_units(np.array(LOSS_STEPS) * 2 * width, 2 * width)
            parts += [(price * float(drop) / max(width, 1e-12), width) for drop in -np.diff(losses)]
        else:
            parts.append((float(prices["stock_target_cost_per_unit"]), row["safety"]))
        # What costs least is missing first.
        short = max(sum(most for _, most in parts) - there, 0.0)
        for price_of_part, most in sorted(parts):
            cost += price_of_part * min(short, most)
            short -= min(short, most)
    return cost
