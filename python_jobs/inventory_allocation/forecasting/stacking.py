"""Weights of models by non-negative least squares, shrunk towards where they start."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Record", "add_records", "measure_record", "solve_weights"]

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]

# Weights add up to no more, whatever the record says: one sale in a million isn't the rule.
LARGEST_SUM = 2.0


@dataclass(frozen=True)
class Record:
    """What least squares need to know of forecasts and actuals, by cell.

    Attributes:
        products: Sums of products of the models' forecasts, shape (cells, models, models).
        matches: Sums of products of forecasts and actuals, shape (cells, models).
        errors: Sums of squared errors, shape (cells, models).
    """

    products: Matrix
    matches: Matrix
    errors: Matrix


def measure_record(
    forecasts: Matrix, actual: Matrix, weight: Vector, cell: npt.NDArray[np.int64], cells: int
) -> Record:
    """Sum up one origin.

    Args:
        forecasts: Shape (models, series, steps).
        actual: Shape (series, steps); NaN where unknown.
        weight: Weight of a squared error by series, shape (series,).
        cell: Cell of each series and step, shape (series, steps).
        cells: How many cells there are.
    """
    models = len(forecasts)
    products = np.zeros((cells, models, models))
    matches, errors = np.zeros((cells, models)), np.zeros((cells, models))
    known = ~np.isnan(actual)
    weights = np.broadcast_to(weight[:, None], actual.shape)
    for number in range(cells):
        chosen = known & (cell == number)
        picked, truth, root = forecasts[:, chosen], actual[chosen], np.sqrt(weights[chosen])
        picked, truth = picked * root, truth * root
        products[number] = np.einsum("ai,bi->ab", picked, picked)
        matches[number] = np.einsum("ai,i->a", picked, truth)
        errors[number] = ((picked - truth) ** 2).sum(axis=1)
    return Record(products, matches, errors)


def add_records(records: Sequence[Record]) -> Record:
    """Sum of the records of several origins."""
    return Record(
        np.sum([record.products for record in records], axis=0),
        np.sum([record.matches for record in records], axis=0),
        np.sum([record.errors for record in records], axis=0),
    )


def _solve(
    products: Matrix, matches: Matrix, errors: Matrix, start: Vector | None, shrinkage: float
) -> Vector:
    from scipy.optimize import nnls

    if start is None:
        start = 1 / np.maximum(errors, 1e-12 * max(errors.max(), 1e-300)) ** 2
    start = start / start.sum()
    scale = np.trace(products) / len(products)
    penalty = shrinkage * scale
    root = np.linalg.cholesky(products + (penalty + 1e-9 * scale) * np.eye(len(products)))
    weights: Vector = nnls(root.T, np.linalg.solve(root, matches + penalty * start))[0]
    weights *= min(1.0, LARGEST_SUM / max(float(weights.sum()), 1e-12))
    return weights


def solve_weights(record: Record, shrinkage: float, start: Vector | None = None) -> Matrix:
    """Weights of the models in each cell, 0 or more, shape (cells, models).

    They minimise the weighted squared error plus a penalty on their distance from where they start
    (stacking: Wolpert 1992, Breiman 1996). They needn't add up to one, which corrects bias, but
    to 2 at most. A cell without a record gets the weights of all cells together; with no record at
    all, those they start from.

    Args:
        record: Sums over past origins.
        shrinkage: How strongly weights are held to their start, in units of the mean square of a
            forecast.
        start: Where weights start, in proportion; if None, in proportion to one over the squared
            mean squared error of each model alone.
    """
    cells, models = record.matches.shape
    if not record.products.any():
        first = np.ones(models) if start is None else start
        return np.tile(first / first.sum(), (cells, 1))
    together = _solve(
        record.products.sum(axis=0),
        record.matches.sum(axis=0),
        record.errors.sum(axis=0),
        start,
        shrinkage,
    )
    weights = np.tile(together, (cells, 1))
    for number in range(cells):
        if record.products[number].any():
            weights[number] = _solve(
                record.products[number],
                record.matches[number],
                record.errors[number],
                start,
                shrinkage,
            )
    return weights
