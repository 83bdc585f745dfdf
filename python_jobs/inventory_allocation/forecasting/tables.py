"""The long table of what the engine holds as arrays."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.forecasting.ensemble import Combined, Origin, band_of
from inventory_allocation.forecasting.history import CLASSES
from inventory_allocation.forecasting.noise_floor import poisson_mape_floor
from inventory_allocation.forecasting.panel import Panel
from inventory_allocation.forecasting.registry import (
    AGGREGATE,
    BASE,
    GLOBAL,
    START_WEIGHTS,
    STATISTICAL,
)
from inventory_allocation.forecasting.settings import ForecastSettings, quantile_name
from inventory_allocation.forecasting.tree import SERIES

__all__ = ["MODELS", "list_nodes", "list_series", "type_of_columns"]

Matrix = npt.NDArray[np.float64]

# The class of demand of what series add up to.
ALL = "all"
# Below it the noise floor isn't computed.
SMALLEST_MEAN = 0.05
# The models whose means are reported, a column each.
MODELS = (*STATISTICAL, *AGGREGATE, BASE, *GLOBAL)


def type_of_columns(settings: ForecastSettings) -> dict[str, str]:
    """Columns of the table, with their types."""
    quantiles = [quantile_name(level) for level in settings.levels]
    numbers = [
        "mean",
        "unreconciled",
        *quantiles,
        "lead_time_mean",
        *(f"lead_time_{name}" for name in quantiles),
        "actual",
        "training_units",
        "naive_error",
        "naive_squared_error",
        "noise_floor",
        *(f"weight_{name}" for name in START_WEIGHTS),
        "trust",
        *(MODELS if settings.report_members else ()),
    ]
    return {
        "cutoff": "datetime64[us]",
        "is_forecast": "bool",
        "level": "string",
        "series_id": "string",
        "period_start": "datetime64[us]",
        "horizon": "int64",
        "band": "int64",
        "demand_class": "string",
        "basis": "string",
        **dict.fromkeys(numbers, "float64"),
    }


def _name_quantiles(
    prefix: str, quantiles: npt.NDArray[np.float64], settings: ForecastSettings
) -> dict[str, Matrix]:
    flat = quantiles.reshape(-1, len(settings.levels))
    return {prefix + quantile_name(level): flat[:, i] for i, level in enumerate(settings.levels)}


def _as_text(values: Sequence[str] | npt.NDArray[np.object_]) -> Any:
    return pd.array(list(values), dtype="string")


def list_series(
    panel: Panel, origin: Origin, combined: Combined, settings: ForecastSettings
) -> pd.DataFrame:
    """One row per series and period ahead of an origin; see `Forecasts`."""
    names = np.array(panel.series, dtype=object)
    columns = {
        "level": _as_text([SERIES]).repeat(len(origin.series) * settings.forecast_periods),
        "demand_class": _as_text(CLASSES)[origin.group].repeat(settings.forecast_periods),
    }
    return _list_rows(panel, names, origin, combined, settings, columns)


def list_nodes(
    panel: Panel,
    origin: Origin,
    combined: Combined,
    trust: npt.NDArray[np.float64],
    settings: ForecastSettings,
) -> pd.DataFrame:
    """The same of the nodes that series add up to."""
    names = np.array([name for labels in panel.tree.labels for name in labels], dtype=object)
    steps = settings.forecast_periods
    columns = {
        "level": _as_text(panel.tree.levels)[origin.group].repeat(steps),
        "demand_class": _as_text([ALL]).repeat(len(origin.series) * steps),
        "trust": np.repeat(trust[origin.group], steps),
    }
    return _list_rows(panel, names, origin, combined, settings, columns)


def _list_rows(
    panel: Panel,
    names: npt.NDArray[np.object_],
    origin: Origin,
    combined: Combined,
    settings: ForecastSettings,
    columns: Mapping[str, object],
) -> pd.DataFrame:
    steps, series = settings.forecast_periods, len(origin.series)
    cutoff = panel.periods[origin.length - 1]
    is_forecast = origin.length == len(panel.periods)
    ahead = pd.date_range(cutoff, periods=steps + 1, freq=settings.frequency)[1:]

    def by_series(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.repeat(values, steps)

    rows: dict[str, object] = {
        **columns,
        "cutoff": cutoff,
        "is_forecast": is_forecast,
        "series_id": _as_text(names)[origin.series].repeat(steps),
        "period_start": np.tile(ahead.to_numpy(), series),
        "horizon": np.tile(np.arange(1, steps + 1), series),
        "band": np.tile(band_of(steps) + 1, series),
        "basis": _as_text(origin.basis).repeat(steps),
        "mean": combined.mean.ravel(),
        "unreconciled": combined.unreconciled.ravel(),
        "lead_time_mean": combined.mean.cumsum(axis=1).ravel(),
        "actual": origin.actual.ravel(),
        "training_units": by_series(origin.scale.training_units),
        "naive_error": by_series(origin.scale.naive_error),
        "naive_squared_error": by_series(origin.scale.naive_squared_error),
        "noise_floor": poisson_mape_floor(np.maximum(combined.mean, SMALLEST_MEAN).ravel()),
    }
    # What the past says of a forecast of the past, or nothing.
    if combined.is_calibrated or is_forecast:
        rows |= _name_quantiles("", combined.quantiles, settings)
        rows |= _name_quantiles("lead_time_", combined.lead_time_quantiles, settings)
    for position, name in enumerate(combined.models):
        rows[f"weight_{name}"] = combined.weights[:, :, position].ravel()
    if settings.report_members:
        rows |= {name: means.ravel() for name, means in origin.members.items()}
    types = type_of_columns(settings)
    empty = np.full(series * steps, np.nan)
    # One column is one array: nothing is copied but for what has another type.
    frame = pd.DataFrame({name: rows.get(name, empty) for name in types}, copy=False)
    return frame.astype({name: kind for name, kind in types.items() if frame[name].dtype != kind})
