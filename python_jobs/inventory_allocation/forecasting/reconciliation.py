"""How far a parent's own forecast counts beside the sum of its children's."""

import numpy as np
import numpy.typing as npt

__all__ = ["measure_trust", "move_to_total"]

Matrix = npt.NDArray[np.float64]

# Children are multiplied by no more than this, nor divided.
LARGEST_FACTOR = 3.0


def measure_trust(own: Matrix, children: Matrix, actual: Matrix) -> float:
    """Weight of the parent's own forecast, 0 to 1, by least squares over past origins.

    0 is bottom-up: the parent's forecast didn't pay. With one parent and errors of children in
    proportion to their means this is minimum trace reconciliation (Wickramasuriya, Athanasopoulos
    and Hyndman 2019).

    Args:
        own: The parent's own forecasts, shape (origins, steps).
        children: Sums of its children's forecasts.
        actual: Sums that came.
    """
    gap, miss = own - children, actual - children
    spread = float((gap**2).sum())
    return float(np.clip((gap * miss).sum() / spread, 0.0, 1.0)) if spread > 0 else 0.0


def move_to_total(mean: Matrix, total: npt.NDArray[np.float64], trust: float) -> Matrix:
    """Scale all series so that their sum moves towards the total's own forecast.

    Args:
        mean: Shape (series, steps).
        total: Shape (steps,).
        trust: 0 leaves the series, 1 makes them add up to the total.
    """
    summed = mean.sum(axis=0)
    ratio = np.where(summed > 0, total / np.maximum(summed, 1e-12), 1.0)
    factor = np.clip(ratio, 1 / LARGEST_FACTOR, LARGEST_FACTOR)
    return mean * (1 + trust * (factor - 1))
