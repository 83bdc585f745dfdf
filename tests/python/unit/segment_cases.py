"""Planted customers for the tests of segments."""

import numpy as np
import pandas as pd

from inventory_allocation.segmentation import SegmentSettings, fit_segments, sweep_segments

AS_OF = pd.Timestamp("2026-06-30")
EVEN = (0.25, 0.25, 0.25, 0.25)
SETTINGS = SegmentSettings(
    features=["recency_days", "frequency", "monetary", "season", "return_rate", "tenure_days"],
    min_customers=30,
    bootstraps=8,
    permutations=99,
    seed=11,
)
# Size, recency in days, frequency, monetary, shares of the quarters, strength of the season.
PLANTED = {
    "often": (80, 10, 40, 6000, EVEN, 0.05),
    "winter": (70, 90, 4, 500, (0.04, 0.04, 0.04, 0.88), 0.95),
    "gone": (90, 600, 4, 40, EVEN, 0.1),
    "new": (80, 12, 2, 60, EVEN, 0.1),
}


def plant_customers(seed=3, planted=PLANTED, as_of=AS_OF, spread=0.15):
    """Groups of customers, each spread by some 15 % around its own centre."""
    rng = np.random.default_rng(seed)
    rows = []
    for group, (size, recency, frequency, monetary, shares, strength) in planted.items():
        for _ in range(size):
            noise = rng.lognormal(0, spread, 3)
            quarters = rng.dirichlet(np.array(shares) * 200)
            rows.append(
                {
                    "group": group,
                    "recency_days": recency * noise[0],
                    "frequency": frequency * noise[1],
                    "monetary": monetary * noise[2],
                    **{f"q{number + 1}_share": quarters[number] for number in range(4)},
                    "season_strength": min(strength * rng.lognormal(0, 0.05), 1),
                    "season_peak_day": 345 + rng.integers(-5, 5) if strength > 0.5 else None,
                }
            )
    frame = pd.DataFrame(rows)
    count = len(frame)
    frame = frame.assign(
        snapshot_date=as_of,
        tenure_days=rng.uniform(600, 900, count),
        return_rate=rng.uniform(0, 0.1, count),
        interpurchase_days=rng.uniform(20, 40, count),
        interpurchase_variation=rng.uniform(0.2, 0.6, count),
        category_count=rng.integers(2, 6, count),
        purchase_days=10,
        expected_value=np.nan,
    ).astype({"season_peak_day": "float64"})
    frame = frame.sample(frac=1, random_state=seed).reset_index(drop=True)
    return frame.assign(customer_id=[f"C{number:04d}" for number in range(count)])


def make_noise(count=300, seed=0, as_of=AS_OF):
    """Customers whose features are independent: there is nothing to find."""
    rng = np.random.default_rng(seed)
    return plant_customers(as_of=as_of).iloc[[0] * count].assign(
        customer_id=[f"C{number:04d}" for number in range(count)],
        recency_days=rng.lognormal(3, 1, count),
        frequency=rng.lognormal(2, 1, count),
        monetary=rng.lognormal(5, 1, count),
        tenure_days=rng.lognormal(5, 1, count),
        return_rate=rng.lognormal(-1, 0.2, count),
        season_strength=rng.uniform(0, 1, count),
        season_peak_day=rng.uniform(0, 365, count),
    )  # fmt: skip


NO_HISTORY = (
    plant_customers().iloc[:0].assign(snapshots_back=0, next_spend=0.0, next_purchase_days=0)
)


def fit(customers, settings=SETTINGS, sweeps=None, centers=None, history=NO_HISTORY):
    """Sweep and fit as the models do; all rows so far."""
    new = sweep_segments(customers, sweeps, settings)
    sweeps = new if sweeps is None else pd.concat([sweeps, new], ignore_index=True)
    new = fit_segments(customers, history, sweeps, centers, settings)
    return sweeps, new if centers is None else pd.concat([centers, new], ignore_index=True)
