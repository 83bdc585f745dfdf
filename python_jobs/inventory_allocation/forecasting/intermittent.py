"""Croston's method and its successors, for all series at once."""

import numpy as np
import numpy.typing as npt

__all__ = ["croston", "teunter_syntetos_babai"]

Matrix = npt.NDArray[np.float64]

SMOOTHING = (0.05, 0.1, 0.2)


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
    size = np.full((len(SMOOTHING), len(units)), np.nan)
    gap = np.full_like(size, np.nan)
    waited = np.ones(len(units))
    for column in units.T:
        is_sale = column > 0
        size_now = np.where(np.isnan(size), column, size + alpha * (column - size))
        gap_now = np.where(np.isnan(gap), waited, gap + alpha * (waited - gap))
        size = np.where(is_sale, size_now, size)
        gap = np.where(is_sale, gap_now, gap)
        waited = np.where(is_sale, 1.0, waited + ~np.isnan(column))
    rate = size / gap * (1 - alpha / 2 if unbiased else 1.0)
    mean: Matrix = np.nan_to_num(rate).mean(axis=0)
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
    size = np.full((len(SMOOTHING), len(units)), np.nan)
    chance = np.full_like(size, np.nan)
    for column in units.T:
        is_sale, is_known = column > 0, ~np.isnan(column)
        size_now = np.where(np.isnan(size), column, size + alpha * (column - size))
        chance_now = np.where(np.isnan(chance), is_sale, chance + alpha * (is_sale - chance))
        size = np.where(is_sale, size_now, size)
        chance = np.where(is_known, chance_now, chance)
    mean: Matrix = np.nan_to_num(size * chance).mean(axis=0)
    return mean
