"""Series, the nodes they add up to and the total, made to agree."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.tree import Tree

__all__ = ["Claims", "learn_trust", "reconcile"]

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]

# Members are multiplied by no more than this, nor divided.
LARGEST_FACTOR = 3.0


@dataclass(frozen=True)
class Claims:
    """What is said of the nodes of a level, shapes (nodes, steps).

    Attributes:
        own: The nodes' own forecasts.
        members: What their members say, added up.
    """

    own: Matrix
    members: Matrix


def reconcile(
    tree: Tree, series: Matrix, own: Sequence[Matrix], trust: Vector
) -> tuple[Matrix, list[Claims]]:
    """Move series towards what the nodes above them say.

    Upwards, each node's own forecast is mixed with the sum of its members; downwards, members are
    scaled to add up to their node. For one level this is weighted least squares, with variances of
    members in proportion to their means (Wickramasuriya, Athanasopoulos and Hyndman 2019); for
    several, nearly, and nothing falls below 0.

    Args:
        tree: Levels of nodes.
        series: Means of the series, shape (series, steps), 0 or more.
        own: Own forecasts of the nodes, by level; NaN where there is none.
        trust: Weight of the nodes' own forecasts, by level, 0 to 1. 0 at all levels is bottom-up.

    Returns:
        Means of the series, whose sums are those of the nodes; and what was said at each level.
    """
    claims: list[Claims] = []
    mixed: list[Matrix] = []
    below = series
    for level in range(len(tree.levels)):
        members = tree.add_up(level, below)
        said = np.where(np.isnan(own[level]), members, own[level])
        claims.append(Claims(said, members))
        below = members + trust[level] * (said - members)
        mixed.append(below)
    final = mixed[-1]
    for level in range(len(tree.levels) - 1, -1, -1):
        members = claims[level].members
        ratio = np.where(members > 0, final / np.maximum(members, 1e-12), 1.0)
        factor = np.clip(ratio, 1 / LARGEST_FACTOR, LARGEST_FACTOR)[tree.parents[level]]
        final = factor * (mixed[level - 1] if level else series)
    return final, claims


def learn_trust(
    claims: Sequence[Sequence[Claims]],
    actual: Sequence[Sequence[Matrix]],
    weight: Sequence[Sequence[Vector]],
) -> Vector:
    """Weight of own forecasts beside the sum of the members, by level, 0 to 1.

    By least squares over past origins: 0 where own forecasts didn't pay.

    Args:
        claims: By origin and level.
        actual: What came, by origin and level, shape (nodes, steps); NaN where unknown.
        weight: Weight of a node's squared error, by origin and level, shape (nodes,).
    """
    trust = []
    for level in range(len(claims[0])):
        product = spread = 0.0
        for said, came, importance in zip(claims, actual, weight, strict=True):
            gap = said[level].own - said[level].members
            miss = came[level] - said[level].members
            known = ~np.isnan(miss)
            scaled = np.where(known, gap, 0.0) * importance[level][:, None]
            product += float((scaled * np.where(known, miss, 0.0)).sum())
            spread += float((scaled * gap).sum())
        trust.append(np.clip(product / spread, 0.0, 1.0) if spread > 0 else 0.0)
    return np.array(trust)
