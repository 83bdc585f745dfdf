"""What suppliers offer, and the demand that only orders of this plan can cover."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.stock_targets import KNOTS, shortfall_steps

__all__ = ["index_cover", "index_suppliers", "list_cover_steps"]

CYCLE_STEPS = 4


def index_suppliers(suppliers: pd.DataFrame, fcs: list[str], skus: list[str]) -> pd.DataFrame:
    """Offers for SKUs with demand, as numbers, sorted by SKU, centre and supplier.

    Returns:
        supplier (its id), fc, sku (positions), cost, extra_cost, fixed_cost, lead_periods, minimum
        and capacity (units an order; infinite where unlimited), multiple (units).
    """
    rows = suppliers.assign(sku=suppliers["sku"].astype(str), fc_id=suppliers["fc_id"].astype(str))
    rows = rows[rows["sku"].isin(skus) & rows["fc_id"].isin(fcs)]
    frame = pd.DataFrame(
        {
            "supplier": rows["supplier_id"].astype(str),
            "fc": pd.Index(fcs).get_indexer(pd.Index(rows["fc_id"])),
            "sku": pd.Index(skus).get_indexer(pd.Index(rows["sku"])),
            "cost": rows["cost_per_unit"].astype("float64"),
            "extra_cost": rows["extra_cost_per_unit"].astype("float64"),
            "fixed_cost": rows["fixed_cost_per_order"].astype("float64"),
            "lead_periods": rows["lead_periods"].astype("int64"),
            "minimum": rows["min_order_units"].astype("float64"),
            "multiple": rows["order_multiple"].astype("float64"),
            "capacity": rows["capacity_units"].astype("float64").fillna(np.inf),
        }
    )
    return frame.sort_values(["sku", "fc", "supplier"], ignore_index=True)


def index_cover(
    cover: pd.DataFrame,
    demand: pd.DataFrame,
    fcs: list[str],
    skus: list[str],
    *,
    share: float,
    safety_price: float,
    mode: str,
) -> pd.DataFrame:
    """Units to have at the end of the horizon or on their way, by centre and SKU, sorted by them.

    Demand of the shortest lead time after the horizon can only be served by orders of this plan: a
    unit of it that isn't covered costs a share of what not serving it costs, at the mean of the
    home demand of the SKU. On top comes safety stock, z(level) x the deviation, at the price of a
    stock target; with mode `expected_loss` three deviations, at that of a unit of the mean times
    the chance that it is wanted.

    Args:
        cover: fc_id, sku, cover_units, cover_deviation, later_inbound_units.
        demand: Of the horizon: fc (home), sku, units, target_service_level, unmet_cost.
        fcs: Ids of centres.
        skus: SKUs with demand.
        share: The share of the cost of not serving.
        safety_price: Price of a unit missing to a stock target.
        mode: As var stock_target_mode.

    Returns:
        fc, sku, mean, safety, later (units of open orders that come after the horizon), price (of
        a unit of the mean), safety_price.
    """
    from scipy.stats import norm

    weighed = demand.assign(
        level=demand["target_service_level"] * demand["units"],
        cost=demand["unmet_cost"] * demand["units"],
    )
    totals = weighed.groupby("sku")[["units", "level", "cost"]].sum()
    level, cost = totals["level"] / totals["units"], totals["cost"] / totals["units"]
    rows = cover.assign(sku=cover["sku"].astype(str), fc_id=cover["fc_id"].astype(str))
    rows = rows[rows["sku"].isin(skus) & rows["fc_id"].isin(fcs)]
    sku = pd.Index(skus).get_indexer(pd.Index(rows["sku"]))
    deviation = rows["cover_deviation"].to_numpy(dtype="float64")
    quantile = norm.ppf(level.reindex(sku).clip(0.5, 0.999).to_numpy())
    price = np.round(share * cost.reindex(sku).to_numpy(), 6)
    is_by_chance = mode == "expected_loss"
    frame = pd.DataFrame(
        {
            "fc": pd.Index(fcs).get_indexer(pd.Index(rows["fc_id"])),
            "sku": sku,
            "mean": rows["cover_units"].to_numpy(dtype="float64"),
            "safety": np.round((KNOTS[-1] if is_by_chance else quantile) * deviation, 6),
            "later": rows["later_inbound_units"].to_numpy(dtype="float64"),
            "price": price,
            "safety_price": price if is_by_chance else safety_price,
        }
    )
    return frame.sort_values(["sku", "fc"], ignore_index=True)


def list_cover_steps(cover: pd.DataFrame, mode: str) -> pd.DataFrame:
    """What is asked for at the end, in steps with a price of a unit missing.

    Demand to cover is one step, safety stock has those of a stock target, and the price of a unit
    of an order's cycle rises with what is missing of it.

    Args:
        cover: As from `index_cover`, with cycles.
        mode: As var stock_target_mode.

    Returns:
        row (of cover), width (units), price; sorted by row and price.
    """
    one = np.array([[1.0, 1.0]])
    middles = (np.arange(CYCLE_STEPS) + 0.5) / CYCLE_STEPS
    rising = np.column_stack([np.full(CYCLE_STEPS, 1 / CYCLE_STEPS), middles])
    parts = []
    for units, price, steps in (
        ("mean", "price", one),
        ("safety", "safety_price", shortfall_steps(mode)),
        ("cycle", "cycle_price", rising),
    ):
        for width, share in steps:
            parts.append(
                pd.DataFrame(
                    {
                        "row": np.arange(len(cover)),
                        "width": width * cover[units].to_numpy(),
                        "price": share * cover[price].to_numpy(),
                    }
                )
            )
    steps_of_all = pd.concat(parts, ignore_index=True)
    wide = steps_of_all[steps_of_all["width"] > 0]
    return wide.sort_values(["row", "price", "width"], kind="stable", ignore_index=True)
