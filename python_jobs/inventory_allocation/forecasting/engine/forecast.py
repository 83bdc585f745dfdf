"""From a long panel to long forecasts, with the backtest that they rest on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.forecasting.engine.ensemble import Combined, Origin, combine
from inventory_allocation.forecasting.engine.history import CLASSES
from inventory_allocation.forecasting.engine.panel import EnginePanel, read_panel
from inventory_allocation.forecasting.engine.settings import EngineSettings
from inventory_allocation.forecasting.engine.timeline import Timeline

__all__ = ["ENSEMBLE", "Forecasts", "forecast", "quantile_name"]

Matrix = npt.NDArray[np.float64]

# With fewer periods known an origin says nothing.
MIN_PERIODS = 8
ENSEMBLE = "ensemble"


@dataclass(frozen=True)
class Forecasts:
    """What `forecast` gives, all frames sorted by key.

    Attributes:
        forecasts: series_id, period_start, horizon, mean, quantiles, demand_class.
        lead_times: series_id, horizon, mean and quantiles of demand summed from the first period
            ahead to the horizon.
        backtests: cutoff, model, series_id, period_start, horizon, forecast, actual,
            demand_class; for the ensemble also quantiles, null at origins before which nothing
            had come true.
        weights: demand_class, band, model, weight; and the trust in the total's own forecast.
        repairs: series_id, reason, rows, remedy: what was wrong with the panel.
    """

    forecasts: pd.DataFrame
    lead_times: pd.DataFrame
    backtests: pd.DataFrame
    weights: pd.DataFrame
    repairs: pd.DataFrame


def quantile_name(level: float) -> str:
    """Name of the column of a quantile: q0_975 for 0.975."""
    return f"q{level:g}".replace(".", "_")


def backtest_lengths(periods: int, settings: EngineSettings) -> list[int]:
    """Periods known at each origin of the backtest, oldest first.

    Of origins that know less of the season than the last one does, enough others leave them out.
    """
    newest = periods - settings.forecast_periods
    lengths = [
        newest - number * settings.stride
        for number in range(settings.backtest_origins)
        if newest - number * settings.stride >= MIN_PERIODS
    ]
    season = settings.season_length
    least = next((need for need in (2 * season + 1, season) if periods >= need), 0)
    alike = [length for length in lengths if length >= least]
    return sorted(alike if len(alike) >= 3 else lengths)


def _collect(panel: EnginePanel, settings: EngineSettings) -> list[Origin]:
    """Forecasts of all models at every origin, the last one the end of the panel."""
    steps = settings.forecast_periods
    arguments = (settings.season_length, steps, settings.stride, settings.seed)
    timeline = Timeline(panel.units, *arguments, settings.global_models)
    total = Timeline(np.nansum(panel.units, axis=0)[None], *arguments, ())
    origins = []
    end = len(panel.periods)
    learnt = None
    for number, length in enumerate([*backtest_lengths(end, settings), end]):
        if learnt is None or number % settings.refit_every == 0 or length == end:
            learnt = timeline.learn(length)
        rows, history = timeline.history(length)
        above = total.learn(length)
        origins.append(
            Origin(
                length=length,
                series=rows,
                members=timeline.forecast(length, learnt),
                total=total.base(length, above.models, above.weights)[0],
                actual=timeline.actual(length),
                demand_class=history.demand_class,
                naive_error=history.naive_error,
                level=history.level,
            )
        )
    return origins


def _long(panel: EnginePanel, origin: Origin, settings: EngineSettings) -> pd.DataFrame:
    """Keys of an origin's series and steps."""
    steps = settings.forecast_periods
    last = panel.periods[origin.length - 1]
    ahead = pd.date_range(last, periods=steps + 1, freq=settings.frequency)[1:]
    names = np.array(panel.series, dtype=object)[origin.series]
    classes = np.array(CLASSES, dtype=object)[origin.demand_class]
    return pd.DataFrame(
        {
            "series_id": np.repeat(names, steps),
            "period_start": np.tile(ahead.to_numpy(), len(names)),
            "horizon": np.tile(np.arange(1, steps + 1), len(names)),
            "demand_class": np.repeat(classes, steps),
        }
    )


def _with_quantiles(
    frame: pd.DataFrame, quantiles: npt.NDArray[np.float64], levels: tuple[float, ...]
) -> pd.DataFrame:
    flat = quantiles.reshape(-1, len(levels))
    return frame.assign(**{quantile_name(q): flat[:, i] for i, q in enumerate(levels)})


def _backtests(
    panel: EnginePanel, origins: list[Origin], combined: list[Combined], settings: EngineSettings
) -> pd.DataFrame:
    parts = []
    for origin, together in zip(origins, combined, strict=True):
        keys = _long(panel, origin, settings).assign(
            cutoff=panel.periods[origin.length - 1], actual=origin.actual.ravel()
        )
        ensemble = keys.assign(model=ENSEMBLE, forecast=together.mean.ravel())
        if together.is_calibrated:
            ensemble = _with_quantiles(ensemble, together.quantiles, settings.levels)
        members = [
            keys.assign(model=name, forecast=means.ravel())
            for name, means in origin.members.items()
            if settings.report_members
        ]
        parts += [ensemble, *members]
    key = ["cutoff", "model", "series_id", "period_start"]
    quantiles = [quantile_name(level) for level in settings.levels]
    columns = [*key, "horizon", "demand_class", "forecast", "actual", *quantiles]
    if not parts:
        return pd.DataFrame(columns=columns)
    frame = pd.concat(parts, ignore_index=True).sort_values(key, ignore_index=True)
    return frame.reindex(columns=columns)


def _weights(combined: Combined) -> pd.DataFrame:
    rows = [
        (name, band, model, float(combined.weights[number, band, position]), combined.trust)
        for number, name in enumerate(CLASSES)
        for band in range(combined.weights.shape[1])
        for position, model in enumerate(combined.models)
    ]
    columns = ["demand_class", "band", "model", "weight", "trust_in_total"]
    return pd.DataFrame(rows, columns=columns)


def forecast(frame: pd.DataFrame, settings: EngineSettings) -> Forecasts:
    """Forecast every series of a panel, and say how such forecasts did in the past.

    Pure: no file, no clock, one thread; the same rows in any order give the same bytes.

    Args:
        frame: Columns series_id, period_start, units and optionally is_stockout; see `read_panel`
            for what happens to rows that break the rules.
        settings: Settings.

    Raises:
        InputError: A column is missing.
    """
    panel = read_panel(frame, settings)
    quantiles = [quantile_name(level) for level in settings.levels]
    columns = ["series_id", "period_start", "horizon", "mean", *quantiles, "demand_class"]
    if panel.units.size == 0 or np.isnan(panel.units).all():
        empty = pd.DataFrame(columns=columns)
        none = pd.DataFrame()
        return Forecasts(empty, none, none, none, panel.repairs)
    origins = _collect(panel, settings)
    combined = combine(origins, settings.levels)
    now = _long(panel, origins[-1], settings).assign(mean=combined[-1].mean.ravel())
    now = _with_quantiles(now, combined[-1].quantiles, settings.levels)
    sums = now[["series_id", "horizon"]].assign(mean=combined[-1].mean.cumsum(axis=1).ravel())
    return Forecasts(
        now[columns],
        _with_quantiles(sums, combined[-1].lead_time_quantiles, settings.levels),
        _backtests(panel, origins[:-1], combined[:-1], settings),
        _weights(combined[-1]),
        panel.repairs,
    )
