"""Hidden truth: what a test may compare a model's answer with."""

import numpy as np
import pandas as pd

from inventory_allocation.sample_company.clock import (
    FloatArray,
    IntArray,
    TextArray,
    TimeArray,
    monday,
)
from inventory_allocation.sample_company.contract import TRUTH_COLUMNS, conform
from inventory_allocation.sample_company.customers import TYPE_NAMES, Customers
from inventory_allocation.sample_company.demand import Lines
from inventory_allocation.sample_company.experiments import Experiment
from inventory_allocation.sample_company.network import Network
from inventory_allocation.sample_company.orders import Orders
from inventory_allocation.sample_company.products import Products
from inventory_allocation.sample_company.shape import TREND_PER_YEAR, Shape, lift


def true_demand_rows(
    lines: Lines,
    lost: IntArray,
    orders: Orders,
    customers: Customers,
    network: Network,
    products: Products,
    unlisted: pd.DataFrame,
) -> pd.DataFrame:
    """Units wanted and units lost by week, SKU, region and customer type; only wanted rows."""

    def where(line: IntArray) -> dict[str, object]:
        order = lines.order[line]
        customer = orders.customer[order]
        return {
            "week_start": monday(orders.week[order]),
            "region_id": network.regions["region_id"].to_numpy()[customers.region[customer]],
            "customer_type": np.array(TYPE_NAMES, dtype=object)[customers.kind[customer]],
        }

    wanted = pd.DataFrame(
        where(np.arange(len(lines.sku)))
        | {
            "sku": products.frame["sku"].to_numpy()[lines.sku],
            "demanded_units": lines.units,
            "lost_units": lost,
        }
    )
    extra = pd.DataFrame(
        where(unlisted["line"].to_numpy())
        | {"sku": unlisted["sku"], "demanded_units": unlisted["quantity"], "lost_units": 0}
    )
    keys = ["week_start", "sku", "region_id", "customer_type"]
    return pd.concat([wanted, extra]).groupby(keys, as_index=False).sum()


def customer_type_rows(customers: Customers) -> pd.DataFrame:
    """Hidden type of every customer, also of those missing in the customer list."""
    names = np.array(TYPE_NAMES, dtype=object)
    return pd.DataFrame(
        {"customer_id": customers.frame["customer_id"], "customer_type": names[customers.kind]}
    )


def planted_rows(
    products: Products,
    shape: Shape,
    experiments: tuple[Experiment, ...],
    entities: dict[str, list[str]],
) -> pd.DataFrame:
    """Facts planted in the data.

    Facts are `promotion` (factor on demand, per week), `new` (first week on sale), `dying`
    (first week without demand), `intermittent`, `lumpy`, `short_supply`, `experiment` (share of
    extra orders), `trend` (yearly growth planted in every SKU), `season_christmas`,
    `season_summer`, `season_flat`, and whatever `entities` adds.
    """
    skus = products.frame["sku"].to_numpy()
    week, sku = np.nonzero(shape.discount)
    new, dying = products.role == "new", products.role == "dying"
    parts = [
        _facts("promotion", skus[sku], monday(week), lift(shape.discount[week, sku])),
        _facts("new", skus[new], monday(products.launch_week[new])),
        _facts("dying", skus[dying], monday(products.last_week[dying])),
        _facts("short_supply", skus[products.is_short]),
        _facts("trend", ["company"], value=np.array([TREND_PER_YEAR])),
        _facts(
            "experiment",
            [item.experiment_id for item in experiments],
            value=np.array([item.lift for item in experiments]),
        ),
    ]
    parts += [_facts(role, skus[products.role == role]) for role in ("intermittent", "lumpy")]
    parts += [
        _facts(f"season_{name}", skus[products.season == name])
        for name in ("christmas", "summer", "flat")
    ]
    parts += [_facts(fact, names) for fact, names in entities.items()]
    rows = pd.concat(parts, ignore_index=True)
    return rows.sort_values(["fact", "entity", "week_start"], kind="stable", ignore_index=True)


def _facts(
    fact: str,
    entity: TextArray | list[str],
    week_start: TimeArray | None = None,
    value: FloatArray | None = None,
) -> pd.DataFrame:
    columns = {"entity": entity, "week_start": week_start, "value": value}
    rows = pd.DataFrame({name: column for name, column in columns.items() if column is not None})
    return conform(rows.assign(fact=fact), TRUTH_COLUMNS["planted"])
