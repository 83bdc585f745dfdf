"""Ids and names that stay: a segment of a new fit is matched to one of the last fit."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from inventory_allocation.segmentation.kmeans import Labels

__all__ = ["match_segments"]

MIN_OVERLAP = 0.5


def match_segments(new: Labels, old: Labels) -> dict[int, int]:
    """Match segments by the customers they share.

    Pairs are chosen so that the sum of their Jaccard indices is largest. A pair that shares half
    of its customers or less is no match: then the old segment has dissolved (Hennig 2007,
    Cluster-wise assessment of cluster stability).

    Args:
        new: Segment of each customer in one fit, shape (customers,).
        old: Segment of the same customers in the other, in the same order.

    Returns:
        Old segment by new segment, for those that match.
    """
    news, new_positions = np.unique(new, return_inverse=True)
    olds, old_positions = np.unique(old, return_inverse=True)
    shared = np.zeros((len(news), len(olds)))
    np.add.at(shared, (new_positions, old_positions), 1.0)
    union = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
    overlap = shared / np.maximum(union, 1.0)
    rows, columns = linear_sum_assignment(-overlap)
    return {
        int(news[row]): int(olds[column])
        for row, column in zip(rows, columns, strict=True)
        if overlap[row, column] > MIN_OVERLAP
    }
