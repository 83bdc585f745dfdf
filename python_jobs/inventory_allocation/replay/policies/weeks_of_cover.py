"""Weeks of cover: stock for so many periods, placed where demand is: what most companies do."""

from dataclasses import dataclass

import numpy as np

from inventory_allocation.replay.company import Company, Floats
from inventory_allocation.replay.ordering import cheapest_offers, home_demand, order_up_to
from inventory_allocation.replay.policy import Decision, View

__all__ = ["WeeksOfCover"]


@dataclass(frozen=True)
class WeeksOfCover:
    """Order up to the forecast of so many periods, each centre for its home regions.

    Attributes:
        periods: Periods of demand on hand and on the way.
        serving: Who serves a line: `nearest` centre, `cheapest` lane, or `proportional`: the
            centre with most periods of stock.
    """

    periods: float
    serving: str

    def decide(self, view: View) -> Decision:
        """Order up to the level."""
        company = view.company
        demand = home_demand(company, view.outlook.mean).mean(axis=0)
        level = demand * self.periods
        orders = order_up_to(view, cheapest_offers(company), level, level)
        return Decision(_score(company, self.serving, view.on_hand, demand), orders)


def _score(company: Company, serving: str, on_hand: Floats, demand: Floats) -> Floats:
    if serving == "nearest":
        return np.broadcast_to(company.distance[:, :, None], company.shipping.shape)
    if serving == "cheapest":
        return company.shipping
    cover = on_hand / np.maximum(demand, 1e-6)
    return np.broadcast_to(-cover[:, None, :], company.shipping.shape)
