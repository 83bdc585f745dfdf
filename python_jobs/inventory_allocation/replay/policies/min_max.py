"""(s, S): order when stock falls below s, up to S."""

from dataclasses import dataclass

import numpy as np

from inventory_allocation.replay.ordering import (
    cheapest_offers,
    home_demand,
    order_up_to,
    over_lead_time,
)
from inventory_allocation.replay.policy import Decision, View

__all__ = ["MinMax"]


@dataclass(frozen=True)
class MinMax:
    """Each centre for the regions whose home it is; served from the cheapest lane.

    s covers demand over lead time and review with a normal safety stock; S is s and an economic
    order quantity more, sqrt(2 x demand x fixed cost / holding cost) (Harris 1913).

    Attributes:
        z: Safety stock, in deviations of demand over lead time and review.
        room_share: Orders are made smaller, all of a centre's in the same proportion, where safety
            stock and half an order of each SKU would take more than this share of its storage; none
            takes no notice of room.
    """

    z: float
    room_share: float | None = None

    def decide(self, view: View) -> Decision:
        """Order below s up to S."""
        company = view.company
        offer = cheapest_offers(company)
        mean, deviation = over_lead_time(view, offer)
        fixed = np.append(company.offers["fixed_cost"].to_numpy(), 0.0)[offer]
        demand = home_demand(company, view.outlook.mean).mean(axis=0)
        quantity = np.sqrt(2 * demand * fixed / np.maximum(company.holding, 1e-6))
        reorder = mean + self.z * deviation
        # More than the forecast reaches is never bought at once.
        quantity = np.minimum(quantity, demand * len(view.outlook.mean))
        if self.room_share is not None:
            left = self.room_share * company.storage - (self.z * deviation) @ company.volume
            used = (quantity / 2) @ company.volume
            quantity *= np.clip(left / np.maximum(used, 1e-9), 0.0, 1.0)[:, None]
        return Decision(company.shipping, order_up_to(view, offer, reorder, reorder + quantity))
