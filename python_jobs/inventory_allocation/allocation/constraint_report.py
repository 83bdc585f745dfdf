"""plan_constraints: what limits the plan, and what one unit more would save."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program
from inventory_allocation.allocation.solving import LIMITS, Saving, Solution

__all__ = ["describe_rows", "table_constraints"]

COLUMNS = [
    "constraint_type",
    "constraint_key",
    "period_start",
    "unit",
    "limit_quantity",
    "used_quantity",
    "slack_quantity",
    "shadow_price",
    "shadow_price_of_less",
    "meaning",
]
PRICE_TOLERANCE = 1e-6
CENTER_LIMITS = {
    "outbound_capacity": "can ship only so many units in the period",
    "inbound_capacity": "can take in only so many units in the period",
    "storage_capacity": "has only so much room for stock",
}

UNITS = {"storage_capacity": "m3", "carbon_cap": "kg", "order_budget": "money"}
HORIZON_LIMITS = {
    "carbon_cap": "all shipments of the horizon may emit only so many kg",
    "order_budget": "all orders of the horizon may cost only so much",
}


def describe_rows(name: str, keys: pd.DataFrame, network: Network) -> list[tuple[str, str]]:
    """Key and meaning of rows of the program."""
    fcs, regions = network.fcs, network.regions
    if name in CENTER_LIMITS:
        return [(fcs[fc], f"{fcs[fc]} {CENTER_LIMITS[name]}") for fc in keys["fc"]]
    if name in HORIZON_LIMITS:
        return [("total", HORIZON_LIMITS[name]) for _ in range(len(keys))]
    if name == "plan_override":
        return [(str(key), f"override {key} asks for it") for key in keys["override_id"]]
    if name == "lane_capacity":
        ends = [(fcs[fc], regions[r]) for fc, r in zip(keys["fc"], keys["region"], strict=True)]
        words = "the lane from {} to {} carries only so many units"
        return [(" > ".join(pair), words.format(*pair)) for pair in ends]
    if name == "transfer_capacity":
        lanes = network.transfer_lanes.iloc[keys["lane"]]
        both = zip(lanes["from_fc"], lanes["to_fc"], strict=True)
        ends = [(fcs[start], fcs[end]) for start, end in both]
        words = "the transfer lane {} to {} carries only so much"
        return [(" > ".join(pair), words.format(*pair)) for pair in ends]
    if name == "stock_balance":
        held = [(fcs[f], network.skus[s]) for f, s in zip(keys["fc"], keys["sku"], strict=True)]
        return [(f"{fc}: {sku}", f"{fc} has only so many units of {sku}") for fc, sku in held]
    if name == "demand_balance":
        wants = zip(keys["region"], keys["sku"], strict=True)
        asked = [(regions[r], network.skus[s]) for r, s in wants]
        return [(f"{r}: {sku}", f"{r} wants only so many units of {sku}") for r, sku in asked]
    if name not in ("service_target", "sla_target"):
        return [(name, name.replace("_", " ")) for _ in range(len(keys))]
    what = "are to be served" if name == "service_target" else "are to arrive within the SLA"
    shares = zip(keys["region"], keys["target_service_level"], strict=True)
    return [
        (f"{regions[r]}: {level:.4g}", f"{level:.1%} of units of {regions[r]} {what}")
        for r, level in shares
    ]


def _say_saving(saving: Saving, unit: str, is_target: bool) -> str:
    name = "unit" if unit == "units" and saving.step == 1 else unit
    more = f"asking {saving.step:,.4g} less" if is_target else f"{saving.step:,.4g} {name} more"
    words = f": {more} would save {saving.saved:,.2f}"
    if np.isfinite(saving.lost):
        words += f", {saving.step:,.4g} {'more' if is_target else 'less'} cost {saving.lost:,.2f}"
    return words


def _say_price(price: float, unit: str) -> str:
    one = {"units": "unit", "money": "unit of money"}.get(unit, unit)
    return f": at a price of {price:,.2f} for each {one}"


def table_constraints(program: Program, network: Network, solution: Solution) -> pd.DataFrame:
    """Report every limit of the network, and the stock that has a price.

    `shadow_price` is the cost that one unit more of the limit saves, integers held fixed (for a
    target, or the least that an override asks: that one unit less asked saves). 1 % or
    one unit more and less of the dearest was tried: `meaning` says what it saved and cost, and
    `shadow_price_of_less` what one unit less costs. Every price between the two is a valid one.
    Prices of the others are one valid set: they need not be unique.
    """
    activity = program.matrix() @ solution.values
    lower, upper = program.row_bounds
    parts = []
    for name in (*LIMITS, "plan_override"):
        block = program.rows[name]
        rows = block.positions
        is_target = name.endswith("target")
        unit = UNITS.get(name, "units")
        # Stock that is left over has a price of the other sign: one unit more costs its holding.
        price = solution.row_prices[rows] * (1 if is_target else -1)
        limit = (lower if is_target else upper)[rows]
        used = activity[rows]
        if is_target:
            used = used - solution.values[program.columns[f"{name}_shortfall"].positions]
        if name == "storage_capacity":
            used = used + solution.values[program.columns["storage_overflow"].positions]
        slack = (used - limit) if is_target else (limit - used)
        if name == "plan_override":
            moved = [program.columns[f"{name}_{way}"] for way in ("missing", "excess")]
            used = used - solution.values[moved[0].positions] + solution.values[moved[1].positions]
            is_least = (price < 0) | ~np.isfinite(limit)
            limit = np.where(is_least, lower[rows], limit)
            slack = np.where(is_least, used - limit, limit - used)
            price = np.abs(price)
        if name == "stock_balance":
            closing = solution.values[program.columns["stock"].positions]
            used = limit - np.minimum(closing, limit)
            slack = limit - used
        said = np.full(len(rows), "", dtype=object)
        of_less = np.full(len(rows), np.nan)
        for number in np.flatnonzero(price > PRICE_TOLERANCE):
            said[number] = _say_price(price[number], unit)
        for row, saving in solution.savings.items():
            if 0 <= row - block.start < len(rows):
                price[row - block.start] = saving.price
                of_less[row - block.start] = saving.price_of_less
                said[row - block.start] = _say_saving(saving, unit, is_target)
        frame = block.keys.assign(
            limit=limit, used=used, slack=slack, price=price, of_less=of_less, said=said
        )
        if name == "stock_balance":
            # Only the supply of the period itself is a limit that a planner can change.
            is_dear = frame[["price", "of_less"]].max(axis=1) > PRICE_TOLERANCE
            frame = frame[is_dear & (frame["limit"] > 0)]
        described = describe_rows(name, frame, network)
        parts.append(
            pd.DataFrame(
                {
                    "constraint_type": "stock" if name == "stock_balance" else name,
                    "constraint_key": [key for key, _ in described],
                    "period_start": [network.period_starts[p] for p in frame["period"]],
                    "unit": unit,
                    "limit_quantity": frame["limit"].to_numpy(),
                    "used_quantity": frame["used"].to_numpy(),
                    "slack_quantity": frame["slack"].to_numpy(),
                    "shadow_price": np.where(frame["price"] > PRICE_TOLERANCE, frame["price"], 0.0),
                    "shadow_price_of_less": frame["of_less"].to_numpy(),
                    "meaning": [
                        meaning + words
                        for (_, meaning), words in zip(described, frame["said"], strict=True)
                    ],
                }
            )
        )
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True)[COLUMNS]
