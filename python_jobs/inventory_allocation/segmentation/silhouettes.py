"""How well segments are separated: silhouettes with intervals, against shuffled features."""

from typing import NamedTuple

import numpy as np
from sklearn.metrics import silhouette_samples

from inventory_allocation.segmentation.features import Scaling
from inventory_allocation.segmentation.kmeans import (
    Labels,
    Matrix,
    assign,
    fit_centers,
    in_parallel,
    take_sample,
)
from inventory_allocation.segmentation.sweep import measure_stability

__all__ = ["Interval", "Null", "bootstrap_mean", "compare_with_shuffled", "sample_silhouettes"]

SAMPLE = 5_000
NULL_SAMPLE = 2_000
NULL_RESTARTS = 3
NULL_STABILITIES = 5
RESAMPLES = 1_000


class Interval(NamedTuple):
    """A mean and its 95 % interval."""

    mean: float
    lower: float
    upper: float


class Null(NamedTuple):
    """What the same steps find on the data and on data without structure.

    Attributes:
        silhouette: Mean silhouette on the data.
        shuffled_mean: Mean silhouette over the shuffled copies.
        shuffled_p99: 99th percentile of it.
        p_value: Share of copies, the data counted in, that reach the silhouette of the data.
        shuffled_stability: Mean stability of the first five copies.
    """

    silhouette: float
    shuffled_mean: float
    shuffled_p99: float
    p_value: float
    shuffled_stability: float


def sample_silhouettes(
    matrix: Matrix, labels: Labels, seed: int, size: int = SAMPLE
) -> tuple[Matrix, Labels]:
    """Silhouettes of a sample of at most 5,000 customers, and their segments (Rousseeuw 1987).

    Both empty when the sample has one segment only.
    """
    rows = take_sample(len(matrix), size, seed)
    found = labels[rows]
    if not 1 < len(np.unique(found)) < len(found):
        return np.array([]), found[:0]
    return silhouette_samples(matrix[rows], found), found


def bootstrap_mean(values: Matrix, seed: int) -> Interval:
    """Mean with a 95 % percentile bootstrap interval over 1,000 resamples.

    Missing for no values; without interval for one.
    """
    if len(values) == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    if len(values) == 1:
        return Interval(float(values[0]), float("nan"), float("nan"))
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)]
    lower, upper = np.percentile(means, [2.5, 97.5])
    return Interval(float(values.mean()), float(lower), float(upper))


def _fit_silhouette(matrix: Matrix, count: int, seed: int) -> float:
    labels, _, _ = assign(matrix, fit_centers(matrix, count, seed, NULL_RESTARTS))
    values, _ = sample_silhouettes(matrix, labels, seed, NULL_SAMPLE)
    return float(values.mean()) if len(values) else 0.0


def _shuffle(matrix: Matrix, scaling: Scaling, seed: list[int]) -> Matrix:
    """Each feature shuffled over the customers by itself: its values stay, its ties go."""
    rng = np.random.default_rng(seed)
    shuffled = matrix.copy()
    features = np.array(scaling.features)
    for name in dict.fromkeys(scaling.features):
        columns = np.flatnonzero(features == name)
        shuffled[:, columns] = matrix[rng.permutation(len(matrix))][:, columns]
    return shuffled


def compare_with_shuffled(
    matrix: Matrix, scaling: Scaling, count: int, permutations: int, bootstraps: int, seed: int
) -> Null:
    """Fit the data and copies of it whose features were shuffled one by one.

    Args:
        matrix: Scaled features, shape (customers, columns). At most 2,000 customers are looked at.
        scaling: Names the feature of each column; the columns of one feature stay together.
        count: Number of segments.
        permutations: Number of copies.
        bootstraps: Bootstrap samples for the stability of the first five copies.
        seed: Seed.
    """
    matrix = matrix[take_sample(len(matrix), NULL_SAMPLE, seed)]
    observed = _fit_silhouette(matrix, count, seed)

    def measure(number: int) -> tuple[float, float]:
        shuffled = _shuffle(matrix, scaling, [seed, number])
        silhouette = _fit_silhouette(shuffled, count, seed)
        if number >= NULL_STABILITIES:
            return silhouette, float("nan")
        labels, _, _ = assign(shuffled, fit_centers(shuffled, count, seed, NULL_RESTARTS))
        return silhouette, measure_stability(shuffled, labels, count, seed, bootstraps)

    found = np.array(in_parallel(measure, range(permutations)))
    null = found[:, 0]
    return Null(
        observed,
        float(null.mean()),
        float(np.percentile(null, 99)),
        float((1 + (null >= observed).sum()) / (1 + permutations)),
        float(found[:NULL_STABILITIES, 1].mean()),
    )
