"""What errors of a series are measured against."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Scale", "measure_scale"]

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """Size and difficulty of series as known at an origin, each of shape (series,).

    Attributes:
        training_units: Units known.
        naive_error: Mean absolute error of the seasonal naive, the scale of MASE (Hyndman and
            Koehler 2006).
        naive_squared_error: Its mean squared error, the scale of RMSSE.
    """

    training_units: Vector
    naive_error: Vector
    naive_squared_error: Vector


def _changes(units: Matrix, lag: int) -> Matrix:
    change = np.full(units.shape, np.nan)
    change[:, lag:] = units[:, lag:] - units[:, :-lag]
    return change


def _mean(values: Matrix) -> Vector:
    known = ~np.isnan(values)
    mean: Vector = np.where(known, values, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return mean


def measure_scale(units: Matrix, season_length: int) -> Scale:
    """Measure series.

    The naive is that of the last period for a series that doesn't know a season, and 0 for one of
    a single period.

    Args:
        units: Shape (series, periods); NaN where unknown.
        season_length: Periods in a season.
    """
    lag = season_length if units.shape[1] > season_length + 4 else 1
    change = _changes(units, lag)
    for fallback in (_changes(units, 1), units):
        change = np.where(np.isnan(change).all(axis=1, keepdims=True), fallback, change)
    return Scale(np.nansum(units, axis=1), _mean(np.abs(change)), _mean(change**2))
