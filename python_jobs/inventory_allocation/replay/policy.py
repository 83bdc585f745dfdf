"""What a policy sees, and what it decides."""

from dataclasses import dataclass, field
from typing import Protocol

import pandas as pd

from inventory_allocation.allocation import AllocationInputs
from inventory_allocation.replay.company import Company, Floats

__all__ = ["Decision", "Outlook", "Policy", "View", "no_orders", "no_transfers"]


@dataclass(frozen=True)
class Outlook:
    """What was known before the first day of a period, from data of before that day only.

    Attributes:
        mean: Forecast of demand by periods ahead; shape (periods ahead, regions, skus).
        deviation: Its standard deviation, those of segments added up; the same shape.
        inputs: The frames of an allocation; stock and open orders in them are not the policy's.
        own_mean: The mean before series were made to agree with what they add up to; as `mean`.
    """

    mean: Floats
    deviation: Floats
    inputs: AllocationInputs
    own_mean: Floats


@dataclass(frozen=True)
class View:
    """What a policy may know on the first morning of a period.

    Attributes:
        company: Places, lanes, goods and suppliers.
        period: Which period, from 0.
        on_hand: Units in each centre, with what arrived today; shape (fcs, skus).
        arriving: Units on their way as promised, by periods ahead from 1; shape (periods ahead,
            fcs, skus).
        outlook: Forecasts.
    """

    company: Company
    period: int
    on_hand: Floats
    arriving: Floats
    outlook: Outlook


def no_orders() -> pd.DataFrame:
    """Nothing ordered."""
    return pd.DataFrame({"offer": pd.Series(dtype="int64"), "units": pd.Series(dtype="float64")})


def no_transfers() -> pd.DataFrame:
    """Nothing moved."""
    return pd.DataFrame(
        {
            "lane": pd.Series(dtype="int64"),
            "sku": pd.Series(dtype="int64"),
            "units": pd.Series(dtype="float64"),
        }
    )


@dataclass(frozen=True)
class Decision:
    """What a policy decides for a period.

    Attributes:
        scores: A line is served by the centre of the lowest score that has stock; infinite
            forbids; shape (fcs, regions, skus).
        orders: offer, units; of suppliers.
        transfers: lane, sku, units; between centres, leaving today.
        next_orders: Orders that the plan has for the next period; none for a policy without a plan.
        next_transfers: Its transfers.
    """

    scores: Floats
    orders: pd.DataFrame = field(default_factory=no_orders)
    transfers: pd.DataFrame = field(default_factory=no_transfers)
    next_orders: pd.DataFrame | None = None
    next_transfers: pd.DataFrame | None = None


class Policy(Protocol):
    """Decides period by period; every call stands alone."""

    def decide(self, view: View) -> Decision:
        """Decide on the first morning of a period."""
        ...
