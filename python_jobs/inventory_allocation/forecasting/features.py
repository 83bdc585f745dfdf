"""Features of a series, an origin and a step ahead, for models that learn from all series."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.history import History, mean_of_last

__all__ = ["FEATURE_GROUPS", "build_features", "floor_base", "measure_relatives"]

Matrix = npt.NDArray[np.float64]
Features = npt.NDArray[np.float32]

FEATURE_GROUPS = (
    "size",
    "recent",
    "calendar",
    "season",
    "relatives",
    "signals",
    "means",
    "last_season",
    "models",
)
LAGS = (1, 2, 3)
WINDOWS = (3, 6, 13, 26, 52)
ZERO_WINDOW = 26
# Periods that say how relatives are doing now, and before.
NOW, BEFORE = 4, 26
# No base forecast is below this share of the size of its series: it is multiplied.
FLOOR = 0.01


def floor_base(base: Matrix, history: History) -> Matrix:
    """A base forecast that can be multiplied: at least a hundredth of the series' size."""
    return np.maximum(base, FLOOR * history.level[:, None])


def _around(units: Matrix, column: int) -> npt.NDArray[np.float64]:
    """Mean of three periods around a column; NaN before the start."""
    if column < 1:
        return np.full(len(units), np.nan)
    window = units[:, column - 1 : column + 2]
    known = ~np.isnan(window)
    mean = np.where(known, window, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.where(known.any(axis=1), mean, np.nan)


def _fixed(history: History) -> dict[str, list[npt.NDArray[np.float64]]]:
    """What doesn't depend on the step: the size of the series and its recent past."""
    units, level = history.units, history.level
    recent = units[:, -max(history.season_length, 13) :]
    known = ~np.isnan(recent)
    count = np.maximum(known.sum(axis=1), 1)
    centre = np.where(known, recent, 0.0).sum(axis=1) / count
    spread = np.sqrt(np.where(known, (recent - centre[:, None]) ** 2, 0.0).sum(axis=1) / count)
    unknown = np.full(len(units), np.nan)
    season = history.season_length
    growth = unknown
    if history.length >= 2 * season:
        before = mean_of_last(units[:, :-season], season)
        growth = mean_of_last(units, season) / np.maximum(before, 0.02 * level)
    lags = [units[:, -lag] / level if lag <= history.length else unknown for lag in LAGS]
    zeros = (units[:, -ZERO_WINDOW:] == 0).mean(axis=1)
    return {
        "size": [np.log(level), np.log1p(history.known_periods)],
        "recent": [zeros, spread / level, growth, *lags],
    }


def _windows(history: History) -> list[npt.NDArray[np.float64]]:
    """Means of the recent past, in units; NaN where it is all there is."""
    unknown = np.full(len(history.units), np.nan)
    return [
        mean_of_last(history.units, window) if window < history.length else unknown
        for window in WINDOWS
    ]


def measure_relatives(
    history: History, families: Sequence[npt.NDArray[np.int64]]
) -> list[npt.NDArray[np.float64]]:
    """How each family of series sells now beside before, against all series, as a logarithm.

    What all have in common differs from origin to origin only, and they are few to learn from.
    """
    season = history.seasons.of_all(np.arange(history.length))
    units = np.nan_to_num(history.units / season)
    now, before = (units[:, -window:].mean(axis=1) for window in (NOW, BEFORE))

    def growth(family: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        # Above 0 for families without a series, too.
        small = FLOOR * np.bincount(family, history.level) + 1e-12
        sums = [np.bincount(family, part) + small for part in (now, before)]
        ratio: npt.NDArray[np.float64] = np.log(sums[0] / sums[1])[family]
        return ratio

    overall = growth(np.zeros(len(units), dtype=np.int64))
    return [growth(family) - overall for family in families]


def build_features(
    history: History,
    forecasts: dict[str, Matrix],
    base: Matrix,
    left_out: Collection[str] = (),
    others: Mapping[str, Sequence[Matrix]] | None = None,
) -> Features:
    """Build the features of every series and step at an origin.

    Everything in units is relative to the size of the series, so that what is learnt of one
    series serves another; what could be a forecast itself is the logarithm of its ratio to the
    base, which is what a model of the base's error needs.

    Args:
        history: What is known at the origin.
        forecasts: Forecasts of other models at the origin, by name; shapes (series, steps).
        base: The forecast to be improved, above 0, shape (series, steps).
        left_out: Groups of features (of FEATURE_GROUPS) to do without.
        others: Features that don't come from the history of the series, by group, each of shape
            (series, steps).

    Returns:
        Shape (series, steps, features); the last feature is the logarithm of the base over the size
        of the series.
    """
    series = len(history.units)
    seasons, season = history.seasons, history.season_length
    level = history.level
    fixed, windows = _fixed(history), _windows(history)
    others = {"relatives": (), "signals": ()} | dict(others or {})
    rows = []
    for step, period in enumerate(history.periods_ahead.tolist()):
        position = period % season
        angle = 2 * np.pi * position / season
        last = period - (step // season + 1) * season
        groups = fixed | {
            "calendar": [
                np.full(series, float(step)),
                np.full(series, np.sin(angle)),
                np.full(series, np.cos(angle)),
            ],
            "season": [
                np.full(series, seasons.pooled[position] if seasons.has_pooled else np.nan),
                seasons.own[:, position] if seasons.has_own else np.full(series, np.nan),
            ],
            **{name: [values[:, step] for values in group] for name, group in others.items()},
        }
        rivals = {
            "means": windows,
            "last_season": [_around(history.units, column) for column in (last, last - season)],
            "models": [forecast[:, step] for forecast in forecasts.values()],
        }
        own = base[:, step] / level
        for name, values in rivals.items():
            groups[name] = [np.log((value / level + FLOOR) / (own + FLOOR)) for value in values]
        kept = [value for name in FEATURE_GROUPS if name not in left_out for value in groups[name]]
        rows.append(np.column_stack([*kept, np.log(own)]))
    return np.stack(rows, axis=1).astype(np.float32)
