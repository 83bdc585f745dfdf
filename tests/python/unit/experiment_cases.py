"""Simulated experiments that the tests share."""

import numpy as np
import pandas as pd

from inventory_allocation.experiments import ExperimentSettings
from inventory_allocation.experiments.columns import METRICS

SETTINGS = ExperimentSettings(seed=7, bootstraps=300)


def _windows(activity, rng):
    """Both windows of every metric; late_share is null in a window without an order."""
    columns = {}
    for suffix in ("", "_before"):
        orders = rng.poisson(activity).astype("float64")
        units = orders + rng.poisson(2 * orders)
        late = rng.binomial(orders.astype(int), 0.2) / np.where(orders > 0, orders, np.nan)
        values = (orders, units, units * rng.gamma(4, 5, len(orders)), late)
        columns |= {name + suffix: value for name, value in zip(METRICS, values, strict=False)}
        columns[f"shipping_cost_per_unit{suffix}"] = rng.gamma(9, 0.5, len(orders))
    return columns


def _frame(experiment_id, activity, rng):
    count = len(activity)
    return pd.DataFrame(
        {
            **_windows(activity, rng),
            "tenure_days_before": rng.gamma(2, 200, count),
            "recency_days_before": rng.exponential(30, count),
            "experiment_id": experiment_id,
            "unit_type": "customer",
            "assignment": "randomised",
            "unit_id": [f"{experiment_id}-{number:04d}" for number in range(count)],
            "cluster_id": None,
        }
    )


def simulate(experiment_id, count, variants, seed, effects=None, clusters=0):
    """Units in equal numbers per variant; an effect is added to revenue.

    With clusters, their units share a level of everything and a variant.
    """
    rng = np.random.default_rng([seed, 1])
    activity = rng.gamma(3, 1, count)
    cluster = np.arange(count) % max(clusters, 1)
    if clusters:
        activity = 3 * np.exp(0.5 * rng.normal(size=clusters))[cluster]
        chosen = rng.permutation(np.arange(clusters) % len(variants))[cluster]
    else:
        chosen = rng.permutation(np.arange(count) % len(variants))
    units = _frame(experiment_id, activity, rng)
    units["variant"] = np.array(variants, dtype=object)[chosen]
    units["revenue"] += units["variant"].map(effects or {}).fillna(0.0).astype("float64")
    if clusters:
        units["cluster_id"] = [f"region {number}" for number in cluster]
    return units


def simulate_confounded(experiment_id, count, seed, effect):
    """Units of which those who spent much and are long with us were rather treated."""
    rng = np.random.default_rng([seed, 2])
    units = _frame(experiment_id, rng.gamma(3, 1, count), rng)
    spent, tenure = units["revenue_before"], units["tenure_days_before"]
    odds = np.exp(-4.2 + 0.6 * np.log1p(spent) + 0.002 * tenure)
    treated = rng.random(count) < odds / (1 + odds)
    return units.assign(
        assignment="observational",
        variant=np.where(treated, "treatment", "control"),
        revenue=10 + 0.7 * spent + 0.1 * tenure + rng.gamma(4, 5, count) + effect * treated,
    )
