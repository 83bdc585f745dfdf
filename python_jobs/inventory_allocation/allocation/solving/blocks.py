"""Which rows of a program join SKUs, and what falls apart into groups of SKUs without them."""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from inventory_allocation.allocation.program import Floats, Ints, Program

__all__ = ["Split", "count_linking_rows", "gather", "sku_of_columns", "sku_of_rows", "split_by_sku"]

# SKUs of a group are solved together up to about so many columns: eight of 500 take the least time.
PART_COLUMNS = 4_000


@dataclass(frozen=True)
class Split:
    """A program in groups of SKUs that only the linking rows join.

    A group falls into parts, which nothing joins: they are solved one by one.

    A row such as `volume - capacity * truck <= 0`, whose column may be as large as it likes and is
    in no other row, always costs cost / capacity for each unit of it: such a row needs no search
    for its price, and is priced.

    Attributes:
        linking: Positions of rows that hold columns of several SKUs, or of none.
        row_lower: Lower bounds of the linking rows.
        row_upper: Upper bounds of the linking rows.
        shared: Positions of columns of no SKU (shortfalls of a region).
        priced: Positions of rows with a price known beforehand.
        fillers: Position of the one column of no SKU in each priced row.
        prices: Price of each priced row.
        cost: Cost of each column of the program and of its use of priced rows.
        groups: How many groups there are.
        group_of_part: By part, the group it is of; parts of a group follow one another.
        part_columns: By part, positions of its columns.
        part_rows: By part, positions of its rows.
    """

    linking: Ints
    row_lower: Floats
    row_upper: Floats
    shared: Ints
    priced: Ints
    fillers: Ints
    prices: Floats
    cost: Floats
    groups: int
    group_of_part: Ints
    part_columns: list[Ints]
    part_rows: list[Ints]


def sku_of_columns(program: Program) -> Ints:
    """SKU of each column, -1 for those of none. SKUs that rows pair with a partner count as one."""
    sku = np.full(len(program.cost), -1, dtype=np.int64)
    for block in program.columns.values():
        if "sku" in block.keys:
            sku[block.positions] = block.keys["sku"]
    pairs = [
        block.keys[["sku", "partner"]].to_numpy(dtype=np.int64)
        for block in program.rows.values()
        if "partner" in block.keys
    ]
    ends = np.concatenate([np.zeros((0, 2), dtype=np.int64), *pairs]).T
    skus = int(sku.max(initial=-1)) + 1
    joined = sparse.coo_matrix((np.ones(ends.shape[1]), tuple(ends)), shape=(skus, skus))
    _, family = csgraph.connected_components(joined, directed=False)
    return np.where(sku < 0, -1, family[sku])


def gather(group: Ints, groups: int) -> list[Ints]:
    """Positions of the members of each group; -1 is in none."""
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(groups + 1))
    return [order[start:end] for start, end in itertools.pairwise(ends)]


def sku_of_rows(matrix: sparse.csr_matrix, sku: Ints) -> Ints:
    """SKU of each row, -1 for those that hold columns of several SKUs or of none."""
    filled = np.flatnonzero(np.diff(matrix.indptr) > 0)
    of_entry = sku[matrix.indices]
    lowest = np.full(matrix.shape[0], -1, dtype=np.int64)
    highest = lowest.copy()
    if len(filled):
        starts = matrix.indptr[filled]
        lowest[filled] = np.minimum.reduceat(of_entry, starts)
        highest[filled] = np.maximum.reduceat(of_entry, starts)
    return np.where(lowest == highest, lowest, -1)


def _find_priced(program: Program, linking: Ints, shared: Ints) -> tuple[Ints, Ints, Floats]:
    """Rows with a price known beforehand, the column that fills each, and the prices."""
    lower, upper = program.row_bounds
    own = program.matrix()[:, shared].tocsr()[linking].tocsc()
    own.eliminate_zeros()
    entries = np.diff(own.indptr)
    alone = np.flatnonzero((entries == 1) & np.isinf(program.upper[shared]))
    row, value = own.indices[own.indptr[alone]], own.data[own.indptr[alone]]
    in_row = np.diff(own.tocsr().indptr)[row]
    rows = linking[row]
    fits = (in_row == 1) & (value < 0) & (upper[rows] == 0) & np.isinf(lower[rows])
    fits &= program.cost[shared[alone]] >= 0
    # Others may only take from the row: what one of them gave back would need no column.
    others = program.matrix().tocsr()[linking]
    is_only_taken = np.asarray((others < 0).sum(axis=1)).ravel() == 1
    fits &= is_only_taken[row]
    prices = program.cost[shared[alone]] / value
    return rows[fits], shared[alone][fits], prices[fits]


