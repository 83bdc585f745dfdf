"""What the company itself did, as a walk: no policy, for its orders and stock were others."""

import numpy as np
import pandas as pd

from inventory_allocation.replay.company import Company
from inventory_allocation.replay.future import Future, count_units, locate
from inventory_allocation.replay.simulate import REPLANNED, Walk

__all__ = ["recall_walk"]


def recall_walk(
    company: Company,
    future: Future,
    sold: pd.DataFrame,
    counts: pd.DataFrame,
    receipts: pd.DataFrame,
) -> Walk:
    """Put what was recorded into a walk.

    Lines shipped by no centre of the network are lost, and so is what was wanted and not sold. A
    delivery is an order of its centre's first offer, placed when it arrived, and on its way for the
    offer's lead time before. Transfers aren't recorded.

    Args:
        company: Places and goods.
        future: What came.
        sold: order_id, ordered_at, region_id, sku, fc_id, units.
        counts: fc_id, sku, snapshot_date, units; the last count of a period is that of its end.
        receipts: fc_id, sku, arrives_on, units.
    """
    edges = pd.DatetimeIndex([*future.period_starts, future.end])
    periods = len(edges) - 1
    lines = locate(company, sold.rename(columns={"ordered_at": "at"}), edges)
    is_possible = np.isfinite(company.shipping[lines["fc"], lines["region"], lines["sku"]])
    lines = lines[is_possible & (lines["region"] >= 0)]
    lines = lines.assign(order=pd.factorize(lines["order_id"])[0])
    wanted = np.zeros((periods, len(company.regions), len(company.skus)))
    period = np.repeat(np.arange(periods), np.diff(future.bounds))
    np.add.at(wanted, (period, future.region, future.sku), future.units)
    keys = ["period", "region", "sku"]
    np.subtract.at(wanted, tuple(lines[key].to_numpy() for key in keys), lines["units"].to_numpy())
    short = np.nonzero(wanted > 0)
    stock, on_the_way = np.zeros((2, periods, len(company.fcs), len(company.skus)))
    counted = locate(company, counts.rename(columns={"snapshot_date": "at"}), edges)
    last = counted[counted["at"] == counted.groupby("period")["at"].transform("max")]
    count_units(stock, last)
    come = locate(company, receipts.rename(columns={"arrives_on": "at"}), edges)
    offers = company.offers.rename_axis("offer").reset_index().drop_duplicates(["fc", "sku"])
    come = come.merge(offers[["fc", "sku", "offer", "lead_periods"]], on=["fc", "sku"])
    for ahead in range(1, int(come["lead_periods"].max() if len(come) else 0) + 1):
        is_ordered = (come["lead_periods"] >= ahead) & (come["period"] >= ahead)
        early = come[is_ordered]
        count_units(on_the_way, early.assign(period=early["period"] - ahead))
    return Walk(
        shipments=lines[["period", "order", "region", "sku", "fc", "units"]].reset_index(drop=True),
        lost=pd.DataFrame(
            {"period": short[0], "order": -1, "region": short[1], "sku": short[2]}
        ).assign(units=wanted[short]),
        stock=stock,
        on_the_way=on_the_way,
        orders=come[["period", "offer", "units"]],
        transfers=pd.DataFrame({"period": [], "lane": [], "sku": [], "units": []}).astype(
            {"period": int, "lane": int, "sku": int, "units": float}
        ),
        replanned=pd.DataFrame(columns=REPLANNED).astype("float64"),
    )
