"""Programs in HiGHS: what its Python interface leaves to do."""

from typing import Any

import highspy
import numpy as np
from scipy import sparse

from inventory_allocation.allocation.program import Floats
from inventory_allocation.errors import InventoryAllocationError

__all__ = [
    "DUAL_SIMPLEX",
    "PRIMAL_SIMPLEX",
    "find_optimum",
    "name_solver",
    "new_highs",
    "pass_model",
]

DUAL_SIMPLEX = int(highspy.simplex_constants.kSimplexStrategyDual)
PRIMAL_SIMPLEX = int(highspy.simplex_constants.kSimplexStrategyPrimal)


def new_highs(**options: bool | int | float | str) -> Any:
    """A silent solver that uses one thread, so that a solve can be repeated."""
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in {"output_flag": False, "threads": 1, **options}.items():
        highs.setOptionValue(name, value)
    return highs


def find_optimum(highs: Any, what: str) -> None:
    """Solve a linear program, from the last basis or, where that leads nowhere, from none.

    Raises:
        InventoryAllocationError: It has no optimum.
    """
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        highs.clearSolver()
        highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        word = highs.modelStatusToString(highs.getModelStatus())
        raise InventoryAllocationError(f"the solver found no {what} ({word})")


def name_solver(highs: Any) -> str:
    """Name and version."""
    return f"HiGHS {highs.version()}"


def pass_model(
    highs: Any,
    cost: Floats,
    upper: Floats,
    matrix: sparse.csc_matrix,
    row_lower: Floats,
    row_upper: Floats,
) -> None:
    """Give HiGHS a linear program: min cost' x, row_lower <= A x <= row_upper, 0 <= x <= upper."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(cost), len(row_lower)
    lp.col_cost_ = cost
    lp.col_lower_ = np.zeros(len(cost))
    lp.col_upper_ = np.minimum(upper, highspy.kHighsInf)
    lp.row_lower_ = np.maximum(row_lower, -highspy.kHighsInf)
    lp.row_upper_ = np.minimum(row_upper, highspy.kHighsInf)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = matrix.indptr
    lp.a_matrix_.index_ = matrix.indices
    lp.a_matrix_.value_ = matrix.data
    highs.passModel(lp)
