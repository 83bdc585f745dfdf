"""ARIMA of all series at once, averaged over its orders."""

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.history import History
from inventory_allocation.forecasting.smoothing import akaike_weights, in_blocks

__all__ = ["forecast_arima"]

Matrix = npt.NDArray[np.float64]

# Lags and differences. Long enough autoregressions do for moving averages, too.
ORDERS = ((1, 0), (2, 0), (3, 0), (1, 1), (2, 1), (4, 1))
MIN_PERIODS = 16
# In units of the mean square of the regressors: a constant series has no equation of its own.
RIDGE = 1e-6
# Unknown periods at the end count as the last known one, over this many.
FILLED = 8


def _fit_and_forecast(
    units: Matrix, steps: int, lags: int, differences: int
) -> tuple[Matrix, npt.NDArray[np.float64], int]:
    """Means ahead, mean squared errors and the number of parameters of an order."""
    values = np.diff(units, n=differences, axis=1)
    periods = values.shape[1]
    past = [values[:, lags - lag : periods - lag] for lag in range(1, lags + 1)]
    if not differences:
        # A level; with differences it would be a drift.
        past.append(np.ones_like(past[0]))
    known = np.logical_and.reduce([~np.isnan(part) for part in (values[:, lags:], *past)])
    regressors = np.stack([np.where(known, part, 0.0) for part in past], axis=2)
    targets = np.where(known, values[:, lags:], 0.0)
    turned = regressors.transpose(0, 2, 1)
    products = turned @ regressors
    scale = np.trace(products, axis1=1, axis2=2) / len(past)
    penalty = (RIDGE * scale + 1e-12)[:, None, None] * np.eye(len(past))
    weights = np.linalg.solve(products + penalty, turned @ targets[:, :, None])
    errors = (targets - (regressors @ weights)[:, :, 0]) * known
    latest = [np.nan_to_num(values[:, -lag]) for lag in range(1, lags + 1)]
    level, ahead = np.nan_to_num(units[:, -1]), []
    for _ in range(steps):
        found = np.zeros(len(units)) if differences else weights[:, lags, 0]
        for number, value in enumerate(latest):
            found = found + weights[:, number, 0] * value
        latest = [found, *latest[:-1]]
        level = level + found if differences else found
        ahead.append(level)
    count = np.maximum(known.sum(axis=1), 1)
    return np.stack(ahead, axis=1), (errors**2).sum(axis=1) / count, len(past)


def _forecast_block(units: Matrix, steps: int) -> Matrix:
    fits = [_fit_and_forecast(units, steps, *order) for order in ORDERS]
    squares = np.stack([fit[1] for fit in fits])
    # Orders lose more or fewer periods to their lags: their mean squared errors are compared.
    count = np.maximum((~np.isnan(units)).sum(axis=1) - max(max(ORDERS)), 1).astype(np.float64)
    parameters = np.array([[float(fit[2])] for fit in fits])
    weights = akaike_weights(squares * count, count[None], parameters)
    # A root outside the unit circle runs away.
    largest = 2 * np.nan_to_num(units).max(axis=1, initial=0.0)[:, None]
    ahead = np.stack([np.clip(fit[0], 0.0, largest) for fit in fits])
    together: Matrix = (weights[:, :, None] * ahead).sum(axis=0)
    return together


def _fill_end(units: Matrix) -> Matrix:
    filled = units.copy()
    for period in range(max(1, units.shape[1] - FILLED), units.shape[1]):
        gap = np.isnan(filled[:, period])
        filled[gap, period] = filled[gap, period - 1]
    return filled


def forecast_arima(history: History) -> Matrix:
    """Forecast by ARIMA(p, d, 0), fitted by least squares after the season is taken out.

    Six orders are fitted and averaged with Akaike weights (Burnham and Anderson 2002) instead of
    choosing one (Hyndman and Khandakar 2008). Unknown periods leave out the equations they are in.
    The season is the series' own or else pooled one: with Fourier terms among the regressors of
    each series RMSSE was larger on all five panels tried.

    Returns:
        Means, shape (series, steps), 0 or more; the mean of the past with fewer than 16 periods.
    """
    if history.length < MIN_PERIODS:
        return np.repeat(history.mean[:, None], history.steps, axis=1)
    season = history.seasons.of_each(np.arange(history.length + history.steps))
    units = _fill_end(history.units / season[:, : history.length])
    ahead = in_blocks(lambda rows: _forecast_block(units[rows], history.steps), len(units))
    return ahead.reshape(len(units), history.steps) * season[:, history.length :]
