"""Croston's method and its successors, for all series at once."""

import numpy as np
import numpy.typing as npt

__all__ = ["croston", "teunter_syntetos_babai"]

Matrix = npt.NDArray[np.float64]

SMOOTHING = (0.05, 0.1, 0.2)
# Stands for unknown units; known ones are 0 or more.
UNKNOWN = -1.0


def croston(units: Matrix, unbiased: bool) -> Matrix:
    """Mean demand a period: smoothed size of a sale over smoothed gap between sales.

    Args:
        units: Shape (series, periods); NaN where unknown.
        unbiased: Multiply by 1 - alpha / 2, as Syntetos and Boylan (2005), instead of Croston
            (1972) as he wrote it.

    Returns:
        Shape (series,); averaged over three smoothing parameters; 0 where nothing was ever sold.
    """
    alpha = np.array(SMOOTHING)[:, None]
    size, gap = np.zeros((2, len(SMOOTHING), len(units)))
    waited, has_sold = np.ones(len(units)), np.zeros(len(units), dtype=bool)
    for column in np.nan_to_num(units, nan=UNKNOWN).T.copy():
        is_sale = column > 0
        # The first sale sets size and gap.
        gain = np.where(has_sold, alpha, 1.0) * is_sale
        size += gain * (column - size)
        gap += gain * (waited - gap)
        waited = np.where(is_sale, 1.0, waited + (column >= 0))
        has_sold |= is_sale
    rate = size / np.where(has_sold, gap, 1.0) * (1 - alpha / 2 if unbiased else 1.0)
    mean: Matrix = rate.mean(axis=0)
    return mean


def teunter_syntetos_babai(units: Matrix) -> Matrix:
    """Mean demand a period: smoothed size of a sale times smoothed chance of one.

    The chance falls in periods without a sale, so that a dying series fades (Teunter, Syntetos
    and Babai 2011).

    Args:
        units: Shape (series, periods); NaN where unknown.

    Returns:
        Shape (series,); averaged over three smoothing parameters; 0 where nothing was ever sold.
    """
    alpha = np.array(SMOOTHING)[:, None]
    size, chance = np.zeros((2, len(SMOOTHING), len(units)))
    has_sold, is_seen = np.zeros((2, len(units)), dtype=bool)
    for column in np.nan_to_num(units, nan=UNKNOWN).T.copy():
        is_sale, is_known = column > 0, column >= 0
        size += np.where(has_sold, alpha, 1.0) * is_sale * (column - size)
        chance += np.where(is_seen, alpha, 1.0) * is_known * (is_sale - chance)
        has_sold |= is_sale
        is_seen |= is_known
    mean: Matrix = (size * chance).mean(axis=0)
    return mean
