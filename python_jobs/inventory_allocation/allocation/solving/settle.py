"""Shortfalls and the like at what the other columns leave of their rows."""

import numpy as np

from inventory_allocation.allocation.program import Floats, Program

__all__ = ["settle_single_columns"]


def settle_single_columns(program: Program, values: Floats) -> Floats:
    """Set columns that are in one row only to the least that keeps the row, the cheapest first.

    A mix of two plans with a shortfall each may fall short by less than the mix of shortfalls.

    Args:
        program: The program.
        values: Value of each column; they keep to every row.

    Returns:
        Values that keep to every row and cost no more.
    """
    values = _settle_together(program, values)
    matrix = program.matrix().tocsc()
    is_single = (np.diff(matrix.indptr) == 1) & ~program.is_integer & (program.cost >= 0)
    single = np.flatnonzero(is_single)
    row, size = matrix.indices[matrix.indptr[single]], matrix.data[matrix.indptr[single]]
    used = matrix @ np.where(is_single, 0.0, values)
    lower, upper = program.row_bounds
    need = np.where(size > 0, lower[row] - used[row], used[row] - upper[row]).clip(min=0.0)
    step = np.abs(size)
    order = np.lexsort((single, program.cost[single] / step, size > 0, row))
    single, row, need, step = single[order], row[order], need[order], step[order]
    is_up = size[order] > 0
    room = np.minimum(program.upper[single] * step, need)
    # Columns of a row and direction share its need: what the cheaper ones take is gone.
    is_first = np.ones(len(row), dtype=bool)
    is_first[1:] = (row[1:] != row[:-1]) | (is_up[1:] != is_up[:-1])
    taken = np.cumsum(room) - room
    taken -= np.maximum.accumulate(np.where(is_first, taken, 0.0))
    settled = values.copy()
    settled[single] = np.minimum(room, (need - taken).clip(min=0.0)) / step
    return settled


def _settle_together(program: Program, values: Floats) -> Floats:
    """Set orders shipped whole to the most that both rows of each, one after the other, allow."""
    together = program.columns["together"]
    if not len(together.keys):
        return values
    settled = values.copy()
    settled[together.positions] = 0.0
    left = -(program.matrix().tocsr()[program.rows["together"].positions] @ settled)
    settled[together.positions] = left.reshape(-1, 2).min(axis=1).clip(min=0.0)
    return settled
