"""Time the segments of a million customers against plain scikit-learn doing the same steps.

Run it with `make bench-segments`. It prints seconds, peak memory and the ratio.
"""

import resource
import time
from collections.abc import Callable

import duckdb
import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.preprocessing import StandardScaler

from inventory_allocation.segmentation import (
    SegmentSettings,
    assign_segments,
    fit_segments,
    sweep_segments,
)

CUSTOMERS = 1_000_000
COUNTS = range(2, 11)
BOOTSTRAPS = 50
SAMPLE = 5_000
SETTINGS = SegmentSettings(
    ["recency_days", "frequency", "monetary", "interpurchase_days", "season", "return_rate",
     "category_count", "interpurchase_variation"],
    bootstraps=BOOTSTRAPS,
    seed=1,
)  # fmt: skip

NO_HISTORY = pd.DataFrame(columns=["snapshots_back", "next_spend", "next_purchase_days"])


def make_customers() -> pd.DataFrame:
    """Five types of customers, features with overlap; what the SQL models would hand over."""
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 5, CUSTOMERS)

    def draw(*means: float, spread: float = 0.5) -> np.ndarray:
        return np.array(means)[kind] * rng.lognormal(0, spread, CUSTOMERS)

    return pd.DataFrame(
        {
            "snapshot_date": pd.Timestamp("2026-06-30"),
            "customer_id": np.char.add("C", np.arange(CUSTOMERS).astype(str)),
            "purchase_days": 2 + rng.poisson(5, CUSTOMERS),
            "recency_days": draw(10, 60, 300, 20, 150),
            "frequency": draw(40, 8, 4, 3, 20),
            "monetary": draw(3000, 2000, 100, 150, 300),
            "interpurchase_days": draw(15, 90, 120, 60, 30),
            "interpurchase_variation": draw(0.5, 0.9, 1.0, 0.8, 0.6),
            "return_rate": draw(0.05, 0.1, 0.02, 0.2, 0.05),
            "category_count": draw(8, 6, 2, 3, 4, spread=0.2),
            "season_strength": np.array([0.1, 0.1, 0.9, 0.2, 0.3])[kind] * rng.random(CUSTOMERS),
            "season_peak_day": rng.integers(0, 365, CUSTOMERS),
            "tenure_days": draw(800, 700, 600, 90, 500),
            **{f"q{number}_share": rng.random(CUSTOMERS) / 2 for number in (1, 2, 3, 4)},
        }
    )


def ours(customers: pd.DataFrame) -> str:
    """Scale, sweep, fit and assign as the dbt models do."""
    sweeps = sweep_segments(customers, None, SETTINGS)
    centers = fit_segments(customers, NO_HISTORY, sweeps, None, SETTINGS)
    segments = assign_segments(customers, centers, SETTINGS)
    return f"{segments['segment'].nunique()} segments"


def plain(customers: pd.DataFrame) -> str:
    """The same steps as one would write them, with the defaults: K-means on everybody."""
    columns = ["recency_days", "frequency", "monetary", "interpurchase_days", "return_rate",
               "category_count"]  # fmt: skip
    angle = 2 * np.pi * customers["season_peak_day"] / 365.25
    values = np.column_stack(
        [
            np.log1p(customers[columns]),
            customers["interpurchase_variation"],
            customers["season_strength"] * np.cos(angle),
            customers["season_strength"] * np.sin(angle),
        ]
    )
    matrix = StandardScaler().fit_transform(values)
    rng = np.random.default_rng(1)
    best = {}
    for count in COUNTS:
        model = KMeans(count, random_state=1).fit(matrix)
        silhouette = silhouette_score(matrix, model.labels_, sample_size=SAMPLE, random_state=1)
        scores = []
        for _ in range(BOOTSTRAPS):
            rows = rng.integers(0, len(matrix), SAMPLE)
            other = KMeans(count, random_state=1).fit(matrix[rows])
            judged = rng.choice(len(matrix), SAMPLE, replace=False)
            scores.append(adjusted_rand_score(model.labels_[judged], other.predict(matrix[judged])))
        best[count] = silhouette * np.mean(scores)
    return f"{max(best, key=lambda count: best[count])} segments"


def measure(name: str, function: Callable[[pd.DataFrame], str], customers: pd.DataFrame) -> float:
    """Print and return the seconds of a function."""
    started = time.perf_counter()
    found = function(customers)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{name:<28}{seconds:>8.1f} s   peak {peak:.1f} GiB so far   {found}")
    return seconds


def time_sql(customers: pd.DataFrame) -> None:
    """The read of the features, as a dbt Python model does it."""
    connection = duckdb.connect()
    connection.register("customers", customers)
    started = time.perf_counter()
    connection.sql("select * from customers").df()
    print(f"{'read by the Python model':<28}{time.perf_counter() - started:>8.1f} s")


if __name__ == "__main__":
    frame = make_customers()
    print(f"{CUSTOMERS:,} customers, {len(SETTINGS.features)} features")
    time_sql(frame)
    own = measure("these models", ours, frame)
    peer = measure("plain scikit-learn", plain, frame)
    print(f"plain scikit-learn takes {peer / own:.1f} times as long")
