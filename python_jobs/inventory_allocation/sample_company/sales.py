"""Order lines as the shop records them: prices, shipping, delivery and returns."""

import numpy as np
import pandas as pd

from inventory_allocation.sample_company.clock import (
    DAY,
    END,
    BoolArray,
    FloatArray,
    TextArray,
    TimeArray,
    stream,
)
from inventory_allocation.sample_company.customers import Customers
from inventory_allocation.sample_company.demand import Lines
from inventory_allocation.sample_company.fulfilment import Fulfilment
from inventory_allocation.sample_company.network import Network
from inventory_allocation.sample_company.orders import Orders
from inventory_allocation.sample_company.products import Products
from inventory_allocation.sample_company.shape import Shape

PRICE_RISE_PER_YEAR = 0.02
UNKNOWN_CUSTOMER_SHARE = 0.02
MISSING_REGION_SHARE = 0.005
LATE_SHARE = 0.07
RETURN_SHARE = 0.04
UNLISTED_SKUS = ("UNLISTED-1", "UNLISTED-2")
UNLISTED_LINES = 12


def build_sales(
    fulfilment: Fulfilment,
    lines: Lines,
    orders: Orders,
    customers: Customers,
    network: Network,
    products: Products,
    shape: Shape,
    seed: int,
) -> pd.DataFrame:
    """Shipped order lines, sorted by key.

    A line shipped from two centres becomes two lines. A line nobody could ship leaves no row.

    Returns:
        Contract columns of `transactions` plus `line`, the position of the wanted line.
    """
    rng = stream(seed, "delivery")
    line, centre, units = fulfilment.line, fulfilment.centre, fulfilment.units
    order, sku = lines.order[line], lines.sku[line]
    week, customer = orders.week[order], orders.customer[order]
    region, ordered_at = customers.region[customer], orders.ordered_at[order]

    discount = shape.discount[week, sku]
    price = products.list_price[sku] * (1 + PRICE_RISE_PER_YEAR) ** (week // 52) * (1 - discount)
    lane = centre * len(network.home) + region
    per_unit = network.lanes["cost_per_unit"].to_numpy(dtype=np.float64)[lane]
    per_kg = network.lanes["cost_per_kg"].to_numpy(dtype=np.float64)[lane]
    weight = products.frame["unit_weight_kg"].to_numpy(dtype=np.float64)[sku]
    transit = network.lanes["transit_days"].to_numpy(dtype=np.float64)[lane]
    sla = network.regions["sla_days"].to_numpy(dtype=np.int64)[region]

    hidden = rng.random(len(orders.week)) < UNKNOWN_CUSTOMER_SHARE
    silent = rng.random(len(orders.week)) < MISSING_REGION_SHARE
    customer_id = customers.frame["customer_id"].to_numpy(dtype=object)[customer]
    region_id = network.regions["region_id"].to_numpy(dtype=object)[region]
    width = len(str(len(orders.week))) + 1
    order_ids = np.array(
        [f"O{number:0{width}d}" for number in range(1, len(orders.week) + 1)], dtype=object
    )
    return pd.DataFrame(
        {
            "order_id": order_ids[order],
            "order_line": pd.Series(order).groupby(order).cumcount().to_numpy() + 1,
            "ordered_at": ordered_at,
            "customer_id": _without(customer_id, hidden[order]),
            "sku": products.frame["sku"].to_numpy(dtype=object)[sku],
            "quantity": units,
            "unit_price": np.round(price, 2),
            "region_id": _without(region_id, (silent & ~hidden)[order]),
            "fc_id": network.centres["fc_id"].to_numpy(dtype=object)[centre],
            "shipping_cost": np.round(units * (per_unit + per_kg * weight), 2),
            "promised_at": ordered_at + sla * DAY,
            "delivered_at": _delivered_at(ordered_at, transit, rng),
            "line": line,
        }
    )


def build_returns(sales: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Later negative lines for about 4 % of the sales; returned goods don't go back to stock."""
    rng = stream(seed, "returns")
    days = rng.uniform(2, 25, len(sales))
    delivered = sales["delivered_at"].to_numpy(dtype="datetime64[s]")
    returned_at = delivered + (days * 86_400).astype(np.int64) * np.timedelta64(1, "s")
    back = (rng.random(len(sales)) < RETURN_SHARE) & (returned_at < END)
    order = np.argsort(returned_at[back], kind="stable")
    returns = sales[back].iloc[order].reset_index(drop=True)
    quantity = returns["quantity"].to_numpy()
    width = len(str(len(sales)))
    return returns.assign(
        order_id=[f"R{number:0{width}d}" for number in range(1, len(returns) + 1)],
        order_line=1,
        ordered_at=returned_at[back][order],
        quantity=-rng.integers(1, quantity + 1),
        shipping_cost=np.nan,
        promised_at=np.datetime64("NaT"),
        delivered_at=np.datetime64("NaT"),
    )


def build_unlisted(sales: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Sales of SKUs that the product list doesn't know, to customers who bought anyway."""
    rng = stream(seed, "unlisted_skus")
    count = UNLISTED_LINES * len(UNLISTED_SKUS)
    rows = np.sort(rng.choice(len(sales), count, replace=False))
    return (
        sales.iloc[rows]
        .reset_index(drop=True)
        .assign(
            order_id=[f"U{number:04d}" for number in range(1, count + 1)],
            order_line=1,
            sku=[UNLISTED_SKUS[number % len(UNLISTED_SKUS)] for number in range(count)],
            quantity=rng.integers(1, 4, count),
            unit_price=19.9,
            shipping_cost=3.5,
        )
    )


def _without(values: TextArray, hidden: BoolArray) -> TextArray:
    """Copy of `values` with nulls where `hidden`."""
    kept = values.copy()
    kept[hidden] = None
    return kept


def _delivered_at(
    ordered_at: TimeArray, transit_days: FloatArray, rng: np.random.Generator
) -> TimeArray:
    """Delivery times; not yet known for what is still on its way at the end."""
    days = transit_days + rng.uniform(0.2, 1.0, len(transit_days))
    late = rng.random(len(days)) < LATE_SHARE
    days += np.where(late, rng.uniform(1, 5, len(days)), 0.0)
    delivered = ordered_at + (days * 86_400).astype(np.int64) * np.timedelta64(1, "s")
    return np.where(delivered < END, delivered, np.datetime64("NaT"))
