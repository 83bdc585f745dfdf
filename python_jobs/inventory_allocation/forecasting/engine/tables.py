"""Long tables from what the engine holds as arrays."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.forecasting.engine.ensemble import Combined, Origin
from inventory_allocation.forecasting.engine.history import CLASSES
from inventory_allocation.forecasting.engine.panel import EnginePanel
from inventory_allocation.forecasting.engine.settings import EngineSettings

__all__ = [
    "ENSEMBLE",
    "list_backtests",
    "list_forecasts",
    "list_lead_times",
    "list_weights",
    "quantile_name",
]

ENSEMBLE = "ensemble"


def quantile_name(level: float) -> str:
    """Name of the column of a quantile: q0_975 for 0.975."""
    return f"q{level:g}".replace(".", "_")


def _list_keys(panel: EnginePanel, origin: Origin, settings: EngineSettings) -> pd.DataFrame:
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


def _add_quantiles(
    frame: pd.DataFrame, quantiles: npt.NDArray[np.float64], settings: EngineSettings
) -> pd.DataFrame:
    flat = quantiles.reshape(-1, len(settings.levels))
    return frame.assign(
        **{quantile_name(level): flat[:, i] for i, level in enumerate(settings.levels)}
    )


def list_forecasts(
    panel: EnginePanel, origin: Origin, combined: Combined, settings: EngineSettings
) -> pd.DataFrame:
    """One row per series and period ahead: mean, quantiles, class of demand."""
    rows = _list_keys(panel, origin, settings).assign(mean=combined.mean.ravel())
    rows = _add_quantiles(rows, combined.quantiles, settings)
    quantiles = [quantile_name(level) for level in settings.levels]
    return rows[["series_id", "period_start", "horizon", "mean", *quantiles, "demand_class"]]


def list_lead_times(
    panel: EnginePanel, origin: Origin, combined: Combined, settings: EngineSettings
) -> pd.DataFrame:
    """One row per series and periods summed from the first ahead: mean and quantiles."""
    rows = _list_keys(panel, origin, settings)[["series_id", "horizon"]]
    rows = rows.assign(mean=combined.mean.cumsum(axis=1).ravel())
    return _add_quantiles(rows, combined.lead_time_quantiles, settings)


def list_backtests(
    panel: EnginePanel,
    origins: Sequence[Origin],
    combined: Sequence[Combined],
    settings: EngineSettings,
) -> pd.DataFrame:
    """One row per origin, model, series and period, sorted."""
    key = ["cutoff", "model", "series_id", "period_start"]
    quantiles = [quantile_name(level) for level in settings.levels]
    columns = [*key, "horizon", "demand_class", "forecast", "actual", *quantiles]
    parts = [pd.DataFrame(columns=columns)] if not origins else []
    for origin, together in zip(origins, combined, strict=True):
        keys = _list_keys(panel, origin, settings).assign(
            cutoff=panel.periods[origin.length - 1], actual=origin.actual.ravel()
        )
        ensemble = keys.assign(model=ENSEMBLE, forecast=together.mean.ravel())
        if together.is_calibrated:
            ensemble = _add_quantiles(ensemble, together.quantiles, settings)
        members = [
            keys.assign(model=name, forecast=means.ravel())
            for name, means in origin.members.items()
            if settings.report_members
        ]
        parts += [ensemble, *members]
    rows = pd.concat(parts, ignore_index=True).sort_values(key, ignore_index=True)
    return rows.reindex(columns=columns)


def list_weights(combined: Combined) -> pd.DataFrame:
    """One row per class of demand, band of the horizon and model: weight; trust in the total."""
    rows = [
        (name, band, model, float(combined.weights[number, band, position]), combined.trust)
        for number, name in enumerate(CLASSES)
        for band in range(combined.weights.shape[1])
        for position, model in enumerate(combined.models)
    ]
    columns = ["demand_class", "band", "model", "weight", "trust_in_total"]
    return pd.DataFrame(rows, columns=columns)
