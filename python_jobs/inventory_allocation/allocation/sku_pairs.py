"""SKUs that are often bought together, and how many orders of both there will be."""

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["index_sku_pairs", "split_orders", "table_joint_orders"]

Floats = npt.NDArray[np.float64]
CELL = ["region", "sku", "period"]


def index_sku_pairs(rows: pd.DataFrame, skus: list[str]) -> pd.DataFrame:
    """Turn pairs into positions; those with a SKU that isn't planned are left out.

    Args:
        rows: Columns sku, partner_sku, order_share (orders with both over units of `sku`) and
            partner_order_share (over units of `partner_sku`).
        skus: SKUs with demand.

    Returns:
        sku, partner (positions), order_share, partner_order_share; sorted by SKU and partner.
    """
    names = pd.Index(skus)
    pairs = pd.DataFrame(
        {
            "sku": names.get_indexer(pd.Index(rows["sku"].astype(str))),
            "partner": names.get_indexer(pd.Index(rows["partner_sku"].astype(str))),
            "order_share": rows["order_share"].to_numpy(dtype="float64"),
            "partner_order_share": rows["partner_order_share"].to_numpy(dtype="float64"),
        }
    )
    is_known = (pairs["sku"] >= 0) & (pairs["partner"] >= 0) & (pairs["sku"] != pairs["partner"])
    return pairs[is_known].sort_values(["sku", "partner"], ignore_index=True)


def table_joint_orders(sku_pairs: pd.DataFrame, demand: pd.DataFrame) -> pd.DataFrame:
    """How many orders of a region and period will have both SKUs of a pair.

    As many as the rarer one allows: orders = min(order_share x demand of the SKU, the same of its
    partner). Pairs are looked at one by one: an order with three of them counts in each.

    Args:
        sku_pairs: From `index_sku_pairs`.
        demand: Columns region, sku, period, units.

    Returns:
        sku, partner, region, period, orders, and the orders that go with a unit of the SKU and of
        its partner (per_unit, partner_per_unit); sorted by the first four.
    """
    cells = demand.groupby(CELL)["units"].sum().reset_index()
    partners = cells.rename(columns={"sku": "partner", "units": "partner_units"})
    joint = sku_pairs.merge(cells, on="sku").merge(partners, on=["partner", "region", "period"])
    joint = joint.sort_values(["sku", "partner", "region", "period"], ignore_index=True)
    units, partner_units = joint["units"].to_numpy(), joint["partner_units"].to_numpy()
    orders = np.minimum(
        joint["order_share"].to_numpy() * units,
        joint["partner_order_share"].to_numpy() * partner_units,
    )

    def per(units: Floats) -> Floats:
        each: Floats = np.divide(orders, units, out=np.zeros(len(orders)), where=units > 0)
        return each

    return joint[["sku", "partner", "region", "period"]].assign(
        orders=orders, per_unit=per(units), partner_per_unit=per(partner_units)
    )


def split_orders(joint: pd.DataFrame, ship: pd.DataFrame) -> float:
    """How many of the orders with both SKUs are not shipped whole from one centre.

    Of those, a centre ships at most what it ships of either SKU.

    Args:
        joint: From `table_joint_orders`.
        ship: Columns fc, region, sku, period, units.
    """
    shipped = ship.groupby(["fc", *CELL])["units"].sum().reset_index()
    partners = shipped.rename(columns={"sku": "partner", "units": "partner_units"})
    both = joint.merge(shipped, on=CELL).merge(partners, on=["fc", "partner", "region", "period"])
    together = np.minimum(
        both["per_unit"] * both["units"], both["partner_per_unit"] * both["partner_units"]
    )
    return max(float(joint["orders"].sum() - together.sum()), 0.0)
