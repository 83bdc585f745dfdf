"""Two randomised experiments with a known lift: one on regions, one on customers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from inventory_allocation.sample_company.clock import DAY, WEEKS, IntArray, monday, stream
from inventory_allocation.sample_company.contract import RAW_COLUMNS, conform
from inventory_allocation.sample_company.customers import BIG, LOYAL, Customers
from inventory_allocation.sample_company.network import Network

CUSTOMER_UNITS = 200


@dataclass(frozen=True)
class Experiment:
    """One experiment.

    Attributes:
        experiment_id: Name of the experiment.
        unit_type: region or customer.
        treated: Positions of the treated units.
        control: Positions of the other units.
        first_week: First week of the treatment, from 0.
        stop_week: First week after it.
        is_running: Whether it has no end date yet.
        lift: Share of extra orders that the treatment brings.
    """

    experiment_id: str
    unit_type: str
    treated: IntArray
    control: IntArray
    first_week: int
    stop_week: int
    is_running: bool
    lift: float


def build_experiments(network: Network, customers: Customers, seed: int) -> tuple[Experiment, ...]:
    """A finished experiment on all regions and a running one on about 200 customers."""
    rng = stream(seed, "experiments")
    region = rng.permutation(len(network.weight))
    half = len(region) // 2
    active = np.isin(customers.kind, [LOYAL, BIG]) & (customers.first_week < WEEKS - 52)
    buyers = np.flatnonzero(active)
    chosen = rng.permutation(buyers)[:CUSTOMER_UNITS]
    split = len(chosen) // 2
    return (
        Experiment(
            "geo-free-delivery", "region", region[:half], region[half:], 136, 148, False, 0.25
        ),
        Experiment(
            "loyalty-letter", "customer", chosen[:split], chosen[split:], 130, WEEKS, True, 0.40
        ),
    )


def experiment_rows(
    experiments: tuple[Experiment, ...], network: Network, customers: Customers
) -> pd.DataFrame:
    """Contract rows of `experiments`, one per unit."""
    ids = {
        "region": network.regions["region_id"].to_numpy(),
        "customer": customers.frame["customer_id"].to_numpy(),
    }
    frames = []
    for item in experiments:
        units = np.concatenate([item.treated, item.control])
        variant = np.where(np.arange(len(units)) < len(item.treated), "treatment", "control")
        last_day = monday(item.stop_week) - DAY
        rows = pd.DataFrame(
            {
                "experiment_id": item.experiment_id,
                "unit_type": item.unit_type,
                "unit_id": ids[item.unit_type][units],
                "variant": variant,
                "started_on": monday(item.first_week),
                "ended_on": np.datetime64("NaT", "s") if item.is_running else last_day,
                "assignment": "randomised",
            }
        )
        frames.append(conform(rows, RAW_COLUMNS["experiments"]))
    return pd.concat(frames, ignore_index=True)
