"""The whole company from a scale and a seed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from inventory_allocation.sample_company.clock import SNAPSHOT_WEEKS, WEEKS, monday, stream
from inventory_allocation.sample_company.contract import RAW_COLUMNS, TRUTH_COLUMNS, conform
from inventory_allocation.sample_company.customers import (
    CHRISTMAS,
    LAPSED,
    Customers,
    build_customers,
)
from inventory_allocation.sample_company.demand import (
    build_lines,
    demand_by_week,
    expected_units,
)
from inventory_allocation.sample_company.dirt import add_dirt, dirty_transactions
from inventory_allocation.sample_company.dirt_elsewhere import dirty_elsewhere, drop_dearest_lanes
from inventory_allocation.sample_company.experiments import (
    Experiment,
    build_experiments,
    experiment_rows,
)
from inventory_allocation.sample_company.fulfilment import simulate
from inventory_allocation.sample_company.network import Network, build_network
from inventory_allocation.sample_company.orders import Orders, build_orders
from inventory_allocation.sample_company.planning import (
    centre_rows,
    inbound_rows,
    lane_rows,
    receipt_rows,
    signal_rows,
    snapshot_rows,
    supplier_rows,
    tight_centre,
)
from inventory_allocation.sample_company.products import Products, build_products
from inventory_allocation.sample_company.sales import (
    UNLISTED_SKUS,
    build_returns,
    build_sales,
    build_unlisted,
)
from inventory_allocation.sample_company.scales import Scale, find_scale
from inventory_allocation.sample_company.shape import Shape, build_shape
from inventory_allocation.sample_company.truth import (
    customer_type_rows,
    planted_rows,
    true_demand_rows,
)

UNLISTED_CUSTOMERS = 6


@dataclass(frozen=True)
class Company:
    """A generated company.

    Attributes:
        raw: The 14 tables of the input contract by name, sorted by key, dirty rows included.
        truth: Hidden truth by name: `true_demand`, `customer_types`, `dirty_rows`, `receipts`
            and `planted`.
    """

    raw: dict[str, pd.DataFrame]
    truth: dict[str, pd.DataFrame]


def _who_orders(
    scale: str, seed: int
) -> tuple[Scale, Network, Products, Shape, Customers, tuple[Experiment, ...], Orders]:
    """What a company is before anything is sold."""
    size = find_scale(scale)
    network = build_network(size, seed)
    products = build_products(size, seed)
    shape = build_shape(products, seed)
    customers = build_customers(size, network, seed)
    experiments = build_experiments(network, customers, seed)
    orders = build_orders(size, customers, shape, experiments, seed)
    return size, network, products, shape, customers, experiments, orders


def generate_company(scale: str, seed: int) -> Company:
    """Generate a company; the same scale and seed give the same company.

    Args:
        scale: tiny, small, medium or large.
        seed: Non-negative seed.

    Raises:
        ValueError: Unknown scale.
    """
    size, network, products, shape, customers, experiments, orders = _who_orders(scale, seed)
    lines = build_lines(orders, customers, products, shape, seed)
    region = customers.region[orders.customer[lines.order]]
    fulfilment = simulate(lines, orders, region, network, products, seed)

    sales = build_sales(fulfilment, lines, orders, customers, network, products, shape, seed)
    unlisted = build_unlisted(sales, seed)
    transactions = pd.concat(
        [
            conform(rows, RAW_COLUMNS["transactions"])
            for rows in (sales, build_returns(sales, seed), unlisted)
        ],
        ignore_index=True,
    )
    regions, centres = len(network.regions), len(network.centres)
    home_demand = demand_by_week(lines, orders, network.home[region], (WEEKS, centres))
    region_demand = demand_by_week(lines, orders, region, (WEEKS, regions))
    missing = _unlisted_customers(customers, seed)

    lanes, dearest = drop_dearest_lanes(
        conform(lane_rows(network, region_demand, seed), RAW_COLUMNS["lanes"])
    )
    frames = {
        "transactions": transactions,
        "customers": customers.frame.drop(missing).reset_index(drop=True),
        "products": products.frame,
        "fulfillment_centers": centre_rows(network, fulfilment, home_demand, seed),
        "regions": network.regions,
        "lanes": lanes,
        "transfer_lanes": network.transfer_lanes,
        "suppliers": supplier_rows(size, network, products, seed),
        "inventory_snapshots": snapshot_rows(network, products, fulfilment, seed),
        "inbound_shipments": inbound_rows(network, products, fulfilment),
        "service_targets": pd.DataFrame(),
        "external_signals": signal_rows(products, shape),
        "experiments": experiment_rows(experiments, network, customers),
        "plan_overrides": pd.DataFrame(),
    }
    clean = {table: conform(frames[table], columns) for table, columns in RAW_COLUMNS.items()}
    dirt = [dirty_transactions(clean["transactions"], seed), *dirty_elsewhere(clean, dearest)]
    raw, dirty_rows = add_dirt(clean, dirt)

    first = WEEKS - SNAPSHOT_WEEKS
    truth = {
        "true_demand": true_demand_rows(
            lines, fulfilment.lost, orders, customers, network, products, unlisted
        ),
        "customer_types": customer_type_rows(customers),
        "dirty_rows": dirty_rows,
        "receipts": receipt_rows(network, products, fulfilment, first, WEEKS),
        "planted": planted_rows(
            products,
            shape,
            experiments,
            {
                "unlisted_sku": list(UNLISTED_SKUS),
                "unlisted_customer": customers.frame.loc[missing, "customer_id"].tolist(),
                "tight_centre": [network.centres["fc_id"].iloc[tight_centre(home_demand)]],
            },
        ),
    }
    return Company(
        raw=raw,
        truth={table: conform(truth[table], columns) for table, columns in TRUTH_COLUMNS.items()},
    )


def expect_demand(scale: str, seed: int) -> pd.DataFrame:
    """Demand of the same company as who knows everything but chance would forecast it.

    Returns:
        Columns week_start, sku, region_id, units (mean, above 0); see `expected_units`.

    Raises:
        ValueError: Unknown scale.
    """
    _, network, products, shape, customers, _, orders = _who_orders(scale, seed)
    units = expected_units(orders, customers, products, shape, len(network.regions))
    week, sku, region = np.nonzero(units)
    return pd.DataFrame(
        {
            "week_start": monday(week),
            "sku": products.frame["sku"].to_numpy()[sku],
            "region_id": network.regions["region_id"].to_numpy()[region],
            "units": units[week, sku, region],
        }
    )


def wanted_lines(scale: str, seed: int) -> pd.DataFrame:
    """Order lines that customers of the same company wanted, also where nobody could ship them.

    Returns:
        Columns order_id, ordered_at, region_id, sku, units; sorted by time.

    Raises:
        ValueError: Unknown scale.
    """
    _, network, products, shape, customers, _, orders = _who_orders(scale, seed)
    lines = build_lines(orders, customers, products, shape, seed)
    region = customers.region[orders.customer[lines.order]]
    return pd.DataFrame(
        {
            "order_id": lines.order,
            "ordered_at": orders.ordered_at[lines.order],
            "region_id": network.regions["region_id"].to_numpy()[region],
            "sku": products.frame["sku"].to_numpy()[lines.sku],
            "units": lines.units,
        }
    )


def _unlisted_customers(customers: Customers, seed: int) -> list[int]:
    """Positions of buyers whom the customer list doesn't know; none is in an experiment."""
    candidates = np.flatnonzero(np.isin(customers.kind, [CHRISTMAS, LAPSED]))
    rng = stream(seed, "unlisted_customers")
    return sorted(rng.choice(candidates, UNLISTED_CUSTOMERS, replace=False).tolist())
