"""Ordering up to a level: what the simple policies share."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.replay.company import Company, Floats
from inventory_allocation.replay.policy import View

__all__ = ["cheapest_offers", "home_demand", "order_up_to", "over_lead_time"]

REVIEW_PERIODS = 1


def cheapest_offers(company: Company) -> npt.NDArray[np.int64]:
    """Offer with the lowest extra cost, then fixed cost, of each centre and SKU; -1 for none."""
    best = np.full((len(company.fcs), len(company.skus)), -1)
    offers = company.offers.rename_axis("offer").reset_index()
    ranked = offers.sort_values(["extra_cost", "fixed_cost", "lead_periods", "offer"])
    first = ranked.drop_duplicates(["fc", "sku"])
    best[first["fc"], first["sku"]] = first["offer"]
    return best


def home_demand(company: Company, values: Floats) -> Floats:
    """Sum over the regions whose home a centre is; (ahead, regions, skus) to (ahead, fcs, skus)."""
    is_home: Floats = (company.home == np.arange(len(company.fcs))[:, None]).astype("float64")
    summed: Floats = np.einsum("fr,ars->afs", is_home, values)
    return summed


def over_lead_time(view: View, offer: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Mean and deviation of home demand over lead time and review; each of shape (fcs, skus).

    Deviations of regions and segments add up, as in the plan's stock targets; periods are taken to
    be independent (Silver, Pyke and Thomas, Inventory and Production Management in Supply Chains,
    4th ed., chapter 7).
    """
    company = view.company
    mean = home_demand(company, view.outlook.mean)
    variance = home_demand(company, view.outlook.deviation) ** 2
    lead = np.append(company.offers["lead_periods"].to_numpy(dtype="int64"), 0)[offer]
    ahead = np.minimum(lead + REVIEW_PERIODS, len(mean)) - 1
    fc, sku = np.indices(ahead.shape)
    at = (ahead, fc, sku)
    return mean.cumsum(axis=0)[at], np.sqrt(variance.cumsum(axis=0)[at])


def order_up_to(
    view: View, offer: npt.NDArray[np.int64], reorder: Floats, level: Floats
) -> pd.DataFrame:
    """Order where stock on hand and on the way is below the reorder point, up to a level.

    Args:
        view: What is known.
        offer: Who delivers, by centre and SKU; -1 orders nothing.
        reorder: Reorder points; shape (fcs, skus).
        level: Levels, at least as high; shape (fcs, skus).

    Returns:
        offer, units: whole multiples, between the offer's minimum and its capacity.
    """
    position = view.on_hand + view.arriving.sum(axis=0)
    fc, sku = np.nonzero((offer >= 0) & (position < reorder))
    offers = view.company.offers.iloc[offer[fc, sku]]
    multiple = offers["multiple"].to_numpy()
    gap = (level - position)[fc, sku]
    least = np.ceil(offers["minimum"].to_numpy() / multiple)
    most = np.floor(np.minimum(offers["capacity"].to_numpy(), 1e12) / multiple)
    units = np.minimum(np.maximum(np.ceil(gap / multiple), least), most) * multiple
    orders = pd.DataFrame({"offer": offer[fc, sku], "units": units})
    is_sold: pd.DataFrame = orders[(units > 0) & (most >= least)]
    return is_sold.sort_values("offer", ignore_index=True)
