"""plan_constraints: what limits the plan, and what one unit more would save."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program
from inventory_allocation.allocation.solving import LIMITS, Saving, Solution

__all__ = ["table_constraints"]

COLUMNS = [
    "constraint_type",
    "constraint_key",
    "period_start",
    "unit",
    "limit_quantity",
    "used_quantity",
    "slack_quantity",
    "shadow_price",
    "meaning",
]
PRICE_TOLERANCE = 1e-6


def _describe(name: str, row: pd.Series, network: Network) -> tuple[str, str]:
    """Key and meaning of a row of the program."""
    if name == "outbound_capacity":
        fc = network.fcs[int(row["fc"])]
        return fc, f"{fc} can ship only so many units in the period"
    if name == "inbound_capacity":
        fc = network.fcs[int(row["fc"])]
        return fc, f"{fc} can take in only so many units in the period"
    if name == "storage_capacity":
        fc = network.fcs[int(row["fc"])]
        return fc, f"{fc} has only so much room for stock"
    if name == "plan_override":
        return str(row["override_id"]), f"override {row['override_id']} asks for it"
    if name == "lane_capacity":
        fc, region = network.fcs[int(row["fc"])], network.regions[int(row["region"])]
        return f"{fc} > {region}", f"the lane from {fc} to {region} carries only so many units"
    if name == "transfer_capacity":
        lane = network.transfer_lanes.iloc[int(row["lane"])]
        ends = network.fcs[int(lane["from_fc"])], network.fcs[int(lane["to_fc"])]
        return " > ".join(ends), f"the transfer lane {ends[0]} to {ends[1]} carries only so much"
    if name == "stock_balance":
        fc, sku = network.fcs[int(row["fc"])], network.skus[int(row["sku"])]
        return f"{fc}: {sku}", f"{fc} has only so many units of {sku}"
    region, level = network.regions[int(row["region"])], float(row["target_service_level"])
    what = "are to be served" if name == "service_target" else "are to arrive within the SLA"
    return f"{region}: {level:.4g}", f"{level:.1%} of units of {region} {what}"


def _say_saving(saving: Saving, unit: str, is_target: bool) -> str:
    name = "unit" if unit == "units" and saving.step == 1 else unit
    more = f"asking {saving.step:,.4g} less" if is_target else f"{saving.step:,.4g} {name} more"
    return f": {more} would save {saving.saved:,.2f}"


def _say_price(price: float, unit: str) -> str:
    return f": at a price of {price:,.2f} for each {'m3' if unit == 'm3' else 'unit'}"


def table_constraints(program: Program, network: Network, solution: Solution) -> pd.DataFrame:
    """Report every limit of the network, and the stock that has a price.

    `shadow_price` is the cost that one unit more of the limit saves, integers held fixed (for a
    target, or the least that an override asks: that one unit less asked saves). 1 % or
    one unit more of the dearest was tried: `meaning` says what it saved. Prices of the others are
    one valid set: they need not be unique.
    """
    activity = program.matrix() @ solution.values
    lower, upper = program.row_bounds
    parts = []
    for name in (*LIMITS, "plan_override"):
        block = program.rows[name]
        rows = block.positions
        is_target = name.endswith("target")
        unit = "m3" if name == "storage_capacity" else "units"
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
        for number, row in enumerate(rows):
            if row in solution.savings:
                price[number] = solution.savings[row].price
                said[number] = _say_saving(solution.savings[row], unit, is_target)
            elif price[number] > PRICE_TOLERANCE:
                said[number] = _say_price(price[number], unit)
        frame = block.keys.assign(limit=limit, used=used, slack=slack, price=price, said=said)
        if name == "stock_balance":
            # Only the supply of the period itself is a limit that a planner can change.
            frame = frame[(frame["price"] > PRICE_TOLERANCE) & (frame["limit"] > 0)]
        described = [_describe(name, row, network) for _, row in frame.iterrows()]
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
                    "meaning": [
                        meaning + words
                        for (_, meaning), words in zip(described, frame["said"], strict=True)
                    ],
                }
            )
        )
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True)[COLUMNS]
