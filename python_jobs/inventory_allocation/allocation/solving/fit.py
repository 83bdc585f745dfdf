"""Shipments cut where a plan that time cut short breaks a limit."""

import numpy as np

from inventory_allocation.allocation.program import Floats, Program
from inventory_allocation.allocation.solving.settle import settle_single_columns
from inventory_allocation.allocation.solving.solution import OutOfTimeError

__all__ = ["fit_plan"]

BROKEN_TOLERANCE = 1e-7


def fit_plan(program: Program, values: Floats, lower_bound: float = 0.0) -> Floats:
    """Cut shipments in proportion until every upper limit holds; what is cut is unmet, and stays.

    Args:
        program: The program.
        values: Value of each column; what they break are upper limits of shipments.
        lower_bound: No plan costs less; for the error.

    Returns:
        Values that keep to every row.

    Raises:
        OutOfTimeError: A limit is broken by more than shipments.
    """
    ship, unmet, stock = (program.columns[name] for name in ("ship", "unmet", "stock"))
    matrix = program.matrix().tocsr()
    columns = slice(ship.start, ship.start + len(ship.keys))
    shipping = matrix[:, columns]
    units = values[columns]
    _, upper = program.row_bounds
    used = matrix @ values
    excess = used - upper
    broken = np.flatnonzero(excess > BROKEN_TOLERANCE * np.maximum(1.0, np.abs(upper)))
    broken = np.setdiff1d(broken, _soft_rows(program))
    share = np.ones(len(units))
    for row in broken:
        of_row = slice(shipping.indptr[row], shipping.indptr[row + 1])
        cut, size = shipping.indices[of_row], shipping.data[of_row]
        shipped = float(size @ units[cut])
        if shipped < excess[row] or (size < 0).any():
            raise OutOfTimeError("time ran out before there was a plan", lower_bound)
        share[cut] = np.minimum(share[cut], 1.0 - excess[row] / shipped)
    mended = values.copy()
    mended[columns] = units * share
    lost = units - mended[columns]
    np.add.at(mended, unmet.start + ship.keys["demand_row"].to_numpy(), lost)
    balance = program.rows["stock_balance"].positions
    left = np.abs(shipping[balance] @ lost)
    # What may expire is written off: kept, it could be too old later on.
    expired = program.columns["expired"].positions
    of_expired = matrix[balance][:, expired].tocsc().indices
    mended[expired] += left[of_expired]
    left[of_expired] = 0.0
    same_stock = [name for name in ("scenario", "fc", "sku") if name in stock.keys]
    kept = stock.keys[same_stock].assign(units=left)
    mended[stock.positions] += kept.groupby(same_stock)["units"].cumsum().to_numpy()
    return settle_single_columns(program, mended)


def _soft_rows(program: Program) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Rows with a column of their own that takes any excess at a price."""
    matrix = program.matrix().tocsc()
    single = np.flatnonzero((np.diff(matrix.indptr) == 1) & np.isinf(program.upper))
    entry = matrix.indptr[single]
    return np.unique(matrix.indices[entry][matrix.data[entry] < 0]).astype(np.int64)
