"""K-means that gives the same bytes for the same rows, at any size."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans

from inventory_allocation.one_thread import one_thread

__all__ = ["Labels", "Matrix", "assign", "fit_centers", "in_parallel", "take_sample"]

FIT_SAMPLE = 20_000
RESTARTS = 10

Matrix = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Item = TypeVar("Item")
Result = TypeVar("Result")


def take_sample(rows: int, size: int, seed: int) -> npt.NDArray[np.int64]:
    """Positions of a random sample without replacement, sorted; all when there are few."""
    if rows <= size:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, size, replace=False))


def in_parallel(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Apply a function to items, one core each.

    Each call runs on one thread: several threads in one K-means add floats in any order.
    """

    def alone(item: Item) -> Result:
        with one_thread():
            return function(item)

    with one_thread(), ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(alone, items))


def fit_centers(matrix: Matrix, count: int, seed: int, restarts: int = RESTARTS) -> Matrix:
    """Fit K-means.

    Args:
        matrix: Scaled features, shape (customers, features).
        count: Number of centres, at most the number of different rows.
        seed: Seed.
        restarts: Number of starts by k-means++, the best of which counts.

    Returns:
        Centres, shape (count, features). Past 20,000 customers the starts run on a sample of
        20,000, and the best one is finished on everybody.
    """
    sample = matrix[take_sample(len(matrix), FIT_SAMPLE, seed)]
    model = KMeans(count, n_init=restarts, random_state=seed).fit(sample)
    if len(sample) < len(matrix):
        model = KMeans(count, init=model.cluster_centers_, n_init=1).fit(matrix)
    centers: Matrix = model.cluster_centers_
    return centers


def assign(matrix: Matrix, centers: Matrix) -> tuple[Labels, Matrix, Matrix]:
    """Find the nearest centre of each customer.

    Returns:
        Position of the nearest centre, distance to it, and distance to the second nearest one
        (infinite when there is only one); each of shape (customers,).
    """
    labels = np.zeros(len(matrix), dtype=np.int64)
    own = np.full(len(matrix), np.inf)
    other = np.full(len(matrix), np.inf)
    for number, center in enumerate(centers):
        distance = np.sqrt(((matrix - center) ** 2).sum(axis=1))
        is_nearest = distance < own
        other = np.where(is_nearest, own, np.minimum(other, distance))
        own = np.where(is_nearest, distance, own)
        labels[is_nearest] = number
    return labels, own, other
