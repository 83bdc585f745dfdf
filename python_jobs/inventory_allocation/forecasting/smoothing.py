"""Exponential smoothing of all series at once, averaged over smoothing parameters.

Arrays hold (parameters, series): a step through time is a handful of array operations, whatever
the number of series. Instead of optimising the parameters of a series, a grid of them is run and
averaged with Akaike weights (Burnham and Anderson 2002), which is steadier on short and noisy
series, and costs the same for every one.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

__all__ = ["akaike_weights", "holt_winters", "in_blocks", "smooth"]

Matrix = npt.NDArray[np.float64]

# Level, trend and damping parameters (Gardner and McKenzie 1985); without a trend where it is 0.
LEVELS = (0.03, 0.08, 0.15, 0.25, 0.4, 0.6, 0.85)
TRENDS = (
    (0.1, 0.05, 0.95),
    (0.2, 0.1, 0.95),
    (0.4, 0.1, 0.95),
    (0.7, 0.1, 0.95),
    (0.2, 0.1, 0.9),
    (0.5, 0.3, 0.9),
    (0.3, 0.02, 1.0),
)
FLAT_GRID = tuple((level, 0.0, 1.0) for level in LEVELS)
GRID = FLAT_GRID + TRENDS
SEASONAL_GRID = tuple(
    (level, trend, damping, season)
    for level in (0.05, 0.15, 0.35, 0.6)
    for trend, damping in ((0.0, 1.0), (0.1, 0.95), (0.03, 1.0))
    for season in (0.0, 0.05, 0.2)
)
# Series of a block whose arrays stay in the processor's cache.
BLOCK = 1024
# Errors of the first observations, where the start is still felt, don't count.
WARM_UP = 3


def in_blocks(compute: Callable[[slice], Matrix], series: int) -> Matrix:
    """Compute rows block by block and put them together."""
    blocks = [compute(slice(start, start + BLOCK)) for start in range(0, series, BLOCK)]
    return np.concatenate(blocks) if blocks else np.zeros((0, 0))


def _start(units: Matrix, span: int) -> tuple[Matrix, npt.NDArray[np.bool_], Matrix]:
    """Values with gaps as 0, where they are known, and the mean of the first `span` of them."""
    known = ~np.isnan(units)
    values = np.where(known, units, 0.0)
    first = known & (np.cumsum(known, axis=1) <= span)
    mean = (values * first).sum(axis=1) / np.maximum(first.sum(axis=1), 1)
    return values, known, mean


def akaike_weights(squared: Matrix, count: Matrix, parameters: Matrix) -> Matrix:
    """Weights of the grid by series, from sums of squared errors; shape (grid, series)."""
    count = np.maximum(count, 1.0)
    criterion = count * np.log(np.maximum(squared / count, 1e-9)) + 2 * parameters
    weights = np.exp(-0.5 * (criterion - criterion.min(axis=0)))
    normal: Matrix = weights / weights.sum(axis=0)
    return normal


def _smooth_block(
    units: Matrix, steps: int, season: Matrix | None, grid: tuple[tuple[float, ...], ...]
) -> Matrix:
    values, known, mean = _start(units, 8)
    warm = known & (np.cumsum(known, axis=1) > WARM_UP)
    counted = warm.sum(axis=1)[None].astype(np.float64)
    alpha, beta, phi = (np.array(column)[:, None] for column in zip(*grid, strict=True))
    # The grid's first rows have no trend, and none is computed for them.
    flat = int((beta == 0).sum())
    level = np.tile(mean, (len(grid), 1))
    sloped, trend, phi = level[flat:], np.zeros((len(grid) - flat, len(units))), phi[flat:]
    trend_gain = (alpha * beta)[flat:]
    squared, error, change = np.zeros_like(level), np.empty_like(level), np.empty_like(level)
    # A period's values lie side by side; masks are left out where they would multiply by 1.
    by_period, seasons = np.ascontiguousarray(values.T), None if season is None else season.T.copy()
    known_then, warm_then = known.T.copy(), warm.T.copy()
    all_known, all_warm = (np.logical_and.reduce(mask, axis=1) for mask in (known_then, warm_then))
    for period in range(len(by_period)):
        trend *= phi
        sloped += trend
        np.subtract(by_period[period], level, out=error)
        if not all_known[period]:
            error *= known_then[period]
        np.multiply(alpha, error, out=change)
        level += change
        trend += np.multiply(trend_gain, error[flat:], out=change[flat:])
        if seasons is not None:
            error *= seasons[period]
        error *= error
        if not all_warm[period]:
            error *= warm_then[period]
        squared += error
    parameters = np.where(beta > 0, 3.0, 1.0)
    weights = akaike_weights(squared, counted, parameters)
    ahead = np.empty((len(units), steps))
    for step in range(steps):
        trend *= phi
        sloped += trend
        ahead[:, step] = (weights * np.maximum(level, 0.0)).sum(axis=0)
    return ahead


def smooth(
    units: Matrix,
    steps: int,
    season: Matrix | None = None,
    grid: tuple[tuple[float, ...], ...] = GRID,
) -> Matrix:
    """Forecast by simple and damped-trend exponential smoothing.

    Args:
        units: Shape (series, periods); NaN where unknown, which leaves the state as it was.
        steps: Periods ahead.
        season: Multiplicative indices of the periods and the steps ahead, shape (series or 1,
            periods + steps): the series are smoothed without their season.
        grid: Level, trend and damping parameters to average over.

    Returns:
        Means, shape (series, steps), 0 or more.
    """
    periods = units.shape[1]

    def block(rows: slice) -> Matrix:
        if season is None:
            return _smooth_block(units[rows], steps, None, grid)
        own = season if len(season) == 1 else season[rows]
        past, ahead = own[:, :periods], own[:, periods : periods + steps]
        return _smooth_block(units[rows] / past, steps, past, grid) * ahead

    return in_blocks(block, len(units)).reshape(len(units), steps)


def _seasonal_block(units: Matrix, steps: int, indices: Matrix, additive: bool) -> Matrix:
    length = indices.shape[1]
    values, known, mean = _start(units, length)
    alpha, beta, phi, gamma = (
        np.array(column)[:, None] for column in zip(*SEASONAL_GRID, strict=True)
    )
    level = np.tile(mean, (len(SEASONAL_GRID), 1))
    trend = np.zeros_like(level)
    squared = np.zeros_like(level)
    start = (indices - 1) * np.nanmean(units, axis=1, keepdims=True) if additive else indices
    seasons = np.repeat(start.T[:, None, :], len(SEASONAL_GRID), axis=1)
    warm = known & (np.cumsum(known, axis=1) > WARM_UP)
    for period in range(units.shape[1]):
        season = seasons[period % length]
        base = level + phi * trend
        expected = base + season if additive else base * season
        error = (values[:, period] - expected) * known[:, period]
        squared += error * error * warm[:, period]
        change = error if additive else error / np.maximum(season, 0.05)
        level = base + alpha * change
        trend = phi * trend + alpha * beta * change
        if additive:
            season += gamma * error
        else:
            relative = np.where(base > 1e-9, error / np.maximum(base, 1e-9), 0.0)
            np.clip(season + gamma * relative, 0.0, 20.0, out=season)
    parameters = 1.0 + 2.0 * (beta > 0) + 1.0 * (gamma > 0)
    weights = akaike_weights(squared, warm.sum(axis=1)[None].astype(np.float64), parameters)
    ahead = np.empty((len(units), steps))
    for step in range(steps):
        trend = phi * trend
        level = level + trend
        season = seasons[(units.shape[1] + step) % length]
        base = np.maximum(level, 0.0)
        expected = np.maximum(base + season, 0.0) if additive else base * season
        ahead[:, step] = (weights * expected).sum(axis=0)
    return ahead


def holt_winters(units: Matrix, steps: int, indices: Matrix, additive: bool) -> Matrix:
    """Forecast by Holt and Winters' smoothing of level, damped trend and season.

    Args:
        units: Shape (series, periods); NaN where unknown.
        steps: Periods ahead.
        indices: Multiplicative seasonal indices to start from, shape (series, season length), by
            position in the season.
        additive: Whether the season is added to the level, or multiplies it.

    Returns:
        Means, shape (series, steps), 0 or more.
    """

    def block(rows: slice) -> Matrix:
        return _seasonal_block(units[rows], steps, indices[rows], additive)

    return in_blocks(block, len(units)).reshape(len(units), steps)
