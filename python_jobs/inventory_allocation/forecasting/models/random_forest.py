"""A global random forest: one model for all series and all steps ahead."""

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.panel import Panel
from inventory_allocation.forecasting.settings import ForecastSettings

__all__ = ["forecast_random_forest"]

Matrix = npt.NDArray[np.float64]

ORIGINS = 40
MAX_TRAINING_ROWS = 25_000
TREES = 50
MAX_RATIO = 10.0


def _window_mean(demand: Matrix, end: int, length: int) -> Matrix:
    """Mean of the `length` periods before column `end`; 0 where none is known."""
    window = demand[:, max(0, end - length) : end]
    known = ~np.isnan(window)
    mean: Matrix = np.where(known, window, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return mean


def _level(demand: Matrix, end: int, season_length: int) -> Matrix:
    """What a series sells in a period: every feature and target is a ratio to it."""
    return _window_mean(demand, end, season_length) + 0.05


def _season_ratio(demand: Matrix, column: int, level: Matrix) -> Matrix:
    """Sales around a period a season or two ago, as a ratio; NaN where unknown."""
    if column < 1:
        return np.full(len(demand), np.nan)
    window = demand[:, max(0, column - 1) : column + 2]
    ratio: Matrix = np.where(
        np.isnan(demand[:, column]), np.nan, _window_mean(window, window.shape[1], 3) / level
    )
    return ratio


def _features(demand: Matrix, end: int, step: int, settings: ForecastSettings) -> Matrix:
    """Features for the period `step` ahead of column `end`, shape (series, features).

    Only columns before `end` are read: a season ago is the last one known by then.
    """
    season = settings.season_length
    demand = demand[:, :end]
    level = _level(demand, end, season)
    target = end + step
    angle = 2 * np.pi * (target % season) / season
    pooled_level = level.sum()
    last_year = target - (step // season + 1) * season
    pooled = np.nan
    if last_year >= 1:
        window = demand[:, last_year - 1 : last_year + 2]
        pooled = float(np.nansum(window)) / window.shape[1] / pooled_level
    columns = [
        np.log(level),
        demand[:, end - 1] / level,
        _window_mean(demand, end, 4) / level,
        _window_mean(demand, end, 13) / level,
        _window_mean(demand, end, 26) / level,
        _season_ratio(demand, last_year, level),
        _season_ratio(demand, last_year - season, level),
        np.full(len(demand), pooled),
        (demand[:, max(0, end - 26) : end] == 0).mean(axis=1),
        np.full(len(demand), float(step)),
        np.full(len(demand), np.sin(angle)),
        np.full(len(demand), np.cos(angle)),
    ]
    features: Matrix = np.clip(np.column_stack(columns), -1e6, 1e6)
    return features


def _training_rows(demand: Matrix, settings: ForecastSettings) -> tuple[Matrix, Matrix, Matrix]:
    """Features, ratios and weights of past origins; weights are levels, so that units count."""
    length = demand.shape[1]
    features, ratios, weights = [], [], []
    stride = max(1, settings.forecast_periods // 4)
    for back in range(1, ORIGINS * stride + 1, stride):
        end = length - back
        if end < 4:
            break
        for step in range(min(settings.forecast_periods, back)):
            known = ~np.isnan(demand[:, end - 1])
            level = _level(demand, end, settings.season_length)
            features.append(_features(demand, end, step, settings)[known])
            ratios.append(np.minimum(demand[known, end + step] / level[known], MAX_RATIO))
            weights.append(level[known])
    if not features:
        return np.zeros((0, 12)), np.zeros(0), np.zeros(0)
    return np.concatenate(features), np.concatenate(ratios), np.concatenate(weights)


def forecast_random_forest(panel: Panel, settings: ForecastSettings) -> npt.NDArray[np.float64]:
    """Forecast all series by one random forest on lags, rolling means and the calendar.

    Targets are ratios to the level of the series. Direct: the step ahead is a feature. With too
    little history to train on, the mean of the last season is the forecast.
    """
    from sklearn.ensemble import RandomForestRegressor

    demand = panel.demand()
    end = demand.shape[1]
    features, ratios, weights = _training_rows(demand, settings)
    if len(features) < 100:
        recent = _window_mean(demand, end, settings.season_length)
        return np.repeat(recent[:, None], settings.forecast_periods, axis=1)
    level = _level(demand, end, settings.season_length)
    rng = np.random.default_rng(settings.seed)
    sample = np.sort(rng.permutation(len(features))[:MAX_TRAINING_ROWS])
    forest = RandomForestRegressor(
        TREES,
        min_samples_leaf=10,
        max_features=1 / 3,
        max_samples=0.5,
        random_state=settings.seed,
        n_jobs=1,
    )
    forest.fit(features[sample], ratios[sample], sample_weight=weights[sample])
    steps = range(settings.forecast_periods)
    ahead = np.concatenate([_features(demand, end, step, settings) for step in steps])
    means: Matrix = forest.predict(ahead).reshape(len(steps), -1).T * level[:, None]
    return means
