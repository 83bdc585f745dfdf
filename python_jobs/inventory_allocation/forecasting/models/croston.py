"""Methods for demand that comes now and then."""

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.history import History
from inventory_allocation.forecasting.intermittent import croston, teunter_syntetos_babai

__all__ = ["forecast_croston", "forecast_sba", "forecast_tsb"]

Matrix = npt.NDArray[np.float64]


def _flat(history: History, mean: npt.NDArray[np.float64]) -> Matrix:
    return np.repeat(mean[:, None], history.steps, axis=1)


def forecast_croston(history: History) -> Matrix:
    """Forecast as Croston (1972)."""
    return _flat(history, croston(history.units, unbiased=False))


def forecast_sba(history: History) -> Matrix:
    """Forecast as Syntetos and Boylan (2005): Croston's method without its bias."""
    return _flat(history, croston(history.units, unbiased=True))


def forecast_tsb(history: History) -> Matrix:
    """Forecast as Teunter, Syntetos and Babai (2011): dying series fade."""
    return _flat(history, teunter_syntetos_babai(history.units))
