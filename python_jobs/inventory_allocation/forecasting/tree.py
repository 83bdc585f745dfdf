"""What series add up to: nodes above them, level by level, up to the total."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.errors import InputError

__all__ = ["SERIES", "TOTAL", "Tree", "build_tree"]

Matrix = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

# Names of the lowest level and the highest.
SERIES = "series"
TOTAL = "total"
# What is unknown of a series counts as its mean before, for sums; sums that this makes more of
# than the share below are unknown.
FILL_PERIODS = 8
LARGEST_FILLED_SHARE = 0.2


@dataclass(frozen=True)
class Tree:
    """Levels of nodes, the finest first, the total last.

    Attributes:
        levels: Names of the levels.
        labels: Names of the nodes of each level.
        parents: For each level the node that each member belongs to, where members are the series
            for the first level and the nodes of the level below for the others.
    """

    levels: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    parents: tuple[Index, ...]

    def add_up(self, level: int, values: Matrix) -> Matrix:
        """Sum members by node of a level, shape (members, columns) to (nodes, columns)."""
        sums = np.zeros((len(self.labels[level]), values.shape[1]))
        # One after the other, whatever the number of rows: the same bytes every time.
        np.add.at(sums, self.parents[level], values)
        return sums

    def sum_all(self, values: Matrix) -> Matrix:
        """Sum series by node, all levels one after the other, shape (nodes, columns)."""
        parts = []
        for level in range(len(self.levels)):
            values = self.add_up(level, values)
            parts.append(values)
        return np.concatenate(parts)

    def families(self) -> tuple[Index, ...]:
        """Node of each series, by level."""
        node = np.arange(len(self.parents[0]))
        found = []
        for parents in self.parents:
            node = parents[node]
            found.append(node)
        return tuple(found)

    def level_of_nodes(self) -> Index:
        """Number of the level of each node, all levels one after the other."""
        return np.repeat(np.arange(len(self.levels)), [len(labels) for labels in self.labels])

    def sum_units(self, units: Matrix) -> Matrix:
        """Demand of all nodes, all levels one after the other, shape (nodes, periods).

        Args:
            units: Of the series; NaN where unknown. A node is known where most of it is.
        """
        filled, is_filled = _fill(units)
        whole = self.sum_all(np.nan_to_num(filled))
        guessed = self.sum_all(np.where(is_filled, filled, 0.0))
        known = self.sum_all(~np.isnan(filled) * 1.0)
        is_known = (known > 0) & (guessed <= LARGEST_FILLED_SHARE * whole)
        return np.where(is_known, whole, np.nan)


def _fill(units: Matrix) -> tuple[Matrix, npt.NDArray[np.bool_]]:
    """Unknown periods after the first known one as the mean of those before."""
    filled = units.copy()
    begun = np.logical_or.accumulate(~np.isnan(units), axis=1)
    is_filled = begun & np.isnan(units)
    for period in np.flatnonzero(is_filled.any(axis=0)).tolist():
        before = filled[:, max(0, period - FILL_PERIODS) : period]
        known = ~np.isnan(before)
        mean = np.where(known, before, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        filled[:, period] = np.where(is_filled[:, period], mean, filled[:, period])
    return filled, is_filled


def build_tree(labels: pd.DataFrame, hierarchy: Sequence[str]) -> Tree:
    """Build the levels above series, and the total.

    Args:
        labels: One row per series, a column of text per level.
        hierarchy: These columns, the finest first.

    Raises:
        InputError: A node lies in more than one node of the level above.
    """
    names: list[tuple[str, ...]] = []
    parents: list[Index] = []
    below = pd.Series(np.arange(len(labels)), index=labels.index)
    for column in hierarchy:
        pairs = pd.DataFrame({"below": below, "node": labels[column]}).drop_duplicates()
        is_torn = pairs["below"].duplicated(keep=False)
        if is_torn.any():
            torn = names[-1][int(pairs.loc[is_torn, "below"].iloc[0])]
            raise InputError(
                f"panel: {hierarchy[len(names) - 1]} {torn!r} lies in more than one {column}"
            )
        nodes = pd.Index(sorted(pairs["node"].unique()))
        ordered = pairs.sort_values("below")
        parents.append(nodes.get_indexer(pd.Index(ordered["node"])))
        names.append(tuple(str(node) for node in nodes))
        below = pd.Series(nodes.get_indexer(pd.Index(labels[column])), index=labels.index)
    members = len(names[-1]) if names else len(labels)
    parents.append(np.zeros(members, dtype=np.int64))
    return Tree((*hierarchy, TOTAL), (*names, (TOTAL,)), tuple(parents))
