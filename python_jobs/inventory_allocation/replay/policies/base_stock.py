"""Base stock: order every period up to demand over the lead time and a normal safety stock."""

from dataclasses import dataclass

from inventory_allocation.replay.ordering import cheapest_offers, order_up_to, over_lead_time
from inventory_allocation.replay.policy import Decision, View

__all__ = ["BaseStock"]


@dataclass(frozen=True)
class BaseStock:
    """Each centre for the regions whose home it is; served from the cheapest lane.

    Attributes:
        z: Safety stock, in deviations of demand over lead time and review.
    """

    z: float

    def decide(self, view: View) -> Decision:
        """Order up to mean + z x deviation."""
        offer = cheapest_offers(view.company)
        mean, deviation = over_lead_time(view, offer)
        level = mean + self.z * deviation
        return Decision(view.company.shipping, order_up_to(view, offer, level, level))
