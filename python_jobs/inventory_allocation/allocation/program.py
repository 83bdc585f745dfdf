"""A mixed-integer program built from blocks of columns and rows, kept as sparse arrays."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

__all__ = ["Block", "Program"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """Consecutive columns or rows of one kind.

    Attributes:
        name: What they are, as in the documentation.
        keys: One row per column or row: what it stands for.
        start: Position of the first.
        is_cut: Whether they are rows that the others imply once integers are whole: a solver may
            leave them out, at a weaker relaxation.
    """

    name: str
    keys: pd.DataFrame
    start: int
    is_cut: bool = False

    @property
    def positions(self) -> Ints:
        """Positions of the block's columns or rows in the program."""
        return np.arange(self.start, self.start + len(self.keys))


@dataclass
class Program:
    """Minimise cost' x subject to row_lower <= A x <= row_upper and 0 <= x <= upper."""

    columns: dict[str, Block] = field(default_factory=dict)
    rows: dict[str, Block] = field(default_factory=dict)
    _costs: list[Floats] = field(default_factory=list)
    _uppers: list[Floats] = field(default_factory=list)
    _integers: list[npt.NDArray[np.bool_]] = field(default_factory=list)
    _row_lowers: list[Floats] = field(default_factory=list)
    _row_uppers: list[Floats] = field(default_factory=list)
    _entries: list[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Floats]] = field(
        default_factory=list
    )
    _matrix: sparse.csc_matrix | None = None

    def add_columns(
        self,
        name: str,
        keys: pd.DataFrame,
        cost: Floats | float,
        upper: Floats | float = np.inf,
        is_integer: bool = False,
    ) -> Block:
        """Add a block of columns with cost per unit and upper bound; all are at least 0."""
        block = Block(name, keys.reset_index(drop=True), sum(len(c) for c in self._costs))
        self.columns[name] = block
        self._costs.append(np.broadcast_to(np.asarray(cost, dtype=float), len(keys)))
        self._uppers.append(np.broadcast_to(np.asarray(upper, dtype=float), len(keys)))
        self._integers.append(np.full(len(keys), is_integer))
        return block

    def add_rows(
        self,
        name: str,
        keys: pd.DataFrame,
        lower: Floats | float,
        upper: Floats | float,
        is_cut: bool = False,
    ) -> Block:
        """Add a block of rows with bounds."""
        start = sum(len(r) for r in self._row_lowers)
        block = Block(name, keys.reset_index(drop=True), start, is_cut)
        self.rows[name] = block
        self._row_lowers.append(np.broadcast_to(np.asarray(lower, dtype=float), len(keys)))
        self._row_uppers.append(np.broadcast_to(np.asarray(upper, dtype=float), len(keys)))
        return block

    def add_entries(self, rows: Ints, columns: Ints, values: Floats | float) -> None:
        """Add coefficients; those of the same row and column add up."""
        spread = np.broadcast_to(np.asarray(values, dtype=float), len(rows))
        self._entries.append((rows.astype(np.int32), columns.astype(np.int32), spread))

    @property
    def cost(self) -> Floats:
        """Cost of each column."""
        return np.concatenate(self._costs)

    def with_cost(self, cost: Floats) -> "Program":
        """The same program at other costs of its columns."""
        return replace(self, _costs=[cost])

    def with_free_rows(self, rows: Ints) -> "Program":
        """The same program, in which these rows ask for nothing."""
        lower, upper = (bound.copy() for bound in self.row_bounds)
        lower[rows], upper[rows] = -np.inf, np.inf
        return replace(self, _row_lowers=[lower], _row_uppers=[upper])

    @property
    def is_cut(self) -> npt.NDArray[np.bool_]:
        """Whether each row is a cut."""
        parts = [np.full(len(block.keys), block.is_cut) for block in self.rows.values()]
        return np.concatenate([np.zeros(0, dtype=bool), *parts])

    @property
    def upper(self) -> Floats:
        """Upper bound of each column."""
        return np.concatenate(self._uppers)

    @property
    def is_integer(self) -> npt.NDArray[np.bool_]:
        """Whether each column must be whole."""
        return np.concatenate(self._integers)

    @property
    def row_bounds(self) -> tuple[Floats, Floats]:
        """Lower and upper bound of each row."""
        return np.concatenate(self._row_lowers), np.concatenate(self._row_uppers)

    def matrix(self) -> sparse.csc_matrix:
        """The coefficients, shape (rows, columns)."""
        if self._matrix is None or self._entries:
            if self._matrix is not None:
                there = self._matrix.tocoo()
                self._entries.insert(0, (there.row, there.col, there.data))
            rows, columns, values = (
                np.concatenate(part) for part in zip(*self._entries, strict=True)
            )
            shape = (len(self.row_bounds[0]), len(self.cost))
            self._matrix = sparse.csc_matrix((values, (rows, columns)), shape=shape)
            self._entries = []
        return self._matrix
