"""The number of segments: every candidate measured, one chosen by rule."""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import adjusted_rand_score, silhouette_score

from inventory_allocation.segmentation.kmeans import (
    FIT_SAMPLE,
    Labels,
    Matrix,
    assign,
    fit_centers,
    in_parallel,
    take_sample,
)
from inventory_allocation.segmentation.settings import SEGMENT_COUNTS

__all__ = ["Candidate", "choose_segment_count", "measure_stability", "sweep"]

SILHOUETTE_SAMPLE = 5_000
BOOTSTRAP_SAMPLE = 5_000
BOOTSTRAP_RESTARTS = 3
MIN_SHARE = 0.03
MIN_STABILITY = 0.8
SCORE_TOLERANCE = 0.95


@dataclass(frozen=True)
class Candidate:
    """Measures of one number of segments.

    Attributes:
        count: Number of segments.
        silhouette: Mean silhouette of a sample.
        stability: Mean adjusted Rand index between this fit and fits on bootstrap samples.
        smallest_share: Share of customers in the smallest segment.
    """

    count: int
    silhouette: float
    stability: float
    smallest_share: float

    @property
    def is_sound(self) -> bool:
        """Whether it is stable, and without a tiny segment."""
        return self.stability >= MIN_STABILITY and self.smallest_share >= MIN_SHARE

    @property
    def score(self) -> float:
        """Silhouette times stability: separation that comes back on other samples."""
        return self.silhouette * self.stability


def measure_stability(
    matrix: Matrix, labels: Labels, count: int, seed: int, bootstraps: int
) -> float:
    """Mean adjusted Rand index between a fit and fits on bootstrap samples (Hennig 2007).

    Args:
        matrix: Scaled features, shape (customers, features).
        labels: Segments of the fit, shape (customers,).
        count: Number of segments.
        seed: Seed of the samples.
        bootstraps: Number of samples, each of as many customers as there are, at most 5,000. The
            index is taken over at most 5,000 customers.
    """
    judged = take_sample(len(matrix), BOOTSTRAP_SAMPLE, seed)
    scores = []
    for bootstrap in range(bootstraps):
        rng = np.random.default_rng([seed, bootstrap])
        rows = rng.integers(0, len(matrix), min(len(matrix), BOOTSTRAP_SAMPLE))
        distinct = len(np.unique(rows))
        centers = fit_centers(
            matrix[rows], min(count, distinct), seed + bootstrap, BOOTSTRAP_RESTARTS
        )
        scores.append(adjusted_rand_score(labels[judged], assign(matrix[judged], centers)[0]))
    return float(np.mean(scores))


def sweep(matrix: Matrix, seed: int, bootstraps: int) -> list[Candidate]:
    """Measure 2 to 10 segments.

    Args:
        matrix: Scaled features, shape (customers, features). Past 20,000 customers a sample of
            20,000 is looked at.
        seed: Seed of the fits and samples.
        bootstraps: Bootstrap samples for each number of segments.

    Returns:
        Candidates by rising number of segments; those above the number of different customers
        are left out.
    """
    matrix = matrix[take_sample(len(matrix), FIT_SAMPLE, seed)]
    distinct = len(np.unique(matrix, axis=0))
    sample = take_sample(len(matrix), SILHOUETTE_SAMPLE, seed)

    def measure(count: int) -> Candidate:
        labels, _, _ = assign(matrix, fit_centers(matrix, count, seed))
        silhouette = (
            float(silhouette_score(matrix[sample], labels[sample]))
            if len(np.unique(labels[sample])) > 1
            else 0.0
        )
        shares = np.bincount(labels, minlength=count) / len(matrix)
        stability = measure_stability(matrix, labels, count, seed, bootstraps)
        return Candidate(count, silhouette, stability, float(shares.min()))

    return in_parallel(measure, [count for count in SEGMENT_COUNTS if count < distinct])


def choose_segment_count(candidates: list[Candidate]) -> int:
    """Choose the number of segments.

    Sound candidates have a stability of at least 0.8 and no segment under 3 % of the customers. Of
    the sound ones whose score, silhouette times stability, reaches 95 % of the best one, the most
    segments win: with equal quality, finer segments say more. When none is sound, the most stable
    one without a tiny segment wins, else the most stable one. One when there are none.
    """
    sound = [item for item in candidates if item.is_sound]
    if sound:
        limit = SCORE_TOLERANCE * max(item.score for item in sound)
        return max(item.count for item in sound if item.score >= limit)
    large = [item for item in candidates if item.smallest_share >= MIN_SHARE] or candidates
    return max(large, key=lambda item: (item.stability, -item.count)).count if large else 1
