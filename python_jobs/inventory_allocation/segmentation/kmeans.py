"""K-means that gives the same bytes for the same rows."""

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

__all__ = ["choose_segment_count", "fit_kmeans", "sweep_segment_counts"]

SEGMENT_COUNTS = range(3, 9)
SAMPLE_SIZE = 5_000
BOOTSTRAPS = 10
MIN_SHARE = 0.03
MIN_STABILITY = 0.8

Matrix = npt.NDArray[np.float64]


def fit_kmeans(matrix: Matrix, segment_count: int, seed: int) -> KMeans:
    """Fit K-means on one thread: several threads add floats in any order."""
    with threadpool_limits(limits=1):
        return KMeans(segment_count, n_init=10, random_state=seed).fit(matrix)


def _bootstrap_stability(matrix: Matrix, model: KMeans, seed: int) -> float:
    """Mean adjusted Rand index between the fit and fits on bootstrap samples (Hennig 2007)."""
    rng = np.random.default_rng(seed)
    scores = []
    for _ in range(BOOTSTRAPS):
        rows = rng.integers(0, len(matrix), min(len(matrix), SAMPLE_SIZE))
        with threadpool_limits(limits=1):
            other = KMeans(model.n_clusters, n_init=3, random_state=seed).fit(matrix[rows])
            scores.append(adjusted_rand_score(model.labels_, other.predict(matrix)))
    return float(np.mean(scores))


def sweep_segment_counts(matrix: Matrix, seed: int) -> dict[int, dict[str, float]]:
    """Measure silhouette, stability and smallest share for each number of segments.

    Args:
        matrix: Scaled features, shape (customers, features).
        seed: Seed of the fits and samples.

    Returns:
        Measures by number of segments; empty when fewer than four customers differ.
    """
    distinct = len(np.unique(matrix, axis=0))
    rng = np.random.default_rng(seed)
    sample = np.sort(rng.permutation(len(matrix))[:SAMPLE_SIZE])
    measures: dict[int, dict[str, float]] = {}
    for segment_count in SEGMENT_COUNTS:
        if segment_count >= distinct:
            break
        model = fit_kmeans(matrix, segment_count, seed)
        labels = model.labels_[sample]
        if len(np.unique(labels)) < 2:
            break
        shares = np.bincount(model.labels_, minlength=segment_count) / len(matrix)
        with threadpool_limits(limits=1):
            silhouette = float(silhouette_score(matrix[sample], labels))
        measures[segment_count] = {
            "silhouette": silhouette,
            "stability": _bootstrap_stability(matrix, model, seed),
            "smallest_share": float(shares.min()),
        }
    return measures


def choose_segment_count(measures: dict[int, dict[str, float]]) -> int:
    """Choose the number of segments from a sweep.

    The best silhouette among those that are stable (adjusted Rand index of at least 0.8 under the
    bootstrap) and have no segment under 3 % of customers; when none is, the most stable one.
    One when the sweep is empty.
    """
    if not measures:
        return 1
    sound = {
        count: found
        for count, found in measures.items()
        if found["stability"] >= MIN_STABILITY and found["smallest_share"] >= MIN_SHARE
    }
    if sound:
        return max(sound, key=lambda count: (sound[count]["silhouette"], -count))
    return max(measures, key=lambda count: (measures[count]["stability"], -count))
