"""SKUs that are bought together are shipped together, or an order more is split."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program
from inventory_allocation.allocation.sku_pairs import table_joint_orders

__all__ = ["add_split_order"]


def add_split_order(program: Program, network: Network) -> None:
    """Count the orders with both SKUs of pair p that no centre ships whole, at a price each.

    sum_f together[p,r,t,f] + split_order[p,r,t] >= orders[p,r,t]
    together[p,r,t,f] <= orders[p,r,t] / demand[s,r,t] * sum_d ship[d,f], for both s of p

    That the orders which one centre ships in part are the same for both SKUs is up to whoever
    picks the centre of an order.
    """
    price = float(network.parameters["split_order_cost"])
    pairs = network.sku_pairs if price > 0 else network.sku_pairs.iloc[:0]
    joint = table_joint_orders(pairs, network.demand)
    orders = joint["orders"].to_numpy()
    keys = joint[["sku", "partner", "region", "period"]]
    split = program.add_columns("split_order", keys, price, orders)
    rows = program.add_rows("split_order", keys, orders, np.inf)
    program.add_entries(rows.positions, split.positions, 1.0)

    lanes = network.lanes[["region", "fc"]]
    at = keys.rename_axis("joint").reset_index().merge(lanes, on="region")
    at = at.sort_values(["joint", "fc"], ignore_index=True)
    of_joint = at.pop("joint").to_numpy(dtype=np.int64)
    together = program.add_columns("together", at, 0.0, orders[of_joint])
    program.add_entries(rows.start + of_joint, together.positions, 1.0)

    # The row of the SKU and that of its partner, in turn.
    sides = at.loc[np.repeat(np.arange(len(at)), 2)].reset_index(drop=True)
    limits = program.add_rows("together", sides, -np.inf, 0.0)
    program.add_entries(limits.positions, np.repeat(together.positions, 2), 1.0)
    per_unit = joint[["per_unit", "partner_per_unit"]].to_numpy()[of_joint].ravel()
    sides["item"] = np.where(np.arange(len(sides)) % 2 == 0, sides["sku"], sides["partner"])
    wanted = pd.DataFrame(
        {
            "row": limits.positions,
            "size": -per_unit,
            **{name: sides[name].astype("int64") for name in ("item", "region", "period", "fc")},
        }
    )
    ship = program.columns["ship"]
    paired = ship.keys["sku"].isin(wanted["item"].unique())
    shipped = ship.keys.loc[paired, ["sku", "region", "period", "fc"]].astype("int64")
    shipped = shipped.rename(columns={"sku": "item"}).assign(column=ship.positions[paired])
    found = wanted.merge(shipped, on=["item", "region", "period", "fc"])
    program.add_entries(
        found["row"].to_numpy(), found["column"].to_numpy(), found["size"].to_numpy()
    )