def _asks(program: Program) -> npt.NDArray[np.bool_]:
    """Which rows have a bound."""
    lower, upper = program.row_bounds
    asks: npt.NDArray[np.bool_] = np.isfinite(lower) | np.isfinite(upper)
    return asks


def count_linking_rows(program: Program) -> int:
    """Rows, cuts left out, that hold columns of several SKUs, or of none."""
    is_linking = sku_of_rows(program.matrix().tocsr(), sku_of_columns(program)) < 0
    return int((is_linking & _asks(program) & ~program.is_cut).sum())


def _share_of_rows(
    program: Program, linking: Ints, taken: npt.NDArray[np.bool_], every: npt.NDArray[np.bool_]
) -> Floats:
    """The part of each linking row that some of the columns can fill, 0 to 1."""
    size = abs(program.matrix().tocsr()[linking])
    reach = np.where(np.isfinite(program.upper), program.upper, 0.0)
    whole, part = size @ (reach * every), size @ (reach * taken)
    overall = float(taken.sum()) / max(float(every.sum()), 1.0)
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), overall)


def _form_parts(sku: Ints, groups: int, every: int) -> tuple[Ints, Ints]:
    """Put SKUs into groups, and those of a group into parts of a size.

    Args:
        sku: SKU of each column of the SKUs that are taken.
        groups: How many groups there are.
        every: Only every n-th SKU is taken.

    Returns:
        The part of each SKU taken, and the group of each part.
    """
    columns = np.bincount(sku // every)
    # SKUs in turn, so that groups are of a size whatever the order of SKUs stands for.
    group = np.arange(len(columns)) % groups
    order = np.argsort(group, kind="stable")
    before = np.cumsum(columns[order]) - columns[order]
    first = np.searchsorted(group[order], np.arange(groups))
    number = (before - before[first][group[order]]) // PART_COLUMNS
    is_new = (np.diff(group[order], prepend=-1) != 0) | (np.diff(number, prepend=-1) != 0)
    part_of_sku = np.empty(len(columns), dtype=np.int64)
    part_of_sku[order] = np.cumsum(is_new) - 1
    return part_of_sku, group[order][is_new]


def split_by_sku(program: Program, groups: int, every: int = 1) -> Split:
    """Split a program by SKU, as its coefficients have it: nothing is known of its constraints.

    Args:
        program: The program.
        groups: Groups wanted; no more are made than there are SKUs.
        every: Take only every n-th SKU, and of each linking row the part that these can fill.
    """
    sku = sku_of_columns(program)
    sku_of_row = sku_of_rows(program.matrix().tocsr(), sku)
    linking, shared = np.flatnonzero((sku_of_row < 0) & _asks(program)), np.flatnonzero(sku < 0)
    priced, fillers, prices = _find_priced(program, linking, shared)
    linking = np.setdiff1d(linking, priced)
    groups = max(min(groups, int(sku.max()) // every + 1), 1)
    is_taken = (sku >= 0) & (sku % every == 0)
    part_of_sku, group_of_part = _form_parts(sku[is_taken], groups, every)

    def part_of(skus: Ints) -> Ints:
        return np.where((skus < 0) | (skus % every > 0), -1, part_of_sku[skus // every])

    share = _share_of_rows(program, linking, is_taken, sku >= 0)
    row_lower, row_upper = (
        np.where(np.isinf(bound[linking]), bound[linking], np.nan_to_num(bound[linking]) * share)
        for bound in program.row_bounds
    )
    return Split(
        linking=linking,
        row_lower=row_lower,
        row_upper=row_upper,
        shared=np.setdiff1d(shared, fillers),
        priced=priced,
        fillers=fillers,
        prices=prices,
        cost=program.cost - program.matrix().tocsr()[priced].T @ prices,
        groups=groups,
        group_of_part=group_of_part,
        part_columns=gather(part_of(sku), len(group_of_part)),
        part_rows=gather(part_of(sku_of_row), len(group_of_part)),
    )
