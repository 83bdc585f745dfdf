"""Maximum likelihood that gives the same bytes for the same rows, in any order."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

__all__ = ["MAX_ROWS", "count_distinct", "maximize_likelihood", "thin", "weighted_sum"]

MAX_ROWS = 100_000

# On the mean over customers, per unit of a logarithm.
GRADIENT_TOLERANCE = 1e-5

Floats = npt.NDArray[np.float64]
Likelihood = Callable[[Floats], tuple[Floats, Floats]]


def count_distinct(*columns: Floats) -> tuple[list[Floats], Floats]:
    """Sort rows, first column first, and count equal ones once.

    Args:
        columns: Arrays of shape (rows,).

    Returns:
        The distinct rows, as columns, and how often each occurs.
    """
    order = np.lexsort(columns[::-1])
    ordered = [column[order] for column in columns]
    is_first = np.ones(len(order), dtype=bool)
    if len(order) > 1:
        is_first[1:] = np.any([column[1:] != column[:-1] for column in ordered], axis=0)
    starts = np.flatnonzero(is_first)
    weights = np.diff(np.append(starts, len(order))).astype("float64")
    return [column[starts] for column in ordered], weights


def thin(columns: Sequence[Floats], weights: Floats, rows: int = MAX_ROWS) -> list[Floats]:
    """Keep at most `rows` distinct rows by a systematic sample of the customers.

    Customers stand in the order of `count_distinct`; the sample takes one in the middle of each of
    `rows` equal stretches. No randomness, and a row that many customers share keeps its weight.

    Args:
        columns: Distinct, sorted rows, as columns.
        weights: Customers per row.
        rows: The limit.

    Returns:
        Columns as given, then the weights, which sum to as many customers as before.
    """
    if len(weights) <= rows:
        return [*columns, weights]
    reached = np.cumsum(weights)
    stretch = reached[-1] / rows
    picks = np.searchsorted(reached, (np.arange(rows) + 0.5) * stretch, side="right")
    taken = np.bincount(picks, minlength=len(weights)).astype("float64") * stretch
    kept = taken > 0
    return [*(column[kept] for column in columns), taken[kept]]


def weighted_sum(values: Floats, weights: Floats) -> float:
    """Sum of values times weights, by numpy: BLAS adds in an order that depends on its threads."""
    return float((values * weights).sum())


def maximize_likelihood(
    likelihood: Likelihood, weights: Floats, starts: Floats, bounds: Sequence[tuple[float, float]]
) -> tuple[Floats, bool]:
    """Find the parameters of highest likelihood by L-BFGS-B from several starts.

    Args:
        likelihood: Gives, for parameters of shape (parameters,), the log-likelihood of each row,
            shape (rows,), and its slope, shape (parameters, rows).
        weights: Customers per row.
        starts: Shape (starts, parameters).
        bounds: Lowest and highest value of each parameter.

    Returns:
        The best point (the first of equal ones) and whether the search ended where the slope is 0
        or points out of the bounds.
    """
    low, high = np.array(bounds).T
    shares = weights / weights.sum()

    def objective(point: Floats) -> tuple[float, Floats]:
        values, slopes = likelihood(point)
        return -weighted_sum(values, shares), -(slopes * shares).sum(axis=1)

    found = [
        minimize(
            objective,
            np.clip(start, low, high),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-8},
        )
        for start in starts
    ]
    point = np.asarray(min(found, key=lambda result: float(result.fun)).x, dtype="float64")
    # Not the optimiser's own flag, which also reports a last step lost to rounding as a failure.
    step = np.clip(point - objective(point)[1], low, high) - point
    return point, bool(np.all(np.abs(step) < GRADIENT_TOLERANCE))
